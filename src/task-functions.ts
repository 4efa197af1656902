/** All tasks that a thread with an engine carries out. */
import { checkFunctions } from './check/thread-tasks.js';
import { Compressor } from './compress/compressor.js';
import { compressFunctions } from './compress/thread-tasks.js';
import type { DeflateEngine } from './deflate/engine.js';
import { diffFunctions } from './diff/thread-tasks.js';
import { readerFunctions } from './reader/thread-tasks.js';
import type { TaskFunctions } from './threads/task.js';

export function taskFunctions(engine: DeflateEngine, recentLength: number): TaskFunctions {
  return new Map([
    ...compressFunctions(new Compressor(engine, recentLength), engine),
    ...readerFunctions(),
    ...checkFunctions(),
    ...diffFunctions(),
  ]);
}
