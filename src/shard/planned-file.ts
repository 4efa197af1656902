/** The files of a plan, looked at by the machine that reads them: each must be as the plan says, below the working directory. */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import type { FileSource, Source } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { ExactStats } from '../common/exact-times.js';
import { explainReadError } from '../common/file-errors.js';

export class PlannedFiles {
  /** Without links. */
  readonly #root: string;
  /** The last directory that was found to be below the root. */
  #checked: string | undefined;

  /** @param cwd absolute */
  constructor(cwd: string) {
    this.#root = realpathSync(cwd);
  }

  /**
   * @returns the source with the identity of the file
   * @throws PzipError PZIP_SOURCE_CHANGED if it is not as planned, PZIP_SOURCE_MISSING, PZIP_SOURCE_UNREADABLE,
   * PZIP_MANIFEST_INVALID for a path that leads out of the working directory
   */
  readonly find = (source: Source): Source => {
    if (source.kind !== 'file') return source;
    const path = join(this.#root, this.#confined(source));
    const stats = this.#stat(source, path);
    if (stats.size !== source.size || stats.mtimeMs !== source.mtimeMs) {
      const what = stats.size === source.size ? 'another date' : `${stats.size} bytes instead of ${source.size}`;
      const message = `${quote(source.path)} is not as planned: it has ${what}; create the plan again`;
      throw new PzipError('PZIP_SOURCE_CHANGED', message, { path: source.path, entryName: source.name });
    }
    return { ...source, path, dev: stats.dev, ino: stats.ino, ctimeMs: stats.ctimeMs };
  };

  #stat(source: FileSource, path: string): ExactStats {
    try {
      this.#rejectOutside(source.isFollowed ? realpathSync(path) : path, source);
      const stats = source.isFollowed ? statSync(path, { bigint: true }) : lstatSync(path, { bigint: true });
      if (!stats.isFile())
        throw new PzipError('PZIP_SOURCE_CHANGED', `${quote(source.path)} is no regular file any more`);
      return new ExactStats(stats);
    } catch (cause) {
      if (cause instanceof PzipError) throw cause;
      const isMissing =
        cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
      const code = isMissing ? 'PZIP_SOURCE_MISSING' : 'PZIP_SOURCE_UNREADABLE';
      const message = `${quote(source.path)} is in the plan, and cannot be read here: ${explainReadError(cause)}`;
      throw new PzipError(code, message, { path: source.path, entryName: source.name, cause });
    }
  }

  #confined({ path, name }: FileSource): string {
    const isOutside = path === '' || isAbsolute(path) || path.includes('\0') || path.split('/').includes('..');
    if (isOutside) throw outside(path, name);
    return path;
  }

  /** A directory may be a symbolic link. */
  #rejectOutside(path: string, source: FileSource): void {
    const directory = dirname(path);
    if (directory === this.#checked) return;
    const real = realpathSync(directory);
    const prefix = this.#root.endsWith(sep) ? this.#root : `${this.#root}${sep}`;
    if (real !== this.#root && !real.startsWith(prefix)) throw outside(source.path, source.name);
    this.#checked = directory;
  }
}

function outside(path: string, entryName: string): PzipError {
  const message = `The plan has the path ${quote(path)}, which leads out of the working directory`;
  return new PzipError('PZIP_MANIFEST_INVALID', message, { path, entryName });
}
