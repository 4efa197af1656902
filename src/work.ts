/** What pzip's threads can do. Here, and in worker.ts, the stages that have work for them register it. */

import { MEMORY_ADDRESSES } from './common/system-limits.js';
import { LENT_LENGTH } from './compress/result-buffer.js';
import type { EngineName } from './deflate/engine.js';
import type { TaskFunctions, Work } from './threads/task.js';

/** What a worker thread is told when it starts. */
export interface WorkerSettings {
  readonly engine: EngineName;
}

export function workOf(engine: EngineName): Work {
  const settings: WorkerSettings = { engine };
  return {
    worker: new URL('./worker.js', import.meta.url),
    settings,
    addresses: engine === 'wasm' ? MEMORY_ADDRESSES : 0,
    lentLength: LENT_LENGTH,
    load: () => loadFunctions(engine),
  };
}

async function loadFunctions(engine: EngineName): Promise<TaskFunctions> {
  const [{ taskFunctions }, { createEngine }] = await Promise.all([
    import('./task-functions.js'),
    import('./deflate/create-engine.js'),
  ]);
  return taskFunctions(createEngine(engine));
}
