/** Rules for option values of pzip's own types: levels, pools, signals, comments, entries and archives. */
import { bytesOf } from '../common/bytes.js';
import { PzipError } from '../common/errors.js';
import { MAX_LEVEL } from '../common/level.js';
import {
  isInteger,
  isListOf,
  isOneOf,
  isOptionsObject,
  isPath,
  isRecordOf,
  isString,
  isUrl,
  type Rule,
  rejectOption,
} from '../common/option-rules.js';
import type { ReportStream } from '../report/report-target.js';
import { MOST_SHARDS, type ShardNumber } from '../shard/shard-number.js';
import { checkComment } from '../zip/names.js';
import type { ArchiveEntry, CompressionLevel } from './options.js';
import type { Pool } from './pool.js';
import { isPoolOfOurs } from './pool-internals.js';

/** More threads than any machine has processors; each takes some 10 MB. */
const MOST_THREADS = 1024;

export const isLevel = isInteger(0, MAX_LEVEL) as Rule<CompressionLevel>;
export const isThreads = isInteger(0, MOST_THREADS);
export const isEngine = isOneOf('wasm', 'zlib');

/** Checks properties, not the class: accepts a signal of another realm or a polyfill, but not an AbortController. */
export const isSignal: Rule<AbortSignal> = (value, option) => {
  const isOne =
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    typeof value.aborted === 'boolean' &&
    'addEventListener' in value &&
    typeof value.addEventListener === 'function';
  return isOne ? (value as unknown as AbortSignal) : rejectOption(option, 'an AbortSignal', value);
};

export const isPool: Rule<Pool> = (value, option) =>
  isPoolOfOurs(value) ? value : rejectOption(option, 'a pool that createPool() of this copy of pzip has made', value);

export const isArchiveComment: Rule<string> = (value, option) => {
  const comment = isString(value, option);
  const broken = checkComment(comment, 'archive');
  if (broken !== undefined) throw new PzipError('PZIP_COMMENT_INVALID', `The archive's comment ${broken}`);
  return comment;
};

/** Entries themselves are checked when they are added. */
export const isListOfEntries = isListOf((value, option) =>
  isOptionsObject(value) ? (value as ArchiveEntry) : rejectOption(option, 'an entry: an object with a `name`', value),
);

/** Archives to copy entries from: paths, or all bytes of one. */
export const isArchiveInput: Rule<string | Uint8Array> = (value, option) => {
  if (isUrl(value) || typeof value === 'string') return isPath(value, option);
  return bytesOf(value) ?? rejectOption(option, 'a path, a file: URL or a Uint8Array', value);
};
export const isListOfArchives = isListOf(isArchiveInput);

/** Where a report goes. */
export const isPathOrStream: Rule<string | ReportStream> = (value, option) => {
  if (typeof value === 'string' || isUrl(value)) return isPath(value, option);
  const isStream =
    typeof value === 'object' &&
    value !== null &&
    'write' in value &&
    typeof value.write === 'function' &&
    'on' in value;
  return isStream ? (value as ReportStream) : rejectOption(option, 'a path, a file: URL or a Node.js stream', value);
};

/** Something that may be switched on, or written to a file. */
export const isSwitchOrPath: Rule<boolean | string> = (value, option) => {
  if (typeof value === 'boolean' || typeof value === 'string' || isUrl(value)) {
    return typeof value === 'boolean' ? value : isPath(value, option);
  }
  return rejectOption(option, 'true, false, a path or a file: URL', value);
};

const isShardRecord = isRecordOf({ index: isInteger(1, MOST_SHARDS), count: isInteger(1, MOST_SHARDS) });

/** Which part of how many. */
export const isShard: Rule<ShardNumber> = (value, option) => {
  const shard = isShardRecord(value, option);
  if (shard.index <= shard.count) return shard;
  return rejectOption(`${option}.index`, `at most \`${option}.count\`, ${shard.count}`, shard.index);
};
