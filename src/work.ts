/** What pzip's threads can do. Here, and in worker.ts, the stages that have work for them register it. */

import { MEMORY_ADDRESSES } from './common/system-limits.js';
import { LENT_LENGTH } from './compress/result-buffer.js';
import type { EngineName } from './deflate/engine.js';
import type { TaskFunctions, Work } from './threads/task.js';

/** What a worker thread gets when it starts. */
export interface WorkerSettings {
  readonly engine: EngineName;
  /** See EqualContent. */
  readonly recentLength: number;
}

/** Bytes of compressed data that a thread remembers: some ten tasks, until their results are in the archive's file. */
const RECENT_LENGTH = 2 * 1024 * 1024;

/** The same in a pool, where other archives may have equal content, and are streams more often. */
const RECENT_LENGTH_OF_POOL = 8 * 1024 * 1024;

/** @param isPool whether several archives share the threads */
export function workOf(engine: EngineName, isPool = false): Work {
  const settings: WorkerSettings = { engine, recentLength: isPool ? RECENT_LENGTH_OF_POOL : RECENT_LENGTH };
  return {
    worker: new URL('./worker.js', import.meta.url),
    settings,
    addresses: engine === 'wasm' ? MEMORY_ADDRESSES : 0,
    lentLength: LENT_LENGTH,
    load: () => loadFunctions(settings),
  };
}

async function loadFunctions({ engine, recentLength }: WorkerSettings): Promise<TaskFunctions> {
  const [{ taskFunctions }, { createEngine }] = await Promise.all([
    import('./task-functions.js'),
    import('./deflate/create-engine.js'),
  ]);
  return taskFunctions(createEngine(engine), recentLength);
}
