/** Lines for standard output, gathered to few writes. A reader such as head(1) may close the pipe when it has seen enough. */
import type { Writable } from 'node:stream';
import { isClosedByReader, outputFailure } from './output-error.js';

/** Characters that go out in one write: enough for the system calls not to count. */
const WRITE_LENGTH = 16 * 1024;

export class LineWriter {
  readonly #stream: Writable;
  #pending = '';
  #failure: unknown;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#failure ??= error;
    });
  }

  /** @returns something to await once enough is gathered; rejects as end() does */
  write(text: string): Promise<void> | undefined {
    this.#pending += text;
    return this.#pending.length >= WRITE_LENGTH ? this.end() : undefined;
  }

  /** Writes what is gathered. @throws what the stream fails with: see isClosedByReader */
  async end(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '' && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#stream.write(text, (error) => {
          this.#failure ??= error ?? undefined;
          resolve();
        });
      });
    }
    if (this.#failure === undefined) return;
    throw isClosedByReader(this.#failure) ? this.#failure : new Error(outputFailure('the list', this.#failure));
  }

  /** Whether an error says that the reader has gone, which is no failure. */
  isClosedByReader(error: unknown): boolean {
    return error === this.#failure && isClosedByReader(error);
  }
}
