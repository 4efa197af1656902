/** The receiving end of a worker thread: messages in, outcomes out. */
import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { TaskFunctions, TaskOutcome } from './task.js';

/** A task on its way to a worker thread. */
export interface Envelope {
  /** Undefined asks for nothing but an answer: the thread is loaded. */
  readonly kind: string | undefined;
  readonly message: object;
}

/** @returns what a worker module exports as its default */
export function serve(functions: TaskFunctions): (envelope: Envelope) => unknown {
  return ({ kind, message }) => {
    if (kind === undefined) return undefined;
    const run = functions.get(kind);
    if (run === undefined) throw new Error(`This thread does not know the task '${kind}'`);
    // The message is of this kind: TaskKind ties the two where the task is made.
    const outcome = run(message as never);
    return outcome instanceof Promise ? outcome.then(moving) : moving(outcome);
  };
}

/** Memory that was lent is shared, and not moved. */
function moving({ result, buffers }: TaskOutcome<unknown>): unknown {
  const moved = buffers.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? buffer : []));
  if (moved.length === 0 || typeof result !== 'object' || result === null) return result;
  return move({ [transferableSymbol]: moved, [valueSymbol]: result });
}
