/** The worker's side of a thread: receives messages and returns outcomes. */
import { threadId } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { microseconds } from '../common/trace.js';
import type { TaskFunction, TaskFunctions, TaskOutcome } from './task.js';
import { type TracedAnswer, totalLength } from './traced.js';

/** A task on its way to a worker thread. */
export interface Envelope {
  /** Undefined for the first, empty task, whose result shows that the thread is loaded. */
  readonly kind: string | undefined;
  readonly message: object;
  /** Asks for a TracedAnswer. */
  readonly isTraced?: boolean;
}

/** @returns the default export of a worker module */
export function serve(functions: TaskFunctions): (envelope: Envelope) => unknown {
  return ({ kind, message, isTraced }) => {
    if (kind === undefined) return undefined;
    const run = functions.get(kind);
    if (run === undefined) throw new Error(`This thread does not know the task '${kind}'`);
    if (isTraced === true) return traced(run, message);
    // The message has the type of this kind; TaskKind checks that where the task is created.
    const outcome = run(message as never);
    return outcome instanceof Promise ? outcome.then(moving) : moving(outcome);
  };
}

async function traced(run: TaskFunction<never, unknown>, message: object): Promise<unknown> {
  const start = microseconds();
  const outcome = run(message as never);
  // A promise is awaited; any other task has ended now, before the thread's next task.
  const awaited = outcome instanceof Promise ? await outcome : outcome;
  const end = microseconds();
  const { result, buffers } = awaited;
  const answer: TracedAnswer = { value: result, thread: threadId, start, end, resultBytes: totalLength(buffers) };
  return moving({ result: answer, buffers });
}

/** Pooled buffers are shared, not transferred. */
function moving({ result, buffers }: TaskOutcome<unknown>): unknown {
  const moved = buffers.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? buffer : []));
  if (moved.length === 0 || typeof result !== 'object' || result === null) return result;
  return move({ [transferableSymbol]: moved, [valueSymbol]: result });
}
