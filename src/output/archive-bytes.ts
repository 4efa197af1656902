/** The bytes of an archive in order: counts them, and lets the writer run ahead of a sink that queues. */
import { FirstFailure } from '../common/first-failure.js';
import type { ArchiveDigest } from './archive-digest.js';
import type { RewritableSink, Sink } from './sink.js';

export class ArchiveBytes {
  /** Bytes written so far. */
  position = 0;
  readonly #sink: Sink;
  readonly #digest: ArchiveDigest | undefined;
  /** Whether what is written now may be rewritten later. */
  #isDraft = false;
  /** The first failure of a write that nothing waited for. */
  readonly #failure = new FirstFailure();

  constructor(sink: Sink, digest?: ArchiveDigest) {
    this.#sink = sink;
    this.#digest = digest;
  }

  async write(buffers: readonly Uint8Array[]): Promise<void> {
    // A sink may detach the buffers.
    this.position += totalLength(buffers);
    if (!this.#isDraft) this.#digest?.add(buffers);
    await this.#sink.write(buffers);
  }

  /**
   * Writes without waiting where the sink queues; the memory budget bounds how far ahead that runs.
   *
   * @param onWritten called when the buffers are no longer in use
   */
  async put(buffers: readonly Uint8Array[], onWritten: () => void): Promise<void> {
    this.checkWritten();
    const written = this.write(buffers).then(onWritten);
    if (this.#sink.queues === true) written.catch((error: unknown) => this.#failure.set(error));
    else await written;
  }

  /** Writes bytes that may be rewritten until `work` is done; only then are they hashed. */
  async draft<T>(file: RewritableSink, work: () => Promise<T>): Promise<T> {
    const start = this.position;
    this.#isDraft = true;
    try {
      const result = await work();
      await this.#digest?.addWritten(file, start, this.position);
      return result;
    } finally {
      this.#isDraft = false;
    }
  }

  /** @throws the first error of a write, or of an `onWritten`, that nothing waited for */
  checkWritten(): void {
    this.#failure.check();
  }
}

export function totalLength(buffers: readonly Uint8Array[]): number {
  let length = 0;
  for (const buffer of buffers) length += buffer.length;
  return length;
}
