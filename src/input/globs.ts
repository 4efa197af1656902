/** Patterns among the inputs, matched by fast-glob, which is loaded when the first one is there: that takes 25 ms. */
import { type Dirent, readdirSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FileSystemAdapter } from 'fast-glob';
import { PzipError, quote } from '../errors.js';
import { isSuspectName, withoutBadNames } from './bad-names.js';
import { systemCode, unreadable } from './failures.js';
import { sortNames } from './name-order.js';
import { absolutePath, entryNameOf, joinPath } from './names.js';
import type { SelectContext } from './select-context.js';

/** Whether a path that does not exist could have been meant as a pattern. */
export function isPattern(input: string): boolean {
  return /[*?[{]|[!@+]\(/.test(input);
}

/**
 * The files and links that the patterns match, as paths relative to the working directory (or absolute, as the pattern is),
 * sorted. Names that begin with a dot match like others: what an archive leaves out, it was told to. Directories are not
 * matched, only what is in them, so that `*.d` does not bring an empty `conf.d/`; a pattern that ends in `/` matches
 * directories and nothing else.
 *
 * @throws PzipError PZIP_NOTHING_MATCHED naming the pattern that matches nothing
 */
export async function matchPatterns(
  patterns: readonly string[],
  negated: readonly string[],
  context: SelectContext,
): Promise<string[]> {
  const { default: fastGlob } = await import('fast-glob');
  const ignore = negated.map((pattern) => forwardSlashes(pattern, context.platform));
  const follows = context.symlinks === 'follow';
  const matches = new Set<string>();
  for (const pattern of patterns) {
    const forward = forwardSlashes(pattern, context.platform);
    const wantsDirectories = forward.endsWith('/');
    const found = await fastGlob(wantsDirectories ? forward.replace(/\/+$/, '') : forward, {
      cwd: context.cwd,
      ignore,
      dot: true,
      followSymbolicLinks: follows,
      fs: { readdir: directoryReader(forward, context) },
      objectMode: true,
      onlyFiles: false,
    });
    let isEmpty = true;
    for (const { path, dirent } of found) {
      if (context.pace.isDue) await context.pace.turn();
      const isDirectory = dirent.isDirectory();
      if (isDirectory !== wantsDirectories) continue;
      if (!context.ignore.isIdle && isIgnored(path, isDirectory, context)) {
        context.counts.ignored++;
        continue;
      }
      isEmpty = false;
      if (!isSuspectName(path) || hasGoodName(absolutePath(context.cwd, path, context.platform), context)) {
        matches.add(isDirectory ? `${path}/` : path);
      }
    }
    if (isEmpty) throw nothingMatched(pattern, context);
  }
  return sortNames([...matches]);
}

function isIgnored(path: string, isDirectory: boolean, context: SelectContext): boolean {
  const child = `${path.slice(path.lastIndexOf('/') + 1)}${isDirectory ? '/' : ''}`;
  const { name } = entryNameOf(path, context.platform);
  return context.ignore.ignoresEntry(absolutePath(context.cwd, path, context.platform), child, name);
}

/**
 * On Windows a backslash separates directories, unless it stands before a character that means something in patterns and may
 * be in a name: then it quotes. `*`, `?` and `|` are in no name there.
 */
export function forwardSlashes(pattern: string, platform: NodeJS.Platform): string {
  return platform === 'win32' ? pattern.replace(/\\(?![()[\]{}!+@])/g, '/') : pattern;
}

/** The forms that fast-glob's adapter has; it uses the one with types wherever Node has it. */
type ReadDirectory = NonNullable<FileSystemAdapter['readdir']>;

type Listed = (error: Error | null, dirents: Dirent[]) => void;

/**
 * Lists directories without those that are ignored or lead back, so that fast-glob does not walk them. Each call is
 * synchronous, as in walk.ts, and answered on the next turn of the microtask queue, or of the event loop where that is due:
 * fast-glob's own synchronous form took 1.4 s of its undivided attention for 80,000 files.
 */
function directoryReader(pattern: string, context: SelectContext): ReadDirectory {
  const { ignore, separator, pace } = context;
  const above = pattern.startsWith('/') ? undefined : (/^(?:\.{1,2}\/)*/.exec(pattern)?.[0] ?? '');
  const root = above === undefined ? '' : resolve(context.cwd, above);
  const realPaths = new Map<string, string>();
  const isKept = (path: string): boolean => {
    const name = path.slice(root.length).replaceAll(separator, '/').replace(/^\/+/, '');
    return !ignore.ignoresEntry(path, `${name.slice(name.lastIndexOf('/') + 1)}/`, `${name}/`);
  };
  const isWalked = (path: string, dirent: Dirent): boolean => {
    const child = joinPath(path, dirent.name, separator);
    if (dirent.isSymbolicLink()) return context.symlinks !== 'follow' || !leadsBack(child, separator, realPaths);
    return ignore.isIdle || !dirent.isDirectory() || isKept(child);
  };
  const list = (path: string): Dirent[] => {
    try {
      return readdirSync(path, { withFileTypes: true }).filter((dirent) => isWalked(path, dirent));
    } catch (cause) {
      if (cause instanceof PzipError) throw cause;
      const code = systemCode(cause);
      // The directory before the first wildcard need not exist; any other was there a moment ago.
      if (code !== 'ENOENT' && code !== 'ENOTDIR') context.problem(unreadable(path, cause));
      else if (isSuspectName(path)) hasGoodName(path, context);
      return [];
    }
  };
  const listInTurn = async (path: string): Promise<Dirent[]> => {
    if (pace.isDue) await pace.turn();
    return list(path);
  };
  const read = (path: string, _options: unknown, listed: Listed): void => {
    listInTurn(path).then(
      (dirents) => listed(null, dirents),
      (error: Error) => listed(error, []),
    );
  };
  return read as ReadDirectory;
}

/** Whether a link leads to a directory that the path goes through, be it by links. */
function leadsBack(link: string, separator: string, realPaths: Map<string, string>): boolean {
  const realPathOf = (path: string): string => {
    const known = realPaths.get(path) ?? realpathSync(path);
    realPaths.set(path, known);
    return known;
  };
  try {
    const target = realpathSync(link);
    for (let end = link.lastIndexOf(separator); end > 0; end = link.lastIndexOf(separator, end - 1)) {
      if (realPathOf(link.slice(0, end)) === target) return true;
    }
  } catch {
    // A dangling link: not a directory, and reported when the entry is looked at.
  }
  return false;
}

/** Whether the last component is a name that can go in; reported when not. */
function hasGoodName(path: string, context: SelectContext): boolean {
  const slash = path.lastIndexOf(context.separator);
  return withoutBadNames(path.slice(0, slash), [path.slice(slash + 1)], context).length > 0;
}

function nothingMatched(pattern: string, context: SelectContext): PzipError {
  const where = quote(context.cwd);
  const message = context.ignore.isIdle
    ? `The pattern ${quote(pattern)} matches nothing in ${where}; correct it or leave it out`
    : `The pattern ${quote(pattern)} matches nothing in ${where} that is not ignored; correct it or the ignore patterns`;
  return new PzipError('PZIP_NOTHING_MATCHED', message, { path: pattern });
}
