/** Runs tasks on the calling thread. What that takes is loaded with the first. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { activeTrace } from '../common/trace.js';
import type { TaskFunctions, ThreadTask, Work } from './task.js';
import { runTracedInline } from './traced.js';

export class Inline {
  readonly #work: Work;
  #functions: Promise<TaskFunctions> | undefined;
  /** The one of many that is to be done before the next. */
  #before: Promise<void> = Promise.resolve();

  constructor(work: Work) {
    this.#work = work;
  }

  async run<Result>(task: ThreadTask<Result>): Promise<Result> {
    const { kind, message } = task;
    this.#functions ??= this.#work.load();
    const run = (await this.#functions).get(kind);
    if (run === undefined) throw new Error(`Nothing is registered for the task '${kind}'`);
    // The message is of this kind, and so is the result: TaskKind ties them where the task is made.
    const trace = activeTrace();
    const carryOut = () => run(message as never);
    const { result } = await (trace === undefined ? carryOut() : runTracedInline(trace, task, carryOut));
    return result as Result;
  }

  /** One of many: the event loop gets its turn first, for signals, timers and the program whose thread this is. */
  runOneOfMany<Result>(task: ThreadTask<Result>): Promise<Result> {
    const done = this.#before.then(async () => {
      await nextTurn();
      return this.run(task);
    });
    this.#before = done.then(
      () => {},
      () => {},
    );
    return done;
  }
}
