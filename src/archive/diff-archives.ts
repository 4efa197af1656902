/** Compares archives, directories and manifests. */
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { throwIfAborted } from '../common/abort-signal.js';
import { PzipError, quote } from '../common/errors.js';
import { hasCode, sourceUnreadable } from '../common/file-errors.js';
import { isPath } from '../common/option-rules.js';
import { Pace } from '../common/pace.js';
import { fewerThreads, type PzipWarning, passWarning } from '../common/warnings.js';
import type { NameRule, Operand } from '../diff/facts.js';
import type { RowOperand } from '../diff/row-operand.js';
import type { Difference } from '../diff/run-comparison.js';
import { compareTask } from '../diff/thread-tasks.js';
import { type Executor, OwnThreads } from '../threads/executor.js';
import { workOf } from '../work.js';
import type { Diff, DiffOptions } from './diff-options.js';
import { internalsOf } from './pool-internals.js';
import { resolveDiffOptions } from './resolve-diff-options.js';

type Resolved = ReturnType<typeof resolveDiffOptions>;

/** Tasks in progress per thread: enough that a large file does not leave the other threads idle. */
const TASKS_PER_THREAD = 8;

/**
 * Compares `a` with `b`: each is a ZIP archive, a directory, or a manifest (a list of SHA-256 checksums as written by sha256sum,
 * or pzip's JSON). Nothing is extracted, contents are compared on worker threads, and memory does not grow with their size. Modes
 * and times are compared if both sides have them.
 *
 * An entry that cannot be read or inflated is a difference with `change: 'failed'` and an `error`; the others are still compared.
 *
 * @throws PzipError PZIP_USAGE at once; the iteration throws if a side cannot be listed: PZIP_SOURCE_MISSING,
 * PZIP_SOURCE_UNREADABLE, PZIP_SOURCE_UNSUPPORTED, PZIP_ARCHIVE_INVALID, PZIP_ARCHIVE_UNSUPPORTED or PZIP_MANIFEST_INVALID
 */
export function diffArchives(a: string | URL, b: string | URL, options: DiffOptions = {}): Diff {
  const resolved = resolveDiffOptions(options);
  // Without `cwd`, messages show paths as they are given.
  const located = (path: string): string => (resolved.cwd === undefined ? path : resolve(resolved.cwd, path));
  const paths = { a: located(isPath(a, 'a')), b: located(isPath(b, 'b')) };
  let equalCount = 0;
  return {
    get equalCount() {
      return equalCount;
    },
    [Symbol.asyncIterator]() {
      equalCount = 0;
      return differences(paths, resolved, () => equalCount++);
    },
  };
}

async function* differences(
  paths: { readonly a: string; readonly b: string },
  options: Resolved,
  onEqual: () => void,
): AsyncGenerator<Difference, void, undefined> {
  const checkpoint = (): void => throwIfAborted(options.signal);
  checkpoint();
  const { compareOperands, failure } = await import('../diff/run-comparison.js');
  const failures: Difference[] = [];
  const onWarning = (warning: PzipWarning): void => {
    passOn(warning, options);
    if (warning.code !== 'PZIP_SOURCE_SKIPPED') return;
    const message = warning.message.replace(/^Skipped: /, '');
    failures.push(failure(new PzipError('PZIP_SOURCE_UNREADABLE', message, { path: warning.path })));
  };
  const { check = 'content', times = false, modes = 'keep', directoryEntries = true } = options;
  const executor = executorOf(options);
  try {
    const open = await openOperands(paths, options, onWarning, checkpoint);
    try {
      yield* compareOperands(open.a, open.b, {
        check,
        comparesTimes: times,
        comparesDirectories: directoryEntries,
        modeRule: modes === 'ignore' ? undefined : modeRule(open.hasTree, modes === 'keep-special'),
        run: (task, contentLength) => executor.run(compareTask(task, contentLength)),
        concurrency: Math.max(1, threadsOf(options)) * TASKS_PER_THREAD,
        checkpoint,
        takeFailures: () => failures.splice(0),
        onEqual,
      });
    } finally {
      await executor.destroy();
      await open.a.close();
      await open.b.close();
    }
  } finally {
    await executor.destroy();
  }
}

/** The mode that pzip writes for a file: readable by the owner, and nine bits without `'keep-special'`. */
function modeRule(hasTree: boolean, keepsSpecial: boolean): (mode: number) => number {
  if (!hasTree) return (mode) => mode;
  return keepsSpecial ? (mode) => mode | 0o400 : (mode) => (mode & 0o777) | 0o400;
}

/** The selection options about names; the others do not affect a comparison. */
const MEANT_WARNINGS: ReadonlySet<PzipWarning['code']> = new Set([
  'PZIP_SPECIAL_SKIPPED',
  'PZIP_LINK_LOOP',
  'PZIP_PATTERN_UNMATCHABLE',
  'PZIP_FEWER_THREADS',
  'PZIP_IGNORE_FILE_SKIPPED',
  'PZIP_REPOSITORY_SKIPPED',
]);

function passOn(warning: PzipWarning, { onWarning }: Resolved): void {
  if (MEANT_WARNINGS.has(warning.code)) passWarning(warning, { onWarning });
}

function threadsOf({ pool, threads }: Resolved): number {
  return pool?.threads ?? threads ?? availableParallelism();
}

/** Nothing is compressed: threads need no deflate engine. */
function executorOf(options: Resolved): Executor {
  const pool = options.pool === undefined ? undefined : internalsOf(options.pool);
  const onFewer = (cause: Error): void => passOn(fewerThreads(cause), options);
  return pool === undefined ? new OwnThreads(threadsOf(options), workOf('zlib'), onFewer) : pool.share(onFewer);
}

interface Operands {
  readonly a: Operand;
  readonly b: Operand;
  /** Whether one side is a directory. */
  readonly hasTree: boolean;
}

/** A directory's names depend on those of the other side, which is opened first. */
async function openOperands(
  paths: { readonly a: string; readonly b: string },
  options: Resolved,
  onWarning: (warning: PzipWarning) => void,
  checkpoint: () => void,
): Promise<Operands> {
  const { openFileOperand } = await import('../diff/open-operand.js');
  const { startOf, treeOperand } = await import('./tree-operand.js');
  const { modes = 'keep', prefix, exclude, gitignore, symlinks } = options;
  const nameRule = await nameRuleOf(options);
  const files: Stats[] = [];
  const openFile = async (path: string): Promise<RowOperand | undefined> => {
    const stats = await look(path);
    if (stats.isDirectory()) return undefined;
    files.push(stats);
    return openFileOperand(path, nameRule, new Pace(checkpoint));
  };
  const tree = (path: string, other: RowOperand | undefined): Operand => {
    const common = prefix === undefined ? other?.commonDirectories : undefined;
    const modesOfTree = modes === 'ignore' ? 'keep' : modes;
    const selection = { exclude, gitignore, symlinks, prefix, modes: modesOfTree, onWarning, checkpoint };
    // An archive never contains itself, so its absence from itself is not a difference.
    const isOwnOutput = ({ dev, ino }: Pick<Stats, 'dev' | 'ino'>): boolean =>
      files.some((file) => file.dev === dev && file.ino === ino);
    return treeOperand(startOf(path, common), { ...selection, isOwnOutput });
  };
  const a = await openFile(paths.a);
  try {
    const b = await openFile(paths.b);
    const hasTree = a === undefined || b === undefined;
    return { a: a ?? tree(paths.a, b), b: b ?? tree(paths.b, a), hasTree };
  } catch (error) {
    await a?.close();
    throw error;
  }
}

async function look(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT', 'ENOTDIR')) throw sourceUnreadable('open', path, cause);
    throw new PzipError('PZIP_SOURCE_MISSING', `${quote(path)} does not exist`, { path, cause });
  }
}

/** For names in archives and manifests. A leading `./` is removed. */
async function nameRuleOf({ exclude = [], stripComponents = 0, prefix = '' }: Resolved): Promise<NameRule> {
  const { patternsOf } = await import('../select/names/name-patterns.js');
  const patterns = exclude.length === 0 ? undefined : patternsOf(exclude);
  const before = prefix === '' ? '' : `${prefix.replace(/^(?:\.?\/)+|\/+$/g, '')}/`;
  return (given) => {
    let name = given.replace(/^(?:\.\/+)+/, '');
    for (let count = 0; count < stripComponents; count++) {
      const slash = name.indexOf('/');
      if (slash < 0) return undefined;
      name = name.slice(slash + 1);
    }
    if (name === '') return undefined;
    const matched = name.startsWith(before) ? name.slice(before.length) : name;
    return matched !== '' && patterns?.matches(matched) === true ? undefined : name;
  };
}
