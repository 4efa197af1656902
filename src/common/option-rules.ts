/**
 * What an option may be, and reading options from whatever a caller passes. A rule checks one value and gives it in the form
 * that the rest of pzip works with; the tables of rules are in resolve-options.ts and sources/.
 */
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { PzipError, quote } from './errors.js';
import { isIntegerFrom } from './integers.js';
import { unknownOption } from './unknown-option.js';

/**
 * Checks a value and converts it.
 *
 * @param option how messages call it: `level`, `rename[0].from`
 * @param entryName of the entry that has the option, for messages
 * @throws PzipError PZIP_USAGE
 */
export type Rule<T> = (value: unknown, option: string, entryName?: string) => T;

export type Rules = Readonly<Record<string, Rule<unknown>>>;

/** Options that were checked. */
export type Resolved<R extends Rules> = { readonly [Key in keyof R]?: ReturnType<R[Key]> };

/** A table that has a rule for each option of an interface, and no other. */
export type RulesFor<Options> = Readonly<Record<keyof Options, Rule<unknown>>>;

/** @param expected completes "must be" */
export function rejectOption(option: string, expected: string, value: unknown, entryName?: string): never {
  const whose = entryName === undefined ? '' : ` of ${quote(entryName)}`;
  throw new PzipError('PZIP_USAGE', `\`${option}\`${whose} must be ${expected} (got ${show(value)})`, {
    entryName,
  });
}

/** Characters of a wrong value that a message shows. */
const LONGEST_SHOWN = 60;

/** A value for a message: short, on one line, whatever it is. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value);
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'bigint':
      return 'a bigint';
    case 'object':
      return value === null ? 'null' : showObject(value);
    default:
      return `a ${typeof value}`;
  }
}

function showObject(value: object): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (types.isDate(value)) return 'an invalid Date';
  let name: unknown;
  try {
    name = value.constructor?.name;
  } catch {
    // A getter or a proxy of the caller's: the kind is enough.
  }
  if (typeof name !== 'string' || name === '' || name === 'Object' || name.length > LONGEST_SHOWN) return 'an object';
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${quote(name).slice(1, -1)}`;
}

export const isBoolean: Rule<boolean> = (value, option, entryName) =>
  typeof value === 'boolean' ? value : rejectOption(option, 'true or false', value, entryName);

export const isString: Rule<string> = (value, option, entryName) =>
  typeof value === 'string' ? value : rejectOption(option, 'a string', value, entryName);

export function isInteger(least: number, most = Number.MAX_SAFE_INTEGER): Rule<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
  return (value, option, entryName) => {
    if (isIntegerFrom(least, most, value)) return value;
    return rejectOption(option, `an integer ${range}`, value, entryName);
  };
}

export function isOneOf<const T extends string>(...allowed: readonly T[]): Rule<T> {
  const expected = allowed.map((name) => `'${name}'`).join(', ');
  return (value, option, entryName) => {
    for (const name of allowed) if (value === name) return name;
    return rejectOption(option, `one of ${expected}`, value, entryName);
  };
}

/** A function; what it takes and gives is for the caller's types to say. */
export function isFunction<T>(): Rule<T> {
  return (value, option, entryName) =>
    typeof value === 'function' ? (value as T) : rejectOption(option, 'a function', value, entryName);
}

/** A Date of any realm; a copy. */
export const isDate: Rule<Date> = (value, option, entryName) => {
  const date = new Date(types.isDate(value) ? Date.prototype.getTime.call(value) : Number.NaN);
  return Number.isNaN(date.getTime()) ? rejectOption(option, 'a valid Date', value, entryName) : date;
};

/** A path, or a file URL, which becomes one. */
export const isPath: Rule<string> = (value, option, entryName) => {
  if (isUrl(value)) return pathOf(value, option, entryName);
  if (typeof value !== 'string') return rejectOption(option, 'a string or a file: URL', value, entryName);
  return value.includes('\0') ? rejectOption(option, 'a path, which has no NUL character', value, entryName) : value;
};

/** By its properties, as Node does: a URL of another realm is one too. */
export function isUrl(value: unknown): value is URL {
  if (typeof value !== 'object' || value === null) return false;
  return 'href' in value && typeof value.href === 'string' && 'protocol' in value && 'pathname' in value;
}

export function pathOf(url: URL, option: string, entryName?: string): string {
  try {
    return fileURLToPath(new URL(url.href));
  } catch {
    return rejectOption(option, 'a path or a file: URL of one', url.href, entryName);
  }
}

/** One value or several; always a list afterwards, and a copy, which the caller cannot change any more. */
export function isListOf<T>(item: Rule<T>): Rule<readonly T[]> {
  return (value, option, entryName) => {
    if (types.isSet(value)) return Array.from(value, (one, index) => item(one, `${option}[${index}]`, entryName));
    if (!Array.isArray(value)) return [item(value, option, entryName)];
    // Array.from() visits holes too; a list of a million names makes no million labels.
    return Array.from(value, (one: unknown, index) => itemOf(item, one, option, index, entryName));
  };
}

function itemOf<T>(item: Rule<T>, value: unknown, option: string, index: number, entryName?: string): T {
  if (item === (isString as Rule<unknown>) && typeof value === 'string') return value as T;
  return item(value, `${option}[${index}]`, entryName);
}

/** An object that has all of the fields of `rules`. */
export function isRecordOf<const R extends Rules>(rules: R): Rule<{ readonly [Key in keyof R]: ReturnType<R[Key]> }> {
  return (value, option, entryName) => {
    const fields = Object.keys(rules);
    if (!isOptionsObject(value)) {
      return rejectOption(
        option,
        `an object with ${fields.map((field) => `\`${field}\``).join(' and ')}`,
        value,
        entryName,
      );
    }
    const unknown = unknownKey(value, knownNames(rules));
    if (unknown !== undefined) throw unknownOption(`${option}.${unknown}`, fields, unknown);
    const record: Record<string, unknown> = {};
    for (const field of fields) record[field] = rules[field]?.(optionOf(value, field), `${option}.${field}`, entryName);
    return record as { readonly [Key in keyof R]: ReturnType<R[Key]> };
  };
}

/**
 * Checks options against a table. What is undefined counts as left out; each option is read once.
 *
 * @param hints where an option belongs that is known, but not here: completes the message
 * @throws PzipError PZIP_USAGE for a value that an option cannot have, for an unknown option, and for what is no object
 */
export function resolveOptions<const R extends Rules>(
  options: unknown,
  rules: R,
  hints: Readonly<Record<string, string>> = {},
): Resolved<R> {
  try {
    if (options !== undefined && !isOptionsObject(options)) {
      throw new PzipError('PZIP_USAGE', `Options are given as an object (got ${show(options)})`);
    }
    const resolved: Record<string, unknown> = {};
    for (const option of Object.keys(rules)) {
      const value = options === undefined ? undefined : readOption(options, option);
      // Set even if undefined, so that reading it never finds a property of Object.prototype.
      resolved[option] = value === undefined ? undefined : rules[option]?.(value, option);
    }
    if (options === undefined) return resolved as Resolved<R>;
    const unknown = unknownKey(options, knownNames(rules));
    if (unknown !== undefined) throw unknownOption(unknown, Object.keys(rules), unknown, hints[unknown]);
    return resolved as Resolved<R>;
  } catch (cause) {
    if (cause instanceof PzipError) throw cause;
    // A getter or a proxy of the caller's.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PzipError('PZIP_USAGE', `The options cannot be read: ${reason}`, { cause });
  }
}

/** What cannot hold options by name, and would silently be taken for an object without any. */
export function isOptionsObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  return !(
    types.isDate(value) ||
    types.isMap(value) ||
    types.isSet(value) ||
    types.isPromise(value) ||
    types.isRegExp(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isNativeError(value) ||
    types.isBoxedPrimitive(value)
  );
}

/** An object's own value or an inherited one, but never one of Object.prototype. */
export function optionOf(object: object, key: string): unknown {
  const value: unknown = Reflect.get(object, key);
  return value === undefined || Object.hasOwn(object, key) || isInherited(object, key) ? value : undefined;
}

function isInherited(object: object, key: string): boolean {
  for (let holder: unknown = Object.getPrototypeOf(object); isHolder(holder); holder = Object.getPrototypeOf(holder)) {
    if (Object.hasOwn(holder, key)) return true;
  }
  return false;
}

/** Of a chain of prototypes, all but the Object.prototype of some realm at its end. */
function isHolder(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Object.getPrototypeOf(value) !== null || !Object.hasOwn(value, 'hasOwnProperty');
}

/** Names that options had earlier, which still work. */
const EARLIER_NAMES: Readonly<Record<string, string>> = {
  mtime: 'lastModified',
  latestMtime: 'latestModified',
  overwrite: 'replace',
  listEntries: 'records',
};

/** The value of an option, under the name it has or the one it had earlier. */
export function readOption(options: object, option: string): unknown {
  const value = optionOf(options, option);
  const earlier = EARLIER_NAMES[option];
  return value === undefined && earlier !== undefined ? optionOf(options, earlier) : value;
}

/** All names that options with these rules may have, earlier ones included. */
export function knownNames(rules: object, others: readonly string[] = []): ReadonlySet<string> {
  const names = Object.keys(rules);
  return new Set([...names, ...names.flatMap((name) => EARLIER_NAMES[name] ?? []), ...others]);
}

/** The first key that is set and not known. */
export function unknownKey(options: object, known: ReadonlySet<string>): string | undefined {
  for (const key in options) if (!known.has(key) && optionOf(options, key) !== undefined) return key;
  return undefined;
}
