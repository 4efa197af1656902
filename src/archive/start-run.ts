/** Sets up the run of an archive from validated options. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { PzipError } from '../common/errors.js';
import { startTrace } from '../common/trace.js';
import { chooseEngine } from '../deflate/create-engine.js';
import { outputVersion } from '../deflate/output-version.js';
import type { ArchiveOutput } from '../output/open-sink.js';
import { ReadableSink } from '../output/stream/readable-sink.js';
import { ArchiveRun } from '../pipeline/archive-run.js';
import { Budget, defaultMemory } from '../pipeline/budget.js';
import type { RunOptions } from '../pipeline/run-options.js';
import { RunTrace } from '../pipeline/run-trace.js';
import { type Executor, OwnThreads } from '../threads/executor.js';
import { LateShare } from '../threads/late-share.js';
import { workOf } from '../work.js';
import { DEFAULT_LAST_MODIFIED } from '../zip/dates.js';
import { internalsOf, type PoolInternals } from './pool-internals.js';
import type { ResolvedArchiveOptions } from './resolve-options.js';

/** @throws PzipError PZIP_USAGE for an unavailable engine or trace file, or a missing option; PZIP_CLOSED for a closed pool */
export function startRun(
  output: ArchiveOutput | ReadableSink,
  options: ResolvedArchiveOptions,
  special: Partial<Pick<RunOptions, 'comment' | 'isContinued' | 'needsFile'>> = {},
  selected: object = {},
): ArchiveRun {
  const pool = options.pool === undefined ? undefined : internalsOf(options.pool);
  const threads = pool?.threads ?? options.threads ?? availableParallelism();
  const engine = pool?.engineChoice ?? chooseEngine(options.engine);
  const resolved = runOptions(options);
  const start = (): ReportStart => ({
    engine: { name: engine.name, version: outputVersion(engine.name) },
    options: inForce({ threads, memory: options.memory ?? defaultMemory(threads), ...resolved }, options, selected),
  });
  const isToBeRead = output instanceof ReadableSink;
  return new ArchiveRun(
    output,
    { ...resolved, reports: { ...resolved.reports, start }, ...special, trace: traceOf(output) },
    {
      budget: new Budget(options.memory ?? defaultMemory(threads), pool?.memory),
      engine,
      threads,
      executor: (onFewer) =>
        pool === undefined ? new OwnThreads(threads, workOf(engine.name), onFewer) : shareOf(pool, isToBeRead, onFewer),
    },
  );
}

function traceOf(output: ArchiveOutput | ReadableSink): RunTrace | undefined {
  const trace = startTrace();
  if (trace === undefined) return undefined;
  return new RunTrace(trace, typeof output === 'string' || output instanceof URL ? String(output) : 'a stream');
}

/** Without an output, work starts at the first read, which may never happen. */
function shareOf(pool: PoolInternals, isToBeRead: boolean, onFewer: (cause: Error) => void): Executor {
  return isToBeRead && !pool.isClosed() ? new LateShare(() => pool.share(onFewer)) : pool.share(onFewer);
}

type ReportStart = ReturnType<RunOptions['reports']['start']>;

/** Options for a report: the defaults that matter, then what the caller has given, as far as JSON can show it. */
function inForce(
  defaults: Pick<RunOptions, 'level' | 'onChange' | 'extendedTimestamp'> & { threads: number; memory: number },
  ...given: readonly object[]
): Record<string, unknown> {
  const { threads, memory, level, onChange } = defaults;
  const options: Record<string, unknown> = { threads, memory, level, onChange };
  for (const [name, value] of given.flatMap((each) => Object.entries(each))) {
    const isShown = value !== undefined && typeof value !== 'function' && !HIDDEN.has(name);
    if (isShown) options[name] = value;
  }
  return options;
}

/** Objects of the program, content, and what would only repeat where the report goes. */
const HIDDEN: ReadonlySet<string> = new Set(['pool', 'signal', 'entries', 'from', 'json', 'jsonLines']);

/** With defaults applied. */
export function runOptions(options: ResolvedArchiveOptions): Omit<RunOptions, 'trace'> {
  const { reproducible = false } = options;
  return {
    level: options.level ?? 6,
    zone: reproducible ? 'utc' : 'local',
    extendedTimestamp: options.extendedTimestamps ?? true,
    fixedDate: options.mtime?.getTime() ?? (reproducible ? DEFAULT_LAST_MODIFIED : undefined),
    latestDate: options.latestMtime?.getTime(),
    onChange: options.onChange ?? 'error',
    comment: () => options.comment ?? '',
    skipUnreadable: options.skipUnreadable ?? false,
    strict: options.strict ?? false,
    verify: options.verify ?? false,
    overwrite: options.overwrite ?? true,
    flush: options.flush,
    listEntries: options.listEntries ?? false,
    maxSize: options.maxSize,
    maxUnpacked: options.maxUnpacked,
    reuse: reuseOf(options),
    writeIfChanged: options.writeIfChanged ?? false,
    reports: {
      sha256: options.sha256 || undefined,
      manifest: options.manifest || undefined,
      json: options.json,
      jsonLines: options.jsonLines,
      html: pageOf(options),
      start: () => ({ engine: { name: 'wasm', version: '' }, options: {} }),
    },
    signal: options.signal,
    onProgress: options.onProgress,
    onEntry: options.onEntry,
    onWarning: options.onWarning,
  };
}

function pageOf({ html, htmlAgainst }: ResolvedArchiveOptions): RunOptions['reports']['html'] {
  if (html !== undefined) return { path: html, against: htmlAgainst };
  if (htmlAgainst === undefined) return undefined;
  throw new PzipError('PZIP_USAGE', 'Option `htmlAgainst` requires `html`, the page that shows the comparison');
}

function reuseOf({ reuse, reuseCheck = 'content' }: ResolvedArchiveOptions): RunOptions['reuse'] {
  return reuse === undefined ? undefined : { path: resolve(reuse), check: reuseCheck };
}
