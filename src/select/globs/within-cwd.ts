/** Finds absolute paths and paths with `../` that are in the working directory. */
import { realpathSync } from 'node:fs';
import { posix, win32 } from 'node:path';

export class WithinCwd {
  readonly #cwd: string;
  readonly #platform: NodeJS.Platform;
  #realCwd: string | undefined;

  /** @param cwd absolute */
  constructor(cwd: string, platform: NodeJS.Platform) {
    this.#cwd = cwd;
    this.#platform = platform;
  }

  /**
   * The path relative to the working directory, with `/` and without `.` and `..`: empty for the directory itself, undefined
   * for a path outside. A path that leads inside through a link, as `$PWD` may, is inside: links are resolved up to the last
   * existing directory.
   *
   * @param path absolute, or relative to the working directory
   */
  locate(path: string): string | undefined {
    if (this.#platform !== 'win32' && !path.startsWith('/') && !path.includes('..')) return withoutDots(path);
    const { resolve } = this.#platform === 'win32' ? win32 : posix;
    const absolute = resolve(this.#cwd, path);
    const inside = this.#below(this.#cwd, absolute);
    if (inside !== undefined) return inside;
    this.#realCwd ??= realPathOf(this.#cwd, this.#platform) ?? this.#cwd;
    const real = realPathOf(absolute, this.#platform);
    return real === undefined ? undefined : this.#below(this.#realCwd, real);
  }

  #below(directory: string, path: string): string | undefined {
    const separator = this.#platform === 'win32' ? '\\' : '/';
    if (path === directory) return '';
    const start = directory.endsWith(separator) ? directory : directory + separator;
    return path.startsWith(start) ? path.slice(start.length).replaceAll(separator, '/') : undefined;
  }
}

function withoutDots(path: string): string {
  if (!/(?:^|\/)\.?(?:\/|$)/.test(path)) return path;
  return path
    .split('/')
    .filter((component) => component !== '' && component !== '.')
    .join('/');
}

/** Resolves the links of the existing part of the path. */
function realPathOf(path: string, platform: NodeJS.Platform): string | undefined {
  const { dirname, basename, join } = platform === 'win32' ? win32 : posix;
  let rest = '';
  for (let existing = path; ; existing = dirname(existing)) {
    try {
      return join(realpathSync(existing), rest);
    } catch {
      if (dirname(existing) === existing) return undefined;
      rest = join(basename(existing), rest);
    }
  }
}
