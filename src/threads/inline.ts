/** Runs tasks on the calling thread. The functions are loaded with the first one. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { activeTrace } from '../common/trace.js';
import type { TaskFunctions, ThreadTask, Work } from './task.js';
import { runTracedInline } from './traced.js';

export class Inline {
  readonly #work: Work;
  #functions: Promise<TaskFunctions> | undefined;
  /** The previous task, which must finish first. */
  #before: Promise<void> = Promise.resolve();

  constructor(work: Work) {
    this.#work = work;
  }

  async run<Result>(task: ThreadTask<Result>): Promise<Result> {
    const { kind, message } = task;
    this.#functions ??= this.#work.load();
    const run = (await this.#functions).get(kind);
    if (run === undefined) throw new Error(`Nothing is registered for the task '${kind}'`);
    // Message and result have the types of this kind; TaskKind checks that where the task is created.
    const trace = activeTrace();
    const carryOut = () => run(message as never);
    const { result } = await (trace === undefined ? carryOut() : runTracedInline(trace, task, carryOut));
    return result as Result;
  }

  /** Lets the event loop run before each of many tasks, for signals, timers and the program on this thread. */
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
