/** Patterns among the inputs, matched by fast-glob, which is loaded when the first one is there: it costs 25 ms to load. */
import { createRequire } from 'node:module';
import { PzipError } from '../errors.js';
import { sortNames } from './name-order.js';
import { quote } from './names.js';
import type { SelectContext } from './select-context.js';

/** Whether a path that does not exist could have been meant as a pattern. */
export function isPattern(input: string): boolean {
  return /[*?[{]|[!@+]\(/.test(input);
}

/**
 * The files and links that the patterns match, relative to the working directory, sorted. Names that begin with a dot match
 * like others: what an archive leaves out, it was told to. Directories are not matched, only what is in them, so that `*.d`
 * does not bring an empty `conf.d/`; a pattern that ends in `/` matches directories and nothing else.
 *
 * @throws PzipError PZIP_NOTHING_MATCHED naming the pattern that matches nothing
 */
export function matchPatterns(
  patterns: readonly string[],
  excluded: readonly string[],
  context: SelectContext,
): string[] {
  const fastGlob: typeof import('fast-glob') = createRequire(import.meta.url)('fast-glob');
  const ignore = excluded.map((pattern) => slashed(pattern, context.platform));
  const matches = new Set<string>();
  for (const pattern of patterns) {
    const forward = slashed(pattern, context.platform);
    const wantsDirectories = forward.endsWith('/');
    const found = fastGlob.sync(wantsDirectories ? forward.replace(/\/+$/, '') : forward, {
      cwd: context.cwd,
      ignore,
      dot: true,
      followSymbolicLinks: false,
      objectMode: true,
      onlyFiles: false,
    });
    let isEmpty = true;
    for (const { path, dirent } of found) {
      if (dirent.isDirectory() !== wantsDirectories) continue;
      matches.add(wantsDirectories ? `${path}/` : path);
      isEmpty = false;
    }
    if (isEmpty) {
      const message = `The pattern ${quote(pattern)} matches nothing in ${quote(context.cwd)}; correct it or leave it out`;
      throw new PzipError('PZIP_NOTHING_MATCHED', message, { path: pattern });
    }
  }
  return sortNames([...matches]);
}

/** On Windows a backslash separates directories unless it stands before a character that patterns use. */
function slashed(pattern: string, platform: NodeJS.Platform): string {
  return platform === 'win32' ? pattern.replace(/\\(?![()[\]{}!*?@+|])/g, '/') : pattern;
}
