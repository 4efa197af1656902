/** Worker threads that outlive an archive, for a program that creates many. */
import { availableParallelism } from 'node:os';
import { chooseEngine } from '../deflate/create-engine.js';
import { defaultSharedMemory, SharedMemory } from '../pipeline/shared-memory.js';
import { SharedPool } from '../threads/shared-pool.js';
import { workOf } from '../work.js';
import type { Pool, PoolOptions } from './pool.js';
import { registerPool } from './pool-internals.js';
import { resolvePoolOptions } from './resolve-options.js';

/**
 * Starts worker threads for the option `pool` of archives.
 *
 * @throws PzipError PZIP_USAGE for invalid options, or an engine that cannot run here
 */
export function createPool(options: PoolOptions = {}): Pool {
  const { threads = availableParallelism(), engine: asked, memory } = resolvePoolOptions(options);
  const engineChoice = chooseEngine(asked);
  const shared = new SharedPool(threads, workOf(engineChoice.name, true));
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
