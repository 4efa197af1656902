/**
 * A Writable for a named pipe or a device, which can only be written sequentially.
 *
 * A named pipe opens once it has a reader, and that may take a while. A blocking open(2) could not be cancelled, so pzip
 * retries a non-blocking one until it succeeds or the archive is discarded.
 */
import { type BigIntStats, close, constants, fstat, open, write } from 'node:fs';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { hasCode } from '../../common/file-errors.js';
import { cannotWrite, outputFailed } from './explain.js';
import type { OutputTarget } from './target.js';

/** Milliseconds between two attempts to open a named pipe. */
const RETRY_INTERVAL = 20;

const { O_WRONLY, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants;

type Done = (error?: Error | null) => void;

export function specialFileStream(place: OutputTarget & { readonly found: BigIntStats }): Writable {
  return new SpecialFile(place);
}

class SpecialFile extends Writable {
  readonly #path: string;
  readonly #target: string;
  readonly #found: BigIntStats;
  #descriptor: number | undefined;
  /** For a named pipe: waits in the event loop, not in a thread that cannot be stopped. */
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ path, target, found }: OutputTarget & { readonly found: BigIntStats }) {
    super({
      // Called after this constructor.
      construct: (done) => this.#open(done),
      write: (bytes: Uint8Array, _encoding, done) => this.#write(bytes, done),
      final: (done) => this.#end(done),
      destroy: (error, done) => this.#destroy(error, done),
    });
    this.#path = path;
    this.#target = target;
    this.#found = found;
  }

  #open(done: Done): void {
    const waits = this.#found.isFIFO() ? O_NONBLOCK : 0;
    // Without O_CREAT and O_TRUNC: if another file has replaced it, that is neither created nor truncated.
    open(this.#target, O_WRONLY | O_NOCTTY | waits, (error, descriptor) => {
      if (this.destroyed) {
        if (error === null) close(descriptor);
        done();
      } else if (error === null) {
        this.#descriptor = descriptor;
        this.#check(descriptor, done);
      } else if (this.#found.isFIFO() && hasCode(error, 'ENXIO')) {
        this.#timer = setTimeout(() => this.#open(done), RETRY_INTERVAL);
      } else {
        done(outputFailed(this.#path, error));
      }
    });
  }

  #check(descriptor: number, done: Done): void {
    fstat(descriptor, { bigint: true }, (error, { dev, ino } = this.#found) => {
      const isSame = error === null && dev === this.#found.dev && ino === this.#found.ino;
      if (!isSame) {
        done(cannotWrite(this.#path, 'another file has replaced it meanwhile', error ?? undefined));
      } else if (this.#found.isFIFO()) {
        this.#connect(descriptor).then(() => done(), done);
      } else {
        done();
      }
    });
  }

  async #connect(descriptor: number): Promise<void> {
    const { Socket } = await import('node:net');
    this.#socket = new Socket({ fd: descriptor, readable: false, writable: true });
    this.#descriptor = undefined;
    this.#socket.on('error', (error) => this.destroy(outputFailed(this.#path, error)));
  }

  #write(bytes: Uint8Array, done: Done): void {
    const finish = (error: Error | null | undefined): void => done(error ? outputFailed(this.#path, error) : null);
    if (this.#socket !== undefined) this.#socket.write(bytes, finish);
    else this.#writeAll(bytes, finish);
  }

  #writeAll(bytes: Uint8Array, done: Done): void {
    write(this.#descriptor ?? -1, bytes, 0, bytes.length, null, (error, written) => {
      if (error !== null || written === bytes.length) done(error);
      else this.#writeAll(bytes.subarray(written), done);
    });
  }

  #end(done: Done): void {
    if (this.#socket === undefined) done();
    else this.#socket.end(() => done());
  }

  #destroy(error: Error | null, done: Done): void {
    clearTimeout(this.#timer);
    this.#socket?.destroy();
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor === undefined) done(error);
    else close(descriptor, (closeError) => done(error ?? (closeError && outputFailed(this.#path, closeError))));
  }
}
