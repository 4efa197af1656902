/**
 * Streams to write an archive to that behave as bad as the world does: that die, stall or crawl.
 */

import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** Takes everything and keeps it. */
export class CollectingSink extends Writable {
  readonly #blocks: Buffer[] = [];

  override _write(block: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#blocks.push(Buffer.from(block)); // the writer may use its buffer again
    callback();
  }

  /** All that was written so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.#blocks);
  }
}

/** Fails at the n-th write (the first is 1) with `error`. */
export class FailingSink extends Writable {
  readonly #failAt: number;
  readonly #error: Error;
  #writes = 0;

  constructor(failAt: number, error: Error) {
    super();
    this.#failAt = failAt;
    this.#error = error;
  }

  /** How many writes arrived, the failed one included. */
  get writes(): number {
    return this.#writes;
  }

  override _write(_block: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    callback(++this.#writes === this.#failAt ? this.#error : null);
  }
}

/** Takes `acceptedWrites` writes and never answers the next one, until `resume` is called. */
export class StallingSink extends Writable {
  readonly #acceptedWrites: number;
  #writes = 0;
  #resume: (() => void) | undefined;
  #markStalled: () => void = () => undefined;
  /** Fulfilled when the write that gets no answer has arrived. */
  readonly stalled: Promise<void>;

  constructor(acceptedWrites: number) {
    super();
    this.#acceptedWrites = acceptedWrites;
    this.stalled = new Promise((resolve) => {
      this.#markStalled = resolve;
    });
  }

  override _write(_block: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (++this.#writes === this.#acceptedWrites + 1) {
      this.#resume = callback;
      this.#markStalled();
    } else {
      callback();
    }
  }

  /** Answers the write that waited. */
  release(): void {
    this.#resume?.();
    this.#resume = undefined;
  }
}

/** Takes `milliseconds` for each write. */
export class SlowSink extends Writable {
  readonly #milliseconds: number;
  #bytesTaken = 0;

  constructor(milliseconds: number) {
    super();
    this.#milliseconds = milliseconds;
  }

  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  override _write(block: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#bytesTaken += block.length;
    sleep(this.#milliseconds).then(() => callback(), callback);
  }
}
