/** Worker threads that outlive an archive, for a program that makes many. */
import { availableParallelism } from 'node:os';
import type { CompressPool } from './compress/pool.js';
import { SharedPool } from './compress/shared-pool.js';
import { chooseEngine, type EngineChoice } from './deflate/create-engine.js';
import type { EngineName } from './deflate/engine.js';
import { PzipError } from './errors.js';

export interface PoolOptions {
  /** Worker threads; all are started at once. @default os.availableParallelism() */
  threads?: number;
  /**
   * What compresses: pzip's own deflate in WebAssembly, or Node's zlib, which is slower.
   * @default 'wasm'; where it cannot run, 'zlib', of which each archive that uses the pool warns
   */
  engine?: EngineName;
}

/** Worker threads for several archives, which take turns where they run at once. Idle, they keep no process alive. */
export interface Pool extends AsyncDisposable {
  readonly threads: number;
  readonly engine: EngineName;
  /** Takes no more archives, waits for those that use it, and ends the threads. */
  close(): Promise<void>;
  /** @internal */
  readonly engineChoice: EngineChoice;
  /** @internal */
  share(): CompressPool;
}

/**
 * Starts worker threads to be given to archives as their option `pool`. Memory is bounded for each archive by itself.
 *
 * @throws PzipError PZIP_USAGE for a number of threads that is none, and for an engine that cannot run here
 */
export function createPool(options: PoolOptions = {}): Pool {
  const threads = options.threads ?? availableParallelism();
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 1024)) {
    throw new PzipError('PZIP_USAGE', `The option threads is a whole number from 1 to 1024, not ${threads}`);
  }
  const engineChoice = chooseEngine(options.engine);
  const engine = engineChoice.name;
  const pool = new SharedPool(threads, engine);
  const close = (): Promise<void> => pool.close();
  return { threads, engine, engineChoice, close, share: () => pool.share(), [Symbol.asyncDispose]: close };
}
