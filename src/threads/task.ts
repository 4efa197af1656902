/**
 * Work for a thread, as the threads see it: a kind, a message and what to do with memory. What the kinds are and how each is
 * carried out is registered by the stage that defines them (src/work.ts); this folder knows none of them.
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
  /** Memory of the message that is moved to the thread; the sender's views of it are dead then. */
  readonly transfer: readonly ArrayBuffer[];
  /** Whether the result may be in lent memory, which the message gets as its `output` where it is to be had. */
  readonly usesLent: boolean;
  /** How much there is to do, in bytes of content that take as long to compress at level 6. */
  readonly cost: number;
  /** What it is about, such as the name of an entry, for a trace. Stays with the sender. */
  readonly label: string | undefined;
  /** See TaskKind. */
  readonly describe: TaskDescription<never> | undefined;
}

/** What a trace shows of a task. Called before the message is sent, and only where there is a trace. */
export type TaskDescription<Message> = (message: Message, label: string | undefined) => TraceDetails;

/** What of a task does not follow from its kind. */
export type TaskFacts = Partial<Pick<ThreadTask<unknown>, 'transfer' | 'usesLent' | 'cost' | 'label'>>;

/** The result of a task, and the memory in it that is moved to the receiver, where it is not shared. */
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
  carriedOutBy(run: TaskFunction<Message, Result>): RegisteredFunction {
    return [this.name, run];
  }
}

/** What a program's threads can do, and where it is found. */
export interface Work {
  /** The module of a worker thread, which passes its functions to serve(). */
  readonly worker: URL;
  /** What a worker thread gets as its workerData. */
  readonly settings: object;
  /** Bytes of address space that each thread takes besides its own. */
  readonly addresses: number;
  /** Bytes of a buffer that is lent for a result. */
  readonly lentLength: number;
  /** The functions for the calling thread; loaded with its first task. */
  load(): Promise<TaskFunctions>;
}
