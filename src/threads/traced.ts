/** Records tasks for PZIP_TRACE: description, thread, start and end. */
import { CALLING_THREAD, microseconds, type Trace, type TraceDetails } from '../common/trace.js';
import type { TaskOutcome, ThreadTask } from './task.js';

/** A worker thread's answer to a traced task. */
export interface TracedAnswer {
  readonly value: unknown;
  /** The number of the thread. */
  readonly thread: number;
  /** Microseconds. */
  readonly start: number;
  readonly end: number;
  readonly resultBytes: number;
}

/** @param send posts the task and transfers its memory, so the description is taken before */
export async function runTraced(
  trace: Trace,
  task: ThreadTask<unknown>,
  send: () => Promise<unknown>,
): Promise<unknown> {
  const details = describe(task);
  const posted = microseconds();
  const { value, thread, start, end, resultBytes } = (await send()) as TracedAnswer;
  trace.nameTrack(thread, `worker thread ${thread}`);
  const waited = Math.max(0, Math.floor(start - posted));
  trace.span(thread, task.kind, 'task', start, end, { ...details, resultBytes, waitedMicroseconds: waited });
  return value;
}

export async function runTracedInline<Result>(
  trace: Trace,
  task: ThreadTask<unknown>,
  run: () => TaskOutcome<Result> | Promise<TaskOutcome<Result>>,
): Promise<TaskOutcome<Result>> {
  const details = describe(task);
  const start = microseconds();
  const running = run();
  const outcome = running instanceof Promise ? await running : running;
  const end = microseconds();
  const resultBytes = totalLength(outcome.buffers);
  trace.span(CALLING_THREAD, task.kind, 'task', start, end, { ...details, resultBytes });
  return outcome;
}

export function totalLength(buffers: readonly ArrayBufferView[]): number {
  return buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function describe({ describe: describeMessage, message, label }: ThreadTask<unknown>): TraceDetails {
  return describeMessage?.(message as never, label) ?? {};
}
