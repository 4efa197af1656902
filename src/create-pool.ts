/** Worker threads that outlive an archive, for a program that makes many. */
import { availableParallelism } from 'node:os';
import type { CompressPool } from './compress/pool.js';
import { SharedPool } from './compress/shared-pool.js';
import { isEngineAvailable } from './deflate/create-engine.js';
import type { EngineName } from './deflate/engine.js';
import { PzipError } from './errors.js';

export interface PoolOptions {
  /** Worker threads; all are started at once. @default os.availableParallelism() */
  threads?: number;
  /** What compresses: pzip's own deflate, or Node's zlib. @default 'wasm' where WebAssembly is available, else 'zlib' */
  engine?: EngineName;
}

/** Worker threads for several archives, which take turns where they run at once. Idle, they keep no process alive. */
export interface Pool extends AsyncDisposable {
  readonly threads: number;
  readonly engine: EngineName;
  /** Takes no more archives, waits for those that use it, and ends the threads. */
  close(): Promise<void>;
  /** @internal */
  share(): CompressPool;
}

/**
 * Starts worker threads to be given to archives as their option `pool`. Memory is bounded for each archive by itself.
 *
 * @throws PzipError PZIP_USAGE for a number of threads that is none
 */
export function createPool(options: PoolOptions = {}): Pool {
  const threads = options.threads ?? availableParallelism();
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 1024)) {
    throw new PzipError('PZIP_USAGE', `The option threads is a whole number from 1 to 1024, not ${threads}`);
  }
  const engine = options.engine ?? (isEngineAvailable('wasm') ? 'wasm' : 'zlib');
  const pool = new SharedPool(threads, engine);
  const close = (): Promise<void> => pool.close();
  return { threads, engine, close, share: () => pool.share(), [Symbol.asyncDispose]: close };
}
