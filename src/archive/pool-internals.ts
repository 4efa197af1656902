/** What an archive uses of a pool, which its public face does not show. Only createPool() makes them. */

import type { EngineChoice } from '../deflate/create-engine.js';
import type { SharedMemory } from '../pipeline/shared-memory.js';
import type { Executor } from '../threads/executor.js';
import type { Pool } from './pool.js';

export interface PoolInternals {
  readonly threads: number;
  readonly engineChoice: EngineChoice;
  readonly memory: SharedMemory;
  isClosed(): boolean;
  /** @throws PzipError PZIP_CLOSED once the pool was closed */
  share(onFewer: (cause: Error) => void): Executor;
}

const POOLS = new WeakMap<object, PoolInternals>();

export function registerPool(pool: Pool, internals: PoolInternals): void {
  POOLS.set(pool, internals);
}

/** False for what another program, or another copy of this package, calls a pool. */
export function isPoolOfOurs(value: unknown): value is Pool {
  return typeof value === 'object' && value !== null && POOLS.has(value);
}

/** Of a pool that is ours. */
export function internalsOf(pool: Pool): PoolInternals | undefined {
  return POOLS.get(pool);
}
