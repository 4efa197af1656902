/** Keeps a number of tasks in progress, and yields their findings in the order of the plans. */
import { PzipError } from '../common/errors.js';
import type { CheckResult, CheckTask, StopFlag } from './check-task.js';
import type { RawFinding } from './findings.js';
import type { TaskPlan } from './task-plan.js';

export interface CheckRun {
  /** Runs a task on any thread; `length` is that of its content. */
  readonly run: (task: CheckTask, length: number) => Promise<CheckResult>;
  /** Maximum number of tasks in progress. */
  readonly concurrency: number;
  readonly stop: StopFlag;
  /** Throws to stop the check. */
  readonly checkpoint: () => void;
  /** Called with each entry's length. */
  readonly onEntry: (uncompressedSize: number) => void;
}

interface RunningTask {
  readonly plan: TaskPlan;
  readonly result: Promise<CheckResult>;
}

export async function* runTasks(
  plans: AsyncIterable<TaskPlan>,
  { run, concurrency }: CheckRun,
): AsyncGenerator<RawFinding, void, undefined> {
  const tasks: RunningTask[] = [];
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const plan of plans) {
      const task = plan.task();
      const result = task === undefined ? Promise.resolve({ entries: [] }) : run(task, plan.contentLength);
      // It is awaited later, or never if an earlier task fails.
      result.catch(() => {});
      tasks.push({ plan, result });
      if (tasks.length >= concurrency) yield* finished(tasks.shift());
    }
  } catch (error) {
    failure = { error };
  }
  // A fault of the directory comes after the findings about the entries before it.
  while (tasks.length > 0) yield* finished(tasks.shift());
  if (failure !== undefined) throw failure.error;
}

async function* finished(task: RunningTask | undefined): AsyncGenerator<RawFinding, void, undefined> {
  if (task === undefined) return;
  const result = await task.result;
  if ('failure' in result) throw unreadable(result.failure);
  yield* task.plan.findings(result);
}

function unreadable(code: string): PzipError {
  if (code === '') return new PzipError('PZIP_SOURCE_CHANGED', 'The archive was truncated while it was checked');
  return new PzipError('PZIP_SOURCE_UNREADABLE', `The archive cannot be read: ${code}`);
}
