/** The part of a pool that archives use and its public type hides. Only createPool() creates one. */

import type { EngineChoice } from '../deflate/create-engine.js';
import type { SharedMemory } from '../pipeline/shared-memory.js';
import type { Executor } from '../threads/executor.js';
import type { Pool } from './pool.js';

export interface PoolInternals {
  readonly threads: number;
  readonly engineChoice: EngineChoice;
  readonly memory: SharedMemory;
  isClosed(): boolean;
  /** @throws PzipError PZIP_CLOSED after the pool was closed */
  share(onFewer: (cause: Error) => void): Executor;
}

const POOLS = new WeakMap<object, PoolInternals>();

export function registerPool(pool: Pool, internals: PoolInternals): void {
  POOLS.set(pool, internals);
}

/** False for any other object, including the pool of another copy of this package. */
export function isPoolOfOurs(value: unknown): value is Pool {
  return typeof value === 'object' && value !== null && POOLS.has(value);
}

/** Of a pool that is ours. */
export function internalsOf(pool: Pool): PoolInternals | undefined {
  return POOLS.get(pool);
}
