/** Checks any archive. */
import { availableParallelism } from 'node:os';
import type { StopFlag } from '../check/check-task.js';
import type { AffectedReaders } from '../check/rules/format-rule.js';
import type { RuleId } from '../check/rules/rule-id.js';
import { reasonOf, throwIfAborted } from '../common/abort-signal.js';
import { messageText } from '../common/text.js';
import { type Executor, OwnThreads } from '../threads/executor.js';
import { workOf } from '../work.js';
import type { CheckOptions } from './check-options.js';
import { checkInput } from './open-archive.js';
import type { Pool } from './pool.js';
import { internalsOf } from './pool-internals.js';
import { resolveCheckOptions } from './resolve-options.js';

/** A violation of a format rule. */
export interface Finding {
  /** docs/format-rules.md explains each rule. Ids never change. */
  readonly rule: RuleId;
  /**
   * `'error'`: the archive is damaged, ambiguous, dangerous to extract, or cannot be checked. `'warning'`: some readers reject it
   * or lose something.
   */
  readonly severity: 'error' | 'warning';
  /** The name as stored; undefined if the finding is about the whole archive. */
  readonly entryName: string | undefined;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** The fault, in words that follow the entry's name; a single line that is safe to print. */
  readonly message: string;
  /** The affected readers and what they do. */
  readonly affects: readonly AffectedReaders[];
}

/** The findings, in the order of the archive's directory. Iterating again checks the archive again. */
export interface ArchiveCheck extends AsyncIterable<Finding> {
  /** Number of errors found so far. */
  readonly errorCount: number;
  readonly warningCount: number;
  /** Number of entries read from the directory so far. */
  readonly entryCount: number;
  /** Bytes of their content, according to the directory. */
  readonly uncompressedSize: number;
}

/**
 * Checks an entire archive against the format rules: headers against the directory, content against CRC-32 and sizes, gaps,
 * overlaps, duplicate names, names and links that escape the extraction directory, and forms that some readers reject. Content is
 * inflated on worker threads and discarded; memory grows by about 15 bytes per name.
 *
 * A valid archive has no findings. Any fault of the file is a finding, even that it is not an archive.
 *
 * @param input a path, a file: URL, or all bytes of an archive, which must not change during the check
 * @throws PzipError PZIP_USAGE at once; the iteration throws PZIP_SOURCE_MISSING, PZIP_SOURCE_UNREADABLE, PZIP_SOURCE_UNSUPPORTED or
 * PZIP_SOURCE_CHANGED if the file cannot be read, or the signal's reason
 */
export function checkArchive(input: string | URL | Uint8Array, options: CheckOptions = {}): ArchiveCheck {
  const source = checkInput(input);
  const resolved = resolveCheckOptions(options);
  const counts: Counts = { error: 0, warning: 0, entries: 0, uncompressedSize: 0 };
  return {
    get errorCount() {
      return counts.error;
    },
    get warningCount() {
      return counts.warning;
    },
    get entryCount() {
      return counts.entries;
    },
    get uncompressedSize() {
      return counts.uncompressedSize;
    },
    [Symbol.asyncIterator]: () => findingsOf(source, resolved, counts),
  };
}

interface Counts {
  error: number;
  warning: number;
  entries: number;
  uncompressedSize: number;
}

async function* findingsOf(
  source: string | Uint8Array,
  { signal, ...options }: ReturnType<typeof resolveCheckOptions>,
  counts: Counts,
): AsyncGenerator<Finding, void, undefined> {
  Object.assign(counts, { error: 0, warning: 0, entries: 0, uncompressedSize: 0 });
  throwIfAborted(signal);
  // Loaded on demand: most programs only write archives.
  const [{ checkEveryRule }, { FORMAT_RULES }, { checkTask }] = await Promise.all([
    import('../check/check-archive.js'),
    import('../check/rules.js'),
    import('../check/thread-tasks.js'),
  ]);
  const { executor, threads } = executorOf(options);
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const abortion = watch(signal, stop);
  try {
    const found = checkEveryRule(source, {
      run: (task, length) => Promise.race([executor.run(checkTask(task, length)), abortion.promise]),
      concurrency: 2 * Math.max(threads, 1),
      stop,
      checkpoint: () => throwIfAborted(signal),
      onEntry: (uncompressedSize) => {
        counts.entries++;
        counts.uncompressedSize += uncompressedSize;
      },
    });
    for await (const { rule, entryName, offset, seen } of found) {
      const { severity, affects } = FORMAT_RULES[rule];
      counts[severity]++;
      yield { rule, severity, entryName, offset, message: messageText(seen), affects };
    }
  } finally {
    abortion.stop();
    Atomics.store(stop, 0, 1);
    await executor.destroy();
  }
}

function executorOf(options: { readonly pool?: Pool | undefined; readonly threads?: number | undefined }): {
  executor: Executor;
  threads: number;
} {
  const pool = options.pool === undefined ? undefined : internalsOf(options.pool);
  if (pool !== undefined) return { executor: pool.share(() => {}), threads: pool.threads };
  const threads = options.threads ?? availableParallelism();
  // Nothing is compressed: threads need no deflate engine.
  return { executor: new OwnThreads(threads, workOf('zlib'), () => {}), threads };
}

/** A promise that rejects on abort, which tasks on other threads see as well. */
function watch(signal: AbortSignal | undefined, flag: StopFlag): { promise: Promise<never>; stop: () => void } {
  let stop = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    if (signal === undefined) return;
    const abort = (): void => {
      Atomics.store(flag, 0, 1);
      reject(reasonOf(signal));
    };
    signal.addEventListener('abort', abort, { once: true });
    stop = () => signal.removeEventListener('abort', abort);
  });
  promise.catch(() => {});
  return { promise, stop };
}
