/** Checks the options of diffArchives(). */
import { PzipError } from '../common/errors.js';
import {
  isBoolean,
  isFunction,
  isInteger,
  isListOf,
  isOneOf,
  isPath,
  isString,
  type Resolved,
  type RulesFor,
  resolveOptions,
} from '../common/option-rules.js';
import type { DiffOptions } from './diff-options.js';
import { isPool, isSignal, isThreads } from './value-rules.js';

const DIFF_RULES = {
  cwd: isPath,
  exclude: isListOf(isString),
  gitignore: isBoolean,
  prefix: isString,
  stripComponents: isInteger(0),
  symlinks: isOneOf('keep', 'follow', 'skip', 'error'),
  directoryEntries: isBoolean,
  modes: isOneOf('keep', 'keep-special', 'normalize', 'a+rX', 'ignore'),
  check: isOneOf('content', 'crc'),
  times: isBoolean,
  threads: isThreads,
  pool: isPool,
  signal: isSignal,
  onWarning: isFunction<NonNullable<DiffOptions['onWarning']>>(),
} satisfies RulesFor<DiffOptions>;

/** @throws PzipError PZIP_USAGE */
export function resolveDiffOptions(options: unknown): Resolved<typeof DIFF_RULES> {
  const resolved = resolveOptions(options, DIFF_RULES);
  if (resolved.pool === undefined || resolved.threads === undefined) return resolved;
  throw new PzipError('PZIP_USAGE', 'Option `threads` cannot be combined with `pool`; pass it to createPool()');
}
