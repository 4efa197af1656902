/** Creates Sources for entries that a caller adds one by one. Names and options are checked during the call. */
import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { bytesOf, hasLoneSurrogate } from '../common/bytes.js';
import type { BytesSource, DirectorySource, FileSource, Source, StreamSource, SymlinkSource } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { isTimeRoundedUp } from '../common/exact-times.js';
import { explainReadError, hasCode } from '../common/file-errors.js';
import { isOptionsObject, isPath, optionOf, show } from '../common/option-rules.js';
import { modeFromStat, normalizeMode, S_IFDIR, S_IFLNK, S_IFREG } from '../zip/attributes.js';
import { DEFAULT_LAST_MODIFIED } from '../zip/dates.js';
import { checkComment, checkEntryName } from '../zip/names.js';
import { type EntryKind, type ResolvedEntryOptions, resolveEntryOptions } from './entry-options.js';
import { openContent } from './stream-content.js';

/** The kinds of entries given as records, each recognized by exactly one field. */
const KINDS = ['path', 'data', 'stream', 'directory', 'linkTarget'] as const;

/**
 * The Source that a record describes, and its name; a file is examined here.
 *
 * @throws PzipError as the calls for single entries do
 */
export function recordSource(entry: unknown): Source {
  if (!isOptionsObject(entry)) {
    throw new PzipError('PZIP_USAGE', `An entry is an object with a \`name\` and its content (got ${show(entry)})`);
  }
  const name = entryNameOf(entry);
  let only: (typeof KINDS)[number] | undefined;
  let content: unknown;
  for (const kind of KINDS) {
    const value = optionOf(entry, kind);
    if (value === undefined) continue;
    if (only !== undefined) throw notOneKind(name, `${only} and ${kind}`);
    only = kind;
    content = value;
  }
  switch (only) {
    case 'path':
      return fileSource(name, content, entry, true)();
    case 'data':
      return contentSource(name, content, entry, true);
    case 'stream':
      return streamSource(name, content, entry, true);
    case 'linkTarget':
      return symlinkSource(name, content, entry, true);
    case 'directory':
      if (content === true) return directorySource(name, entry, true);
      throw new PzipError('PZIP_USAGE', `\`directory\` of ${quote(name)} must be true or left out`, {
        entryName: name,
      });
    default:
      throw notOneKind(name, 'none of them');
  }
}

/** Of a record. */
function entryNameOf(entry: object): string {
  const name = optionOf(entry, 'name');
  if (typeof name === 'string') return name;
  throw new PzipError('PZIP_NAME_INVALID', `The name of an entry must be a string (got ${show(name)})`);
}

function notOneKind(entryName: string, found: string): PzipError {
  const kinds = KINDS.map((kind) => `\`${kind}\``).join(', ');
  const message = `An entry has exactly one of ${kinds}; ${quote(entryName)} has ${found}`;
  return new PzipError('PZIP_USAGE', message, { entryName });
}

/** A directory's name gets a `/` at its end if the caller omitted it. */
function directoryName(name: unknown): unknown {
  return typeof name === 'string' && !name.endsWith('/') ? `${name}/` : name;
}

/**
 * @param name may be anything; it is checked
 * @param isRecord see resolveEntryOptions()
 * @throws PzipError PZIP_NAME_INVALID, PZIP_COMMENT_INVALID or PZIP_USAGE, which name the entry and the rule
 */
function checkEntry(name: unknown, kind: EntryKind, options: unknown, isRecord: boolean): CheckedEntry {
  if (typeof name !== 'string') {
    throw new PzipError('PZIP_NAME_INVALID', `The name of an entry must be a string (got ${show(name)})`);
  }
  const broken = checkEntryName(name, kind === 'directory');
  if (broken !== undefined) {
    throw new PzipError('PZIP_NAME_INVALID', `The name ${quote(name)} ${broken}`, { entryName: name });
  }
  const resolved = resolveEntryOptions(options, kind, name, isRecord);
  if (resolved.comment !== undefined && resolved.comment !== '') checkEntryComment(name, resolved.comment);
  return { name, options: resolved };
}

interface CheckedEntry {
  readonly name: string;
  readonly options: ResolvedEntryOptions;
}

/** Readers limit the sum of the lengths of name, extra fields and comment; the name alone has been checked. */
function checkEntryComment(name: string, comment: string): void {
  const broken = checkComment(comment, 'entry', Buffer.byteLength(name));
  if (broken === undefined) return;
  throw new PzipError('PZIP_COMMENT_INVALID', `The comment of ${quote(name)} ${broken}`, { entryName: name });
}

/**
 * Returns a function that examines the file, following a symbolic link, when it is the entry's turn.
 *
 * @param path a string or a file URL; absolute, or relative to the current working directory
 * @throws PzipError from the returned function: PZIP_SOURCE_MISSING, PZIP_SOURCE_UNREADABLE or PZIP_SOURCE_UNSUPPORTED
 */
export function fileSource(
  entryName: unknown,
  path: unknown,
  entryOptions: unknown,
  isRecord = false,
): () => FileSource {
  const { name, options } = checkEntry(entryName, 'file', entryOptions, isRecord);
  const given = isPath(path, 'path', name);
  if (given === '') throw new PzipError('PZIP_USAGE', `The path of ${quote(name)} is empty`, { entryName: name });
  const absolute = resolve(given);
  return () => {
    const stats = statFile(absolute, given, name);
    const mode = options.mode ?? modeFromStat(stats.mode, S_IFREG, process.platform);
    return {
      ...facts(name, options, stats.mtimeMs, normalizeMode(mode, S_IFREG)),
      isTimeRoundedUp: isTimeRoundedUp(stats, absolute, true),
      level: options.level,
      kind: 'file',
      path: absolute,
      size: stats.size,
      dev: stats.dev,
      ino: stats.ino,
      ctimeMs: stats.ctimeMs,
      isFollowed: true,
    };
  };
}

/** A Blob need not be in memory and is read like a stream; anything else is in memory. */
export function contentSource(
  entryName: unknown,
  content: unknown,
  entryOptions: unknown,
  isRecord = false,
): BytesSource | StreamSource {
  const { name, options } = checkEntry(entryName, 'content', entryOptions, isRecord);
  const { mtime: givenMtimeMs, comment, level } = options;
  const mode = normalizeMode(options.mode ?? 0o644, S_IFREG);
  if (isBlob(content)) {
    const open = () => openContent(() => content.stream(), name);
    return { kind: 'stream', level, size: content.size, open, ...facts(name, options, DEFAULT_LAST_MODIFIED, mode) };
  }
  const bytes = toBytes(content, name);
  return { kind: 'bytes', name, mode, mtimeMs: DEFAULT_LAST_MODIFIED, givenMtimeMs, comment, level, bytes };
}

export function streamSource(entryName: unknown, open: unknown, entryOptions: unknown, isRecord = false): StreamSource {
  const { name, options } = checkEntry(entryName, 'stream', entryOptions, isRecord);
  if (typeof open !== 'function') {
    const message = `The stream of ${quote(name)} is given as a function, which is called when its turn comes (got ${show(open)})`;
    throw new PzipError('PZIP_USAGE', message, { entryName: name });
  }
  const mode = normalizeMode(options.mode ?? 0o644, S_IFREG);
  return {
    kind: 'stream',
    level: options.level,
    size: options.size,
    sizeHint: options.sizeHint,
    open: () => openContent(() => open(), name),
    ...facts(name, options, DEFAULT_LAST_MODIFIED, mode),
  };
}

export function directorySource(entryName: unknown, entryOptions: unknown, isRecord = false): DirectorySource {
  const { name, options } = checkEntry(directoryName(entryName), 'directory', entryOptions, isRecord);
  const mode = normalizeMode(options.mode ?? 0o755, S_IFDIR);
  return { kind: 'directory', ...facts(name, options, DEFAULT_LAST_MODIFIED, mode) };
}

/** The longest link target in bytes on Linux: PATH_MAX without its NUL. */
const LONGEST_LINK_TARGET = 4095;

export function symlinkSource(
  entryName: unknown,
  target: unknown,
  entryOptions: unknown,
  isRecord = false,
): SymlinkSource {
  const { name, options } = checkEntry(entryName, 'symlink', entryOptions, isRecord);
  const broken = checkLinkTarget(target);
  if (typeof target !== 'string' || broken !== undefined) {
    throw new PzipError('PZIP_USAGE', `The target of the link ${quote(name)} ${broken}`, { entryName: name });
  }
  const mode = normalizeMode(options.mode ?? 0o777, S_IFLNK);
  return { kind: 'symlink', target: Buffer.from(target), ...facts(name, options, DEFAULT_LAST_MODIFIED, mode) };
}

function checkLinkTarget(target: unknown): string | undefined {
  if (typeof target !== 'string') return `must be a string (got ${show(target)})`;
  if (target === '') return 'is empty';
  if (target.includes('\0')) return 'contains a NUL character';
  if (hasLoneSurrogate(target)) return 'is not well-formed Unicode (a lone surrogate) and has no UTF-8 form';
  const length = Buffer.byteLength(target);
  return length > LONGEST_LINK_TARGET ? `is ${length} bytes long; ${LONGEST_LINK_TARGET} is the most` : undefined;
}

/** Spread last: V8 of Node 20 takes over a microsecond for each property that follows a spread. */
function facts(name: string, { mtime: givenMtimeMs, comment }: ResolvedEntryOptions, mtimeMs: number, mode: number) {
  return { name, mode, mtimeMs, givenMtimeMs, comment };
}

/** By its properties: jsdom and other realms have their own Blob classes. */
function isBlob(content: unknown): content is Blob {
  if (content instanceof Blob) return true;
  return (
    typeof content === 'object' &&
    content !== null &&
    /^\[object (?:Blob|File)\]$/.test(Object.prototype.toString.call(content)) &&
    'stream' in content &&
    typeof content.stream === 'function' &&
    'size' in content &&
    typeof content.size === 'number'
  );
}

function toBytes(content: unknown, entryName: string): Uint8Array {
  if (typeof content === 'string') {
    if (!hasLoneSurrogate(content)) return Buffer.from(content);
    const message = `The text of ${quote(entryName)} is not well-formed Unicode (a lone surrogate) and has no UTF-8 form`;
    throw new PzipError('PZIP_USAGE', message, { entryName });
  }
  let bytes: Uint8Array | undefined;
  try {
    bytes = bytesOf(content);
  } catch (cause) {
    const message = `The buffer of ${quote(entryName)} is detached: its memory was transferred to another owner`;
    throw new PzipError('PZIP_USAGE', message, { entryName, cause });
  }
  if (bytes !== undefined) return bytes;
  const kinds = 'a string, a typed array, an ArrayBuffer or a Blob';
  const message = `The content of ${quote(entryName)} must be ${kinds} (got ${show(content)})`;
  throw new PzipError('PZIP_USAGE', message, { entryName });
}

function statFile(absolute: string, path: string, entryName: string): Stats {
  let stats: Stats;
  try {
    stats = statSync(absolute);
  } catch (cause) {
    const details = { entryName, path, cause };
    if (hasCode(cause, 'ENOENT', 'ENOTDIR')) {
      throw new PzipError('PZIP_SOURCE_MISSING', `${quote(path)} does not exist`, details);
    }
    throw new PzipError('PZIP_SOURCE_UNREADABLE', `Cannot read ${quote(path)}: ${explainReadError(cause)}`, details);
  }
  if (stats.isFile()) return stats;
  const kind = stats.isDirectory() ? 'a directory: addGlob() and createArchive() take those' : 'not a regular file';
  throw new PzipError('PZIP_SOURCE_UNSUPPORTED', `${quote(path)} is ${kind}`, { entryName, path });
}
