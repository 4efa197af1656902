/**
 * A task for a thread: a kind, a message, and how its memory is passed. The stages that define the kinds register their
 * functions (src/work.ts); this folder does not depend on any of them.
 */
import type { TraceDetails } from '../common/trace.js';

/** A task that gives a Result. */
export interface ThreadTask<Result> {
  /** The name of its TaskKind. */
  readonly kind: string;
  /** Never set: the type of what it gives. */
  readonly result?: Result;
  /** Survives structured clone. */
  readonly message: object;
  /** Buffers of the message to transfer; the sender's views are detached. */
  readonly transfer: readonly ArrayBuffer[];
  /** Whether the result may use a pooled buffer, which the message gets as its `output` if one is available. */
  readonly usesLent: boolean;
  /** Cost, in bytes of content that take as long to compress at level 6. */
  readonly cost: number;
  /** Description for a trace, such as the name of an entry. Stays with the sender. */
  readonly label: string | undefined;
  /** See TaskKind. */
  readonly describe: TaskDescription<never> | undefined;
}

/** Describes a task for a trace. Called before the message is sent, and only if there is a trace. */
export type TaskDescription<Message> = (message: Message, label: string | undefined) => TraceDetails;

/** The properties of a task that its kind does not determine. */
export type TaskFacts = Partial<Pick<ThreadTask<unknown>, 'transfer' | 'usesLent' | 'cost' | 'label'>>;

/** The result of a task, and its buffers to transfer, unless they are shared. */
export interface TaskOutcome<Result> {
  readonly result: Result;
  readonly buffers: readonly ArrayBufferView[];
}

export type TaskFunction<Message, Result> = (message: Message) => TaskOutcome<Result> | Promise<TaskOutcome<Result>>;

/** By the name of the kind. */
export type TaskFunctions = ReadonlyMap<string, TaskFunction<never, unknown>>;
export type RegisteredFunction = readonly [string, TaskFunction<never, unknown>];

/** Ties a message to its result, so that only the right function can be registered for it. */
export class TaskKind<Message extends object, Result> {
  constructor(
    readonly name: string,
    readonly describe?: TaskDescription<Message>,
  ) {}

  task(message: Message, { transfer = [], usesLent = false, cost = 0, label }: TaskFacts = {}): ThreadTask<Result> {
    return { kind: this.name, message, transfer, usesLent, cost, label, describe: this.describe };
  }

  /** An element of TaskFunctions. */
  implementedBy(run: TaskFunction<Message, Result>): RegisteredFunction {
    return [this.name, run];
  }
}

/** The functions of a program's threads, and their modules. */
export interface Work {
  /** The module of a worker thread, which passes its functions to serve(). */
  readonly worker: URL;
  /** The workerData of a worker thread. */
  readonly settings: object;
  /** Bytes of address space that a thread's task functions need, in addition to the thread's own. */
  readonly addresses: number;
  /** Bytes of a pooled buffer for a result. */
  readonly lentLength: number;
  /** The functions for the calling thread; loaded with its first task. */
  load(): Promise<TaskFunctions>;
}
