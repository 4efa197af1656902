/** Makes Sources of what a caller hands over entry by entry. Names are checked here, at the call. */
import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BytesSource, DirectorySource, FileSource, Source, StreamSource, SymlinkSource } from '../entry.js';
import { PzipError, quote } from '../errors.js';
import type { ArchiveEntry, EntryContent, EntryOptions, FileEntryOptions, StreamEntryOptions } from '../options.js';
import { modeFromStat, normalizeMode, S_IFDIR, S_IFLNK, S_IFREG } from '../zip/attributes.js';
import { DEFAULT_LAST_MODIFIED } from '../zip/dates.js';
import { checkComment, checkEntryName } from '../zip/names.js';
import { openContent, type StreamContent } from './stream-content.js';

/** What one of the entries that are given as records is: exactly one of its fields says so. */
const KINDS = ['path', 'data', 'stream', 'directory', 'linkTarget'] as const;

/**
 * The Source that a record describes, and the name it goes by; a file is looked at here.
 *
 * @throws PzipError as the calls for single entries do
 */
export function recordSource(entry: ArchiveEntry): Source {
  const { name } = entry;
  if (countKinds(entry) !== 1) {
    const kinds = KINDS.filter((kind) => hasKind(entry, kind));
    const found = kinds.length === 0 ? 'none of them' : kinds.join(' and ');
    throw new PzipError('PZIP_USAGE', `An entry has one of ${KINDS.join(', ')}; ${quote(name)} has ${found}`, {
      entryName: name,
    });
  }
  if ('directory' in entry && entry.directory) {
    const fullName = directoryName(name);
    checkEntry(fullName, 'directory', entry);
    return directorySource(fullName, entry);
  }
  checkEntry(name, 'file', entry);
  if ('path' in entry && entry.path !== undefined) return fileSource(name, entry.path, entry)();
  if ('data' in entry && entry.data !== undefined) return contentSource(name, entry.data, entry);
  if ('stream' in entry && entry.stream !== undefined) return streamSource(name, entry.stream, entry);
  if ('linkTarget' in entry && entry.linkTarget !== undefined) return symlinkSource(name, entry.linkTarget, entry);
  throw new PzipError('PZIP_USAGE', `directory of ${quote(name)} is true or left out`, { entryName: name });
}

/** A million entries are looked at one by one, so without an array for each. */
function countKinds(entry: ArchiveEntry): number {
  let count = 0;
  for (const kind of KINDS) if (hasKind(entry, kind)) count++;
  return count;
}

function hasKind(entry: ArchiveEntry, kind: (typeof KINDS)[number]): boolean {
  return kind in entry && Reflect.get(entry, kind) !== undefined;
}

/** A directory's name ends in `/`, whether or not the caller says so. */
export function directoryName(name: string): string {
  return typeof name === 'string' && !name.endsWith('/') ? `${name}/` : name;
}

/** @throws PzipError PZIP_NAME_INVALID, PZIP_COMMENT_INVALID or PZIP_USAGE, which name the entry and the rule */
export function checkEntry(name: string, kind: 'file' | 'directory', options: FileEntryOptions = {}): void {
  if (typeof name !== 'string') throw new PzipError('PZIP_NAME_INVALID', `A name is a string, not ${typeof name}`);
  const { comment = '', level } = options;
  const brokenComment = checkComment(comment, 'entry');
  if (brokenComment !== undefined) {
    throw new PzipError('PZIP_COMMENT_INVALID', `The comment of ${quote(name)} ${brokenComment}`, {
      entryName: name,
    });
  }
  const broken = checkEntryName(name, kind === 'directory', Buffer.byteLength(comment));
  if (broken !== undefined) {
    throw new PzipError('PZIP_NAME_INVALID', `The name ${quote(name)} ${broken}`, { entryName: name });
  }
  if (level !== undefined && !(Number.isInteger(level) && level >= 0 && level <= 10)) {
    throw new PzipError('PZIP_USAGE', `The level of ${quote(name)} is a whole number from 0 to 10, not ${level}`, {
      entryName: name,
    });
  }
}

/**
 * Looks at the file, following a symbolic link, when its turn has come.
 *
 * @param path absolute, or relative to what the working directory is now
 * @throws PzipError when it is called: PZIP_SOURCE_MISSING, PZIP_SOURCE_UNREADABLE or PZIP_SOURCE_UNSUPPORTED
 */
export function fileSource(name: string, path: string | URL, options: FileEntryOptions): () => FileSource {
  const absolute = resolve(path instanceof URL ? fileURLToPath(path) : path);
  return () => {
    const stats = statFile(absolute, String(path), name);
    const mode = options.mode ?? modeFromStat(stats.mode, S_IFREG, process.platform);
    return {
      ...facts(name, options, stats.mtimeMs, normalizeMode(mode, S_IFREG)),
      level: levelOf(name, options),
      kind: 'file',
      path: absolute,
      size: stats.size,
      dev: stats.dev,
      ino: stats.ino,
    };
  };
}

/** A Blob may lie anywhere, and is read in its turn; anything else is in memory. */
export function contentSource(
  name: string,
  content: EntryContent,
  options: FileEntryOptions,
): BytesSource | StreamSource {
  if (content instanceof Blob) return streamSource(name, () => content.stream(), { ...options, size: content.size });
  const { lastModified, comment } = options;
  return {
    kind: 'bytes',
    name,
    mode: normalizeMode(options.mode ?? 0o644, S_IFREG),
    mtimeMs: DEFAULT_LAST_MODIFIED,
    lastModified: lastModified === undefined ? undefined : checkDate(lastModified, name),
    comment,
    level: levelOf(name, options),
    bytes: toBytes(content, name),
  };
}

export function streamSource(
  name: string,
  open: () => StreamContent | Promise<StreamContent>,
  options: StreamEntryOptions,
): StreamSource {
  const { size } = options;
  if (typeof open !== 'function') {
    const message = `The stream of ${quote(name)} is given as a function, called when its turn comes, not as ${typeof open}`;
    throw new PzipError('PZIP_USAGE', message, { entryName: name });
  }
  if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0)) {
    throw new PzipError('PZIP_USAGE', `The size of ${quote(name)} is a whole number of bytes, not ${size}`, {
      entryName: name,
    });
  }
  return { ...contentFacts(name, options), kind: 'stream', size, open: () => openContent(open, name) };
}

export function directorySource(name: string, options: EntryOptions): DirectorySource {
  const mode = normalizeMode(options.mode ?? 0o755, S_IFDIR);
  return { ...facts(name, options, DEFAULT_LAST_MODIFIED, mode), kind: 'directory' };
}

export function symlinkSource(name: string, target: string, options: EntryOptions): SymlinkSource {
  if (typeof target !== 'string' || target === '') {
    throw new PzipError('PZIP_USAGE', `The link ${quote(name)} has no target`, { entryName: name });
  }
  const mode = normalizeMode(options.mode ?? 0o777, S_IFLNK);
  return { ...facts(name, options, DEFAULT_LAST_MODIFIED, mode), kind: 'symlink', target: Buffer.from(target) };
}

function contentFacts(name: string, options: FileEntryOptions) {
  const mode = normalizeMode(options.mode ?? 0o644, S_IFREG);
  return { ...facts(name, options, DEFAULT_LAST_MODIFIED, mode), level: levelOf(name, options) };
}

function facts(name: string, options: EntryOptions, mtimeMs: number, mode: number) {
  const { lastModified, comment } = options;
  return {
    name,
    mode,
    mtimeMs,
    lastModified: lastModified === undefined ? undefined : checkDate(lastModified, name),
    comment,
  };
}

function levelOf(name: string, { level, store }: FileEntryOptions): number | undefined {
  if (store === true) return 0;
  if (level === undefined || (Number.isInteger(level) && level >= 0 && level <= 10)) return level;
  const message = `The level of ${quote(name)} is a whole number from 0 to 10, not ${level}`;
  throw new PzipError('PZIP_USAGE', message, { entryName: name });
}

function checkDate(date: Date, name: string): number {
  const milliseconds = date instanceof Date ? date.getTime() : Number.NaN;
  if (!Number.isNaN(milliseconds)) return milliseconds;
  throw new PzipError('PZIP_USAGE', `lastModified of ${quote(name)} is no valid Date`, { entryName: name });
}

function toBytes(content: string | Uint8Array | ArrayBuffer, entryName: string): Uint8Array {
  if (typeof content === 'string') return Buffer.from(content);
  if (content instanceof Uint8Array) return content;
  if (content instanceof ArrayBuffer) return new Uint8Array(content);
  const message = `The content of ${quote(entryName)} is a string, a Uint8Array, an ArrayBuffer or a Blob, not ${typeof content}`;
  throw new PzipError('PZIP_USAGE', message, { entryName });
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
