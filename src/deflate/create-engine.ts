/**
 * Makes an engine by name. Synchronous, and it loads only what the chosen engine needs, so that a worker thread is at
 * work within milliseconds.
 */

import { PzipError } from '../errors.js';
import type { DeflateEngine, EngineName } from './engine.js';
import { loadDeflateModule, WasmEngine } from './wasm-engine.js';
import { ZlibEngine } from './zlib-engine.js';

/** Whether this Node can run the engine. Where it cannot, the caller says so once and takes `zlib`. */
export function isEngineAvailable(name: EngineName): boolean {
  if (name === 'zlib') return true;
  try {
    // As `node --jitless` and some hardened builds have it, there is no WebAssembly at all.
    loadDeflateModule();
    return true;
  } catch {
    return false;
  }
}

/**
 * A new engine with memory of its own, to be kept for the life of the thread.
 *
 * @throws PzipError PZIP_COMPRESS_FAILED where the engine cannot run; the cause says why
 */
export function createEngine(name: EngineName): DeflateEngine {
  if (name === 'zlib') return new ZlibEngine();
  try {
    return new WasmEngine(loadDeflateModule());
  } catch (cause) {
    throw new PzipError('PZIP_COMPRESS_FAILED', `The ${name} deflate engine cannot run here`, { cause });
  }
}
