/** An archive that goes to a stream: a pipe, a socket, a response, any Writable of Node's or of the web's. */
import { finished, type Writable } from 'node:stream';
import type { Sink } from './sink.js';

export class NodeStreamSink implements Sink {
  readonly rewritable = undefined;
  readonly #stream: Writable;
  readonly #broken: Promise<never>;
  #breakOff: (error: unknown) => void = () => {};
  #stopWatching: () => void;

  constructor(stream: Writable) {
    this.#stream = stream;
    // The write callback alone does not tell of a stream that was destroyed, or whose reader went away, between writes.
    let stop = () => {};
    this.#broken = new Promise((_, reject) => {
      this.#breakOff = reject;
      stop = finished(stream, { readable: false }, (error) => {
        if (error) reject(error);
        else if (!stream.writableFinished)
          reject(new Error('The output stream was closed before the archive was complete'));
      });
    });
    this.#broken.catch(() => {});
    this.#stopWatching = stop;
  }

  isOutput(): boolean {
    return false;
  }

  async write(buffers: readonly Uint8Array[]): Promise<void> {
    for (const buffer of buffers) await Promise.race([this.#broken, this.#write(buffer)]);
  }

  async finish(): Promise<void> {
    const stream = this.#stream;
    // Standard output belongs to the process: what comes after the archive, if anything, is for its owner to say.
    if (stream !== process.stdout && stream !== process.stderr) {
      await Promise.race([this.#broken, new Promise<void>((resolve) => stream.end(() => resolve()))]);
    }
    this.#stopWatching();
  }

  async discard(error: unknown): Promise<void> {
    this.#breakOff(error);
    this.#stopWatching();
    // A destroyed stream repeats the error as an event, and close() has told of it already.
    this.#stream.on('error', () => {});
    if (this.#stream !== process.stdout && this.#stream !== process.stderr) {
      this.#stream.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #write(buffer: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(buffer, (error) => (error ? reject(error) : resolve()));
    });
  }
}

export class WebStreamSink implements Sink {
  readonly rewritable = undefined;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(stream: WritableStream<Uint8Array>) {
    this.#writer = stream.getWriter();
    this.#writer.closed.catch(() => {});
  }

  isOutput(): boolean {
    return false;
  }

  async write(buffers: readonly Uint8Array[]): Promise<void> {
    for (const buffer of buffers) {
      await this.#writer.ready;
      await this.#writer.write(buffer);
    }
  }

  async finish(): Promise<void> {
    await this.#writer.close();
  }

  async discard(error: unknown): Promise<void> {
    await this.#writer.abort(error).catch(() => {});
  }
}
