/**
 * A plan in a file: what goes into an archive, listed by one machine for others that cannot list it, or should not. One JSON
 * object a line: the options that decide bytes, the entries in the order of the archive, and at the end what the plan's digest
 * is. Anyone who can write to the file decides what is archived, but only below the builder's working directory.
 */
import { createReadStream } from 'node:fs';
import type { Source } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { explainReadError } from '../common/file-errors.js';
import { isIntegerFrom } from '../common/integers.js';
import { MAX_LEVEL } from '../common/level.js';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../zip/attributes.js';
import { checkComment, checkEntryName } from '../zip/names.js';
import { isPlan, type PlanFacts } from './part-marker.js';

const FORMAT = 'pzip-plan';
const VERSION = 1;

/** Bytes of a line: names and comments have up to 65,535 bytes, and JSON may take six for each. */
const LONGEST_LINE = 2 * 1024 * 1024;

/** Options of the archive as JSON has them: dates are strings. */
export type PlannedOptions = Readonly<Record<string, unknown>>;

export function encodePlanHeader(options: PlannedOptions): string {
  return JSON.stringify({ format: FORMAT, version: VERSION, options });
}

/** @param path relative to the working directory, with '/' between its components; undefined for what is not on disk */
export function encodePlanned(source: Source, path: string | undefined): string {
  const { name, kind, mode, mtimeMs, comment, isTimeRoundedUp, givenMtimeMs } = source;
  const facts = { name, kind, mode, mtimeMs, comment, isTimeRoundedUp, givenMtimeMs };
  switch (source.kind) {
    case 'file': {
      const { size, level, isFollowed } = source;
      return JSON.stringify({ ...facts, path, size, level, isFollowed: isFollowed || undefined });
    }
    case 'symlink':
      return JSON.stringify({ ...facts, target: Buffer.from(source.target).toString('base64') });
    case 'directory':
      return JSON.stringify(facts);
    default:
      throw unplannable(name);
  }
}

export function encodePlanEnd(plan: PlanFacts): string {
  return JSON.stringify({ plan });
}

function unplannable(name: string): PzipError {
  const message = `${quote(name)} cannot be in a plan: only files, directories and symbolic links of the file system can`;
  return new PzipError('PZIP_USAGE', message, { entryName: name });
}

/** A file of a plan that has not been looked at. */
export interface PlannedEntries {
  readonly options: PlannedOptions;
  /** Files have no identity yet, and paths relative to the working directory. Ends with the plan's facts. */
  readonly sources: AsyncGenerator<readonly Source[], PlanFacts, undefined>;
}

/** @throws PzipError PZIP_MANIFEST_INVALID, PZIP_SOURCE_UNREADABLE or PZIP_SOURCE_MISSING */
export async function readPlan(path: string): Promise<PlannedEntries> {
  const lines = linesOf(path);
  const first = await lines.next();
  const header = first.done === true ? undefined : parse(first.value);
  if (header?.format !== FORMAT) throw invalidPlan(path, 1, 'it does not begin like a plan');
  if (header.version !== VERSION) throw invalidPlan(path, 1, 'it has a version that this pzip does not know');
  if (!isObject(header.options)) throw invalidPlan(path, 1, 'it has no options');
  return { options: header.options, sources: sourcesOf(path, lines) };
}

const BATCH_LENGTH = 256;

async function* sourcesOf(
  path: string,
  lines: AsyncGenerator<string, void, undefined>,
): AsyncGenerator<readonly Source[], PlanFacts, undefined> {
  let batch: Source[] = [];
  let number = 1;
  for await (const line of lines) {
    number++;
    const value = parse(line);
    if (value?.plan !== undefined) {
      if (!isPlan(value.plan)) throw invalidPlan(path, number, 'the facts of the plan are damaged');
      yield batch;
      return value.plan;
    }
    const source = value === undefined ? undefined : toSource(value);
    if (source === undefined) throw invalidPlan(path, number, 'it is no entry of a plan');
    batch.push(source);
    if (batch.length < BATCH_LENGTH) continue;
    yield batch;
    batch = [];
  }
  throw invalidPlan(path, number, 'its end is missing');
}

function toSource(value: Readonly<Record<string, unknown>>): Source | undefined {
  const { name, kind, mode, mtimeMs, comment, isTimeRoundedUp, givenMtimeMs, path, size, level, target } = value;
  if (typeof name !== 'string' || checkEntryName(name, kind === 'directory') !== undefined) return undefined;
  if (!isIntegerFrom(0, 0xffff, mode) || !isDate(mtimeMs)) return undefined;
  if (comment !== undefined && (typeof comment !== 'string' || !isComment(comment, name))) return undefined;
  if (givenMtimeMs !== undefined && !isDate(givenMtimeMs)) return undefined;
  const facts = { name, mode, mtimeMs, comment, givenMtimeMs, isTimeRoundedUp: isTimeRoundedUp === true };
  const type = mode & S_IFMT;
  switch (kind) {
    case 'file': {
      if (type !== S_IFREG || typeof path !== 'string' || !isIntegerFrom(0, Number.MAX_SAFE_INTEGER, size))
        return undefined;
      if (level !== undefined && !isIntegerFrom(0, MAX_LEVEL, level)) return undefined;
      const isFollowed = value.isFollowed === true;
      return { ...facts, kind, path, size, level, isFollowed, dev: 0, ino: 0, ctimeMs: 0 };
    }
    case 'directory':
      return type === S_IFDIR ? { ...facts, kind } : undefined;
    case 'symlink':
      if (type !== S_IFLNK || typeof target !== 'string' || target.length > LONGEST_TARGET) return undefined;
      return { ...facts, kind, target: Buffer.from(target, 'base64') };
    default:
      return undefined;
  }
}

/** In base64, what Linux can create. */
const LONGEST_TARGET = 5464;

function isComment(comment: string, name: string): boolean {
  return checkComment(comment, 'entry', Buffer.byteLength(name)) === undefined;
}

function isDate(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  let pieces: Buffer[] = [];
  let length = 0;
  let number = 1;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
        yield Buffer.concat([...pieces, chunk.subarray(start, end)]).toString();
        pieces = [];
        length = 0;
        number++;
        start = end + 1;
      }
      pieces.push(chunk.subarray(start));
      length += chunk.length - start;
      if (length > LONGEST_LINE) throw invalidPlan(path, number, 'a line is too long');
    }
  } catch (cause) {
    if (cause instanceof PzipError) throw cause;
    const message = `The plan ${quote(path)} cannot be read: ${explainReadError(cause)}`;
    throw new PzipError('PZIP_SOURCE_UNREADABLE', message, { path, cause });
  }
  if (length > 0) yield Buffer.concat(pieces).toString();
}

function invalidPlan(path: string, line: number, fault: string): PzipError {
  const message = `The plan ${quote(path)} is invalid in line ${line}: ${fault}; create it again with createPlan()`;
  return new PzipError('PZIP_MANIFEST_INVALID', message, { path });
}
