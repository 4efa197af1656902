/** Worker threads that outlive an archive, for a program that makes many. */
import { availableParallelism } from 'node:os';
import { chooseEngine } from '../deflate/create-engine.js';
import type { EngineName } from '../deflate/engine.js';
import { defaultSharedMemory, SharedMemory } from '../pipeline/shared-memory.js';
import { SharedPool } from '../threads/shared-pool.js';
import { workOf } from '../work.js';
import { registerPool } from './pool-internals.js';
import { resolvePoolOptions } from './resolve-options.js';

export interface PoolOptions {
  /** Worker threads; all are started at once. 0: none, the calling thread compresses. @default os.availableParallelism() */
  threads?: number | undefined;
  /**
   * What compresses: pzip's own deflate in WebAssembly, or Node's zlib, which is slower.
   * @default 'wasm'; where it cannot run, 'zlib', of which each archive that uses the pool warns
   */
  engine?: EngineName | undefined;
  /**
   * Bytes of input and output that the pool's archives may hold together. An archive that is read slowly holds at most as
   * many as it leaves to the others, and beyond the limit each may hold one task of 2 MiB.
   * @default 32 MiB, or 8 MiB for each thread where that is more
   */
  memory?: number | undefined;
}

/** Worker threads for several archives, which take turns where they run at once. Idle, they keep no process alive. */
export interface Pool extends AsyncDisposable {
  readonly threads: number;
  readonly engine: EngineName;
  /** Takes no more archives, waits for those that use it, and ends the threads. */
  close(): Promise<void>;
}

/**
 * Starts worker threads to be given to archives as their option `pool`.
 *
 * @throws PzipError PZIP_USAGE for options that are not what they may be, and for an engine that cannot run here
 */
export function createPool(options: PoolOptions = {}): Pool {
  const { threads = availableParallelism(), engine: asked, memory } = resolvePoolOptions(options);
  const engineChoice = chooseEngine(asked);
  const shared = new SharedPool(threads, workOf(engineChoice.name));
  let isClosed = false;
  const close = (): Promise<void> => {
    isClosed = true;
    return shared.close();
  };
  const pool: Pool = { threads, engine: engineChoice.name, close, [Symbol.asyncDispose]: close };
  registerPool(pool, {
    threads,
    engineChoice,
    memory: new SharedMemory(memory ?? defaultSharedMemory(threads)),
    isClosed: () => isClosed,
    share: (onFewer) => shared.share(onFewer),
  });
  return pool;
}
