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
  readOption,
  rejectOption,
  show,
  unknownKey,
} from '../common/option-rules.js';
import { unknownOption } from '../common/unknown-option.js';
import { type FileType, S_IFMT, S_IFREG } from '../zip/attributes.js';

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
export function isMode(fileType: FileType): Rule<number> {
  const type = `0o${fileType.toString(8)}`;
  const expected = `an integer from 0 to 0o7777, such as 0o755, which may have the type's bits ${type} besides`;
  return (value, option, entryName) => {
    if (!isIntegerFrom(0, 0o177777, value)) return rejectOption(option, expected, value, entryName);
    const bits = value & S_IFMT;
    return bits === 0 || bits === fileType
      ? value
      : rejectOption(option, expected, `0o${value.toString(8)}`, entryName);
  };
}

const isLevel = isInteger(0, MAX_LEVEL);

/** Options of entries without content. */
export const META_RULES = { mtime: isDate, comment: isString };
export const CONTENT_RULES = { ...META_RULES, mode: isMode(S_IFREG), level: isLevel, store: isBoolean };

/** Hints for options that only other forms have; they complete the message. */
export const NO_CONTENT = { level: ': it has no content to compress', store: ': it has no content to compress' };
export const NO_STREAM = { size: ': only a stream is given its size', sizeHint: ': only a stream is given one' };

/** The options that a form of entries can have. */
interface EntryRules {
  readonly mode: Rule<number>;
  readonly mtime: Rule<Date>;
  readonly comment: Rule<string>;
  readonly level?: Rule<number>;
  readonly store?: Rule<boolean>;
  readonly size?: Rule<number>;
  readonly sizeHint?: Rule<number>;
}

/** A form in which callers give entries, such as a path or a stream. */
export interface EntryForm {
  readonly rules: EntryRules;
  readonly hints: Readonly<Record<string, string>>;
  readonly known: ReadonlySet<string>;
  readonly knownInRecord: ReadonlySet<string>;
}

/** @param field the field that gives a record its content */
export function entryForm(field: string, rules: EntryRules, hints: EntryForm['hints'] = {}): EntryForm {
  return { rules, hints, known: knownNames(rules), knownInRecord: knownNames(rules, ['name', field]) };
}

/**
 * @param isRecord whether the options are part of an entry's record, with its name and content
 * @throws PzipError PZIP_USAGE
 */
export function resolveEntryOptions(
  options: unknown,
  form: EntryForm,
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
    return resolveObject(options, form, entryName, isRecord);
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

function resolveObject(options: object, form: EntryForm, entryName: string, isRecord: boolean): ResolvedEntryOptions {
  const { rules } = form;
  const unknown = unknownKey(options, isRecord ? form.knownInRecord : form.known);
  if (unknown !== undefined) {
    throw unknownOption(unknown, Object.keys(rules), unknown, form.hints[unknown], entryName);
  }
  const read = <T>(option: string, rule: Rule<T> | undefined): T | undefined => {
    const value = rule === undefined ? undefined : readOption(options, option);
    return value === undefined ? undefined : rule?.(value, option, entryName);
  };
  const level = read('level', rules.level);
  return {
    mode: read('mode', rules.mode),
    mtime: read('mtime', rules.mtime)?.getTime(),
    comment: read('comment', rules.comment),
    level: read('store', rules.store) === true ? 0 : level,
    size: read('size', rules.size),
    sizeHint: read('sizeHint', rules.sizeHint),
  };
}

/** A getter or a proxy of the caller's. */
function unreadableOptions(cause: unknown, entryName: string): PzipError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PzipError('PZIP_USAGE', `The options of ${quote(entryName)} cannot be read: ${reason}`, {
    entryName,
    cause,
  });
}
