/** Checking an archive, of whatever origin. */
import { availableParallelism } from 'node:os';
import type { AffectedReaders } from '../check/rules/format-rule.js';
import type { RuleId } from '../check/rules/rule-id.js';
import { reasonOf, throwIfAborted } from '../common/abort-signal.js';
import { messageText } from '../common/text.js';
import { type Executor, OwnThreads } from '../threads/executor.js';
import { workOf } from '../work.js';
import { checkInput } from './open-archive.js';
import type { CheckOptions } from './options.js';
import type { Pool } from './pool.js';
import { internalsOf } from './pool-internals.js';
import { resolveCheckOptions } from './resolve-options.js';

/** Something in an archive that breaks a rule of the format as its readers practise it. */
export interface Finding {
  /** docs/format-rules.md explains each rule. Ids never change. */
  readonly rule: RuleId;
  /**
   * `'error'`: the archive is damaged, can be read in two ways, is dangerous to extract, or cannot be checked. `'warning'`: some
   * readers refuse it or lose something.
   */
  readonly severity: 'error' | 'warning';
  /** As the archive has it; undefined for what is about the whole archive. */
  readonly entryName: string | undefined;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** What was seen, in words that follow the entry's name; one line that is safe to print. */
  readonly message: string;
  /** Readers that break on it, and how. */
  readonly affects: readonly AffectedReaders[];
}

/** The findings, in the order of the archive's directory. It can be iterated once more, which checks the archive again. */
export interface ArchiveCheck extends AsyncIterable<Finding> {
  /** Of what was found up to now. */
  readonly errorCount: number;
  readonly warningCount: number;
  /** Entries that the directory lists, up to now. */
  readonly entryCount: number;
  /** Bytes of their content, as the directory says. */
  readonly uncompressedSize: number;
}

/**
 * Reads an archive whole and applies the format rules: headers against the directory, content against CRC-32 and sizes, gaps and
 * overlaps, duplicate names, names and links that lead elsewhere, and what readers are known to break on. Content is inflated on
 * worker threads and discarded; memory does not grow with the archive, but for some 15 bytes a name.
 *
 * A sound archive gives no findings. Whatever is wrong with an archive is a finding, even that it is none.
 *
 * @param input a path, a file: URL, or all bytes of an archive, which must not change during the check
 * @throws PzipError PZIP_USAGE at once; the iteration throws PZIP_SOURCE_MISSING, PZIP_SOURCE_UNREADABLE, PZIP_SOURCE_UNSUPPORTED or
 * PZIP_SOURCE_CHANGED where the file cannot be read, and the signal's reason
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
  // Loaded here: most programs write archives only.
  const [{ checkEveryRule }, { FORMAT_RULES }, { checkTask }] = await Promise.all([
    import('../check/check-archive.js'),
    import('../check/rules.js'),
    import('../check/thread-tasks.js'),
  ]);
  const { executor, threads } = executorOf(options);
  const abortion = watch(signal);
  try {
    const found = checkEveryRule(source, {
      run: (task, length) => Promise.race([executor.run(checkTask(task, length)), abortion.promise]),
      concurrency: 2 * Math.max(threads, 1),
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
  // Nothing is compressed: threads need no engine in WebAssembly.
  return { executor: new OwnThreads(threads, workOf('zlib'), () => {}), threads };
}

/** A promise that an abort rejects. */
function watch(signal: AbortSignal | undefined): { promise: Promise<never>; stop: () => void } {
  let stop = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    if (signal === undefined) return;
    const abort = (): void => reject(reasonOf(signal));
    signal.addEventListener('abort', abort, { once: true });
    stop = () => signal.removeEventListener('abort', abort);
  });
  promise.catch(() => {});
  return { promise, stop };
}
