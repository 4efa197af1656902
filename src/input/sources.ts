/** Makes Sources of what a caller hands over entry by entry. Names are checked here, at the call. */
import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BytesSource, DirectorySource, FileSource, SymlinkSource } from '../entry.js';
import { PzipError } from '../errors.js';
import type { EntryOptions, FileEntryOptions } from '../options.js';
import { modeFromStat, normalizeMode, S_IFDIR, S_IFLNK, S_IFREG } from '../zip/attributes.js';
import { checkComment, checkEntryName } from '../zip/names.js';

/** Of what has no date of its own: the first that the format can tell, so that the same calls give the same bytes. */
export const DEFAULT_LAST_MODIFIED = Date.UTC(1980, 0, 1);

/** @throws PzipError PZIP_NAME_INVALID or PZIP_COMMENT_INVALID, which name the entry and the rule */
export function checkEntry(name: string, kind: 'file' | 'directory', comment = ''): void {
  const brokenComment = checkComment(comment, 'entry');
  if (brokenComment !== undefined) {
    throw new PzipError('PZIP_COMMENT_INVALID', `The comment of ${JSON.stringify(name)} ${brokenComment}`, {
      entryName: name,
    });
  }
  const broken = checkEntryName(name, kind === 'directory', Buffer.byteLength(comment));
  if (broken !== undefined) {
    throw new PzipError('PZIP_NAME_INVALID', `The name ${JSON.stringify(name)} ${broken}`, { entryName: name });
  }
}

/**
 * Looks at the file, following a symbolic link, when its turn has come.
 *
 * @param path absolute, or relative to what the working directory is now
 * @throws PzipError when it is called: PZIP_SOURCE_MISSING, PZIP_SOURCE_UNREADABLE or PZIP_SOURCE_UNSUPPORTED
 */
export function fileSource(name: string, path: string, options: FileEntryOptions): () => FileSource {
  const absolute = resolve(path);
  return () => {
    const stats = statFile(absolute, path, name);
    const mode = options.mode ?? modeFromStat(stats.mode, S_IFREG, process.platform);
    return {
      ...facts(name, options, stats.mtimeMs, normalizeMode(mode, S_IFREG)),
      ...levelOf(options),
      kind: 'file',
      path: absolute,
      size: stats.size,
    };
  };
}

export function bytesSource(
  name: string,
  content: string | Uint8Array | ArrayBuffer,
  options: FileEntryOptions,
): BytesSource {
  const mode = normalizeMode(options.mode ?? 0o644, S_IFREG);
  return {
    ...facts(name, options, DEFAULT_LAST_MODIFIED, mode),
    ...levelOf(options),
    kind: 'bytes',
    bytes: toBytes(content),
  };
}

export function directorySource(name: string, options: EntryOptions): DirectorySource {
  const mode = normalizeMode(options.mode ?? 0o755, S_IFDIR);
  return { ...facts(name, options, DEFAULT_LAST_MODIFIED, mode), kind: 'directory' };
}

export function symlinkSource(name: string, target: string, options: EntryOptions): SymlinkSource {
  if (target === '') {
    throw new PzipError('PZIP_USAGE', `The link ${JSON.stringify(name)} has no target`, { entryName: name });
  }
  const mode = normalizeMode(options.mode ?? 0o777, S_IFLNK);
  return { ...facts(name, options, DEFAULT_LAST_MODIFIED, mode), kind: 'symlink', target: Buffer.from(target) };
}

function facts(name: string, options: EntryOptions, mtimeMs: number, mode: number) {
  const { lastModified, comment } = options;
  return {
    name,
    mode,
    mtimeMs,
    ...(lastModified === undefined ? {} : { lastModified: checkDate(lastModified, name) }),
    ...(comment === undefined ? {} : { comment }),
  };
}

function levelOf({ level, store }: FileEntryOptions): { level?: number } {
  if (store === true) return { level: 0 };
  return level === undefined ? {} : { level };
}

function checkDate(date: Date, name: string): number {
  const milliseconds = date.getTime();
  if (!Number.isNaN(milliseconds)) return milliseconds;
  throw new PzipError('PZIP_USAGE', `lastModified of ${JSON.stringify(name)} is an invalid Date`, { entryName: name });
}

function toBytes(content: string | Uint8Array | ArrayBuffer): Uint8Array {
  if (typeof content === 'string') return Buffer.from(content);
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}

function statFile(absolute: string, path: string, entryName: string): Stats {
  let stats: Stats;
  try {
    stats = statSync(absolute);
  } catch (cause) {
    const isMissing =
      cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
    throw isMissing
      ? new PzipError('PZIP_SOURCE_MISSING', `${path} does not exist`, { entryName, path, cause })
      : new PzipError('PZIP_SOURCE_UNREADABLE', `Cannot look at ${path}`, { entryName, path, cause });
  }
  if (stats.isFile()) return stats;
  const kind = stats.isDirectory() ? 'a directory: addGlob() and createArchive() take those' : 'not a regular file';
  throw new PzipError('PZIP_SOURCE_UNSUPPORTED', `${path} is ${kind}`, { entryName, path });
}
