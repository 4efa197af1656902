/**
 * Validates options: each public function checks its arguments here, once. To add an option, add it to the
 * interface in options.ts and a rule to the table of the functions that take it.
 */

import { PzipError } from '../common/errors.js';
import {
  isBoolean,
  isDate,
  isFunction,
  isInteger,
  isListOf,
  isOneOf,
  isPath,
  isRecordOf,
  isString,
  type Resolved,
  type RulesFor,
  resolveOptions,
} from '../common/option-rules.js';
import type { SelectOptions } from '../select/select-options.js';
import type { ShardNumber } from '../shard/shard-number.js';
import type { CheckOptions } from './check-options.js';
import { rejectBesideManifest, rejectOfParts } from './excluded-options.js';
import type {
  ArchiveEntry,
  ArchiveOptions,
  CopyOptions,
  CreateArchiveOptions,
  MergeOptions,
  PredictSizeOptions,
  SelectionOptions,
} from './options.js';
import type { Pool, PoolOptions } from './pool.js';
import {
  isArchiveComment,
  isArchiveInput,
  isEngine,
  isLevel,
  isListOfArchives,
  isListOfEntries,
  isPathOrStream,
  isPool,
  isShard,
  isSignal,
  isSwitchOrPath,
  isThreads,
} from './value-rules.js';

const ARCHIVE_RULES = {
  level: isLevel,
  threads: isThreads,
  memory: isInteger(1),
  maxSize: isInteger(0),
  maxUnpacked: isInteger(0),
  comment: isArchiveComment,
  reproducible: isBoolean,
  mtime: isDate,
  latestMtime: isDate,
  extendedTimestamps: isBoolean,
  skipUnreadable: isBoolean,
  onChange: isOneOf('error', 'retry', 'warn'),
  strict: isBoolean,
  verify: isBoolean,
  overwrite: isBoolean,
  reuse: isPath,
  reuseCheck: isOneOf('content', 'crc', 'stat'),
  writeIfChanged: isBoolean,
  sha256: isSwitchOrPath,
  manifest: isSwitchOrPath,
  json: isPathOrStream,
  jsonLines: isPathOrStream,
  html: isPath,
  htmlAgainst: isPath,
  flush: isBoolean,
  engine: isEngine,
  pool: isPool,
  listEntries: isBoolean,
  signal: isSignal,
  onProgress: isFunction<NonNullable<ArchiveOptions['onProgress']>>(),
  onEntry: isFunction<NonNullable<ArchiveOptions['onEntry']>>(),
  onWarning: isFunction<NonNullable<ArchiveOptions['onWarning']>>(),
} satisfies RulesFor<ArchiveOptions>;

const SELECTION_RULES = {
  cwd: isPath,
  filesFrom: isListOf(isPath),
  exclude: isListOf(isString),
  ignoreFiles: isListOf(isPath),
  gitignore: isBoolean,
  prefix: isString,
  junkPaths: isBoolean,
  stripComponents: isInteger(0),
  rename: isListOf(isRecordOf({ from: isString, to: isString })),
  first: isListOf(isString),
  allow: isListOf(isString),
  required: isListOf(isString),
  levelFor: isListOf(isRecordOf({ pattern: isString, level: isLevel })),
  symlinks: isOneOf('keep', 'follow', 'skip', 'error'),
  directoryEntries: isBoolean,
  modes: isOneOf('keep', 'keep-special', 'normalize', 'a+rX'),
  portableNames: isOneOf('warn', 'error', 'off'),
  ifEmpty: isOneOf('error', 'warn', 'ignore'),
  onDuplicate: isOneOf('error', 'first', 'last'),
} satisfies RulesFor<SelectionOptions>;

const CREATE_RULES = {
  ...ARCHIVE_RULES,
  ...SELECTION_RULES,
  entries: isListOfEntries,
  entriesAsInputs: isBoolean,
  shard: isShard,
  plan: isPath,
  sizeOf: isPath,
  from: isListOfArchives,
} satisfies RulesFor<CreateArchiveOptions>;

/** The output is checked as in createArchive(). */
const PREVIEW_RULES = { ...CREATE_RULES, output: (value: unknown) => value };

const POOL_RULES = {
  threads: isThreads,
  engine: isEngine,
  memory: isInteger(1),
} satisfies RulesFor<PoolOptions>;

/** Selection options that concern names. */
const COPY_RULES = pick(
  SELECTION_RULES,
  'allow',
  'directoryEntries',
  'exclude',
  'first',
  'ifEmpty',
  'junkPaths',
  'onDuplicate',
  'portableNames',
  'prefix',
  'rename',
  'stripComponents',
) satisfies RulesFor<CopyOptions>;

/** Archive options for entries that are already compressed and dated. */
const MERGE_RULES = pick(
  { ...ARCHIVE_RULES, onDuplicate: SELECTION_RULES.onDuplicate },
  'comment',
  'flush',
  'listEntries',
  'maxSize',
  'maxUnpacked',
  'memory',
  'onDuplicate',
  'onEntry',
  'onProgress',
  'onWarning',
  'overwrite',
  'signal',
  'strict',
  'threads',
  'verify',
) satisfies RulesFor<MergeOptions>;

const CHECK_RULES = { threads: isThreads, pool: isPool, signal: isSignal } satisfies RulesFor<CheckOptions>;

const PREDICT_RULES = {
  level: isLevel,
  comment: isArchiveComment,
  extendedTimestamps: isBoolean,
  mtime: isDate,
  latestMtime: isDate,
  reproducible: isBoolean,
  target: isOneOf('stream', 'file'),
} satisfies RulesFor<PredictSizeOptions>;

const BELONGS_TO_SELECTION = hints(
  SELECTION_RULES,
  ': it belongs to the selection: pass it to addGlob() or createArchive()',
);
const BELONGS_TO_ARCHIVE = hints(ARCHIVE_RULES, ': it belongs to the archive: pass it to new ZipArchive()');

function hints(rules: object, hint: string): Record<string, string> {
  return Object.fromEntries(Object.keys(rules).map((option) => [option, hint]));
}

export type ResolvedArchiveOptions = Resolved<typeof ARCHIVE_RULES>;

/**
 * Resolving resolved options again does not change them.
 *
 * @throws PzipError PZIP_USAGE, or PZIP_COMMENT_INVALID
 */
export function resolveArchiveOptions(options: unknown): ResolvedArchiveOptions {
  const resolved = resolveOptions(options, ARCHIVE_RULES, BELONGS_TO_SELECTION);
  rejectBesidePool(resolved.pool, resolved.threads ?? resolved.engine);
  return resolved;
}

function rejectBesidePool(pool: Pool | undefined, beside: unknown): void {
  if (pool === undefined || beside === undefined) return;
  const message = 'Options `threads` and `engine` cannot be combined with `pool`; pass them to createPool()';
  throw new PzipError('PZIP_USAGE', message);
}

/** Those of checkArchive(). */
export function resolveCheckOptions(options: unknown): Resolved<typeof CHECK_RULES> {
  const resolved = resolveOptions(options, CHECK_RULES);
  rejectBesidePool(resolved.pool, resolved.threads);
  return resolved;
}

/** Resolves the options of addGlob(). */
export function resolveSelectionOptions(options: unknown): SelectOptions {
  return resolveOptions(options, SELECTION_RULES, BELONGS_TO_ARCHIVE);
}

/** Those of addArchive(). */
export function resolveCopyOptions(options: unknown): SelectOptions {
  return resolveOptions(options, COPY_RULES, BELONGS_TO_ARCHIVE);
}

export function resolveArchiveInput(input: unknown): string | Uint8Array {
  return isArchiveInput(input, 'input');
}

/** Those of mergeArchives(). */
export function resolveMergeOptions(options: unknown): Resolved<typeof MERGE_RULES> {
  return resolveOptions(options, MERGE_RULES);
}

export function resolveArchiveInputs(inputs: unknown): readonly (string | Uint8Array)[] {
  const archives = isListOfArchives(inputs, 'inputs');
  if (archives.length === 0) throw new PzipError('PZIP_USAGE', '`inputs` must name at least one archive');
  return archives;
}

export interface CreateOptions {
  readonly archive: ResolvedArchiveOptions;
  readonly selection: SelectOptions;
  readonly entries: readonly ArchiveEntry[];
  readonly entriesAsInputs: boolean;
  readonly from: readonly (string | Uint8Array)[];
  readonly shard: ShardNumber | undefined;
  readonly plan: string | undefined;
  readonly sizeOf: string | undefined;
}

/** Resolves the options of preview(). */
export function resolvePreviewOptions(options: unknown): CreateOptions & { readonly output: unknown } {
  const { output, ...rest } = resolveOptions(options, PREVIEW_RULES);
  return { ...resolveCreateOptions(rest), output };
}

/** Resolves the options of createArchive(), grouped by the part that uses them. */
export function resolveCreateOptions(options: unknown): CreateOptions {
  const {
    entries = [],
    entriesAsInputs = false,
    from = [],
    shard,
    plan,
    sizeOf,
    ...rest
  } = resolveOptions(options, CREATE_RULES);
  if (rest.manifest) rejectBesideManifest(from.length > 0, shard !== undefined);
  if (shard !== undefined) rejectOfParts({ ...rest, sizeOf });
  return {
    archive: only(rest, ARCHIVE_RULES),
    selection: only(rest, SELECTION_RULES),
    entries,
    entriesAsInputs,
    from,
    shard,
    plan,
    sizeOf,
  };
}

function pick<T, K extends keyof T>(rules: T, ...keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, rules[key]])) as Pick<T, K>;
}

function only<T extends object, K extends keyof T>(options: T, rules: Readonly<Record<K, unknown>>): Pick<T, K> {
  return Object.fromEntries(Object.entries(options).filter(([option]) => Object.hasOwn(rules, option))) as Pick<T, K>;
}

export function resolvePoolOptions(options: unknown): Resolved<typeof POOL_RULES> {
  return resolveOptions(options, POOL_RULES);
}

export function resolvePredictOptions(options: unknown): Resolved<typeof PREDICT_RULES> {
  return resolveOptions(options, PREDICT_RULES);
}

const isListOfInputs = isListOf(isPath);

/** Checks the inputs of createArchive() and addGlob(). */
export function resolveInputs(inputs: unknown, parameter: string): readonly string[] {
  return isListOfInputs(inputs, parameter);
}
