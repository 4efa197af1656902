import type { Pool } from './pool.js';

/** Options of checkArchive(). */
export interface CheckOptions {
  /** Maximum number of worker threads; 0 checks on the calling thread. @default os.availableParallelism() */
  threads?: number | undefined;
  /** Worker threads from createPool(). Excludes `threads`. @default own threads */
  pool?: Pool | undefined;
  /** Aborts the check: the iteration throws the signal's reason. */
  signal?: AbortSignal | undefined;
}
