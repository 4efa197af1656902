/** The options of single entries. Archives can have a million, so omitted options allocate nothing. */

import { PzipError, quote } from '../common/errors.js';
import { isIntegerFrom } from '../common/integers.js';
import { MAX_LEVEL } from '../common/level.js';
import {
  isBoolean,
  isDate,
  isInteger,
  isOptionsObject,
  isString,
  knownNames,
  type Rule,
  type Rules,
  readOption,
  refuse,
  show,
  unknownKey,
} from '../common/option-rules.js';
import { unknownOption } from '../common/unknown-option.js';
import { type FileType, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../zip/attributes.js';

export type EntryKind = 'file' | 'content' | 'stream' | 'directory' | 'symlink';

/** Options of an entry, checked. */
export interface ResolvedEntryOptions {
  /** Permission bits. */
  readonly mode: number | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly mtime: number | undefined;
  readonly comment: string | undefined;
  readonly level: number | undefined;
  /** Bytes, of a stream. */
  readonly size: number | undefined;
  /** Bytes, about, of a stream. */
  readonly sizeHint: number | undefined;
}

/** With the file type bits or without, as stat(2) or a caller has it. */
function isMode(fileType: FileType): Rule<number> {
  const type = `0o${fileType.toString(8)}`;
  const expected = `an integer from 0 to 0o7777, such as 0o755, which may have the type's bits ${type} besides`;
  return (value, option, entryName) => {
    if (!isIntegerFrom(0, 0o177777, value)) return refuse(option, expected, value, entryName);
    const bits = value & S_IFMT;
    return bits === 0 || bits === fileType ? value : refuse(option, expected, `0o${value.toString(8)}`, entryName);
  };
}

const isLevel = isInteger(0, MAX_LEVEL);
const isSize = isInteger(0);

const META_RULES = { mtime: isDate, comment: isString };
const CONTENT_RULES = { ...META_RULES, mode: isMode(S_IFREG), level: isLevel, store: isBoolean };

const RULES: Readonly<Record<EntryKind, Rules>> = {
  file: CONTENT_RULES,
  content: CONTENT_RULES,
  stream: { ...CONTENT_RULES, size: isSize, sizeHint: isSize },
  directory: { ...META_RULES, mode: isMode(S_IFDIR) },
  symlink: { ...META_RULES, mode: isMode(S_IFLNK) },
};

/** Fields of records besides their options. */
const RECORD_FIELDS = ['name', 'path', 'data', 'stream', 'directory', 'linkTarget'];

const KNOWN = new Map(Object.entries(RULES).map(([kind, rules]) => [kind, knownNames(rules)]));
const KNOWN_IN_RECORD = new Map(Object.entries(RULES).map(([kind, rules]) => [kind, knownNames(rules, RECORD_FIELDS)]));
const NONE: ReadonlySet<string> = new Set();

/**
 * @param isRecord whether the options are part of an entry's record, with its name and content
 * @throws PzipError PZIP_USAGE
 */
export function resolveEntryOptions(
  options: unknown,
  kind: EntryKind,
  entryName: string,
  isRecord = false,
): ResolvedEntryOptions {
  if (options === undefined) return NO_OPTIONS;
  try {
    if (!isOptionsObject(options)) {
      throw new PzipError(
        'PZIP_USAGE',
        `Options of ${quote(entryName)} are given as an object (got ${show(options)})`,
        {
          entryName,
        },
      );
    }
    return resolveObject(options, kind, entryName, isRecord);
  } catch (cause) {
    throw cause instanceof PzipError ? cause : unreadableOptions(cause, entryName);
  }
}

const NO_OPTIONS: ResolvedEntryOptions = {
  mode: undefined,
  mtime: undefined,
  comment: undefined,
  level: undefined,
  size: undefined,
  sizeHint: undefined,
};

function resolveObject(options: object, kind: EntryKind, entryName: string, isRecord: boolean): ResolvedEntryOptions {
  const rules = RULES[kind];
  const unknown = unknownKey(options, (isRecord ? KNOWN_IN_RECORD : KNOWN).get(kind) ?? NONE);
  if (unknown !== undefined) {
    throw unknownOption(unknown, Object.keys(rules), unknown, HINTS[kind]?.[unknown], entryName);
  }
  const read = <T>(option: string, rule: Rule<T>): T | undefined => {
    const value = readOption(options, option);
    return value === undefined ? undefined : rule(value, option, entryName);
  };
  const isContent = kind !== 'directory' && kind !== 'symlink';
  const level = isContent ? read('level', isLevel) : undefined;
  return {
    mode: read('mode', rules.mode as Rule<number>),
    mtime: read('mtime', isDate)?.getTime(),
    comment: read('comment', isString),
    level: isContent && read('store', isBoolean) === true ? 0 : level,
    size: kind === 'stream' ? read('size', isSize) : undefined,
    sizeHint: kind === 'stream' ? read('sizeHint', isSize) : undefined,
  };
}

const NO_CONTENT = { level: ': it has no content to compress', store: ': it has no content to compress' };
const NO_STREAM = { size: ': only a stream is given its size', sizeHint: ': only a stream is given one' };

const HINTS: Readonly<Partial<Record<EntryKind, Readonly<Record<string, string>>>>> = {
  file: NO_STREAM,
  content: NO_STREAM,
  directory: NO_CONTENT,
  symlink: NO_CONTENT,
};

/** A getter or a proxy of the caller's. */
function unreadableOptions(cause: unknown, entryName: string): PzipError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PzipError('PZIP_USAGE', `The options of ${quote(entryName)} cannot be read: ${reason}`, {
    entryName,
    cause,
  });
}
