/** A sink of the caller's: turns its errors into PzipErrors, and discards it once. */
import { PzipError } from '../common/errors.js';
import type { FileIdentity, RewritableSink, Scratch, Sink } from './sink.js';

export class CustomSink implements Sink {
  readonly rewritable: RewritableSink | undefined;
  readonly returnsBuffers: boolean;
  readonly queues: boolean;
  readonly broken: Promise<never>;
  readonly #sink: Sink;
  #discarding: Promise<void> | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
    this.returnsBuffers = sink.returnsBuffers === true;
    this.queues = sink.queues === true;
    this.broken = failing(() => sink.broken ?? new Promise<never>(() => {}));
    this.broken.catch(() => {});
    const { rewritable } = sink;
    this.rewritable = rewritable && {
      rewrite: (position, buffers) => failing(() => rewritable.rewrite(position, buffers)),
      read: (position, into) => failing(() => rewritable.read(position, into)),
      truncate: (position) => failing(() => rewritable.truncate(position)),
    };
  }

  isOutput(stats: FileIdentity, path: string): boolean {
    return this.#sink.isOutput?.(stats, path) ?? false;
  }

  write(buffers: readonly Uint8Array[]): Promise<void> {
    return failing(() => this.#sink.write(buffers));
  }

  openScratch(): Promise<Scratch | undefined> {
    return failing(async () => {
      const scratch = await this.#sink.openScratch?.();
      return (
        scratch && {
          write: (position, bytes) => failing(() => scratch.write(position, bytes)),
          read: (position, into) => failing(() => scratch.read(position, into)),
        }
      );
    });
  }

  finish(): Promise<void> {
    return failing(() => this.#sink.finish());
  }

  discard(error: unknown): Promise<void> {
    this.#discarding ??= failing(() => this.#sink.discard(error)).catch(() => {});
    return this.#discarding;
  }
}

/** Recognises a sink by its three methods: no stream of Node's or of the web has them all. */
export function isSink(value: unknown): value is Sink {
  if (typeof value !== 'object' || value === null) return false;
  return ['write', 'finish', 'discard'].every(
    (name) => name in value && typeof Reflect.get(value, name) === 'function',
  );
}

/** Runs a call that may throw, reject or return no promise. */
async function failing<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof PzipError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new PzipError('PZIP_OUTPUT_FAILED', `Cannot write to the output: ${reason}`, { cause: error });
  }
}
