/**
 * Makes an engine by name. Synchronous, and it loads only what the chosen engine needs, so that a worker thread is at
 * work within milliseconds.
 */

import { PzipError } from '../errors.js';
import type { DeflateEngine, EngineName } from './engine.js';
import { loadDeflateModule, WasmEngine } from './wasm-engine.js';
import { ZlibEngine } from './zlib-engine.js';

/**
 * Whether pzip's engine of that name can run in this Node: `zlib` always, `wasm` where WebAssembly is to be had and the
 * package's `deflate.wasm` is found.
 */
export function isEngineAvailable(name: EngineName): boolean {
  return name === 'zlib' || whyNoWasm() === undefined;
}

export interface EngineChoice {
  readonly name: EngineName;
  /** Why it is not `wasm` although nobody asked for `zlib`; undefined where it is as asked, or as usual. */
  readonly fallbackReason: string | undefined;
}

/**
 * The engine that was asked for, and `wasm` where none was; where that cannot run, `zlib` and the reason.
 *
 * @throws PzipError PZIP_USAGE for a name that no engine has, and for `wasm` asked for where it cannot run
 */
export function chooseEngine(asked: EngineName | undefined): EngineChoice {
  if (asked === 'zlib') return { name: asked, fallbackReason: undefined };
  if (asked !== undefined && asked !== 'wasm') {
    throw new PzipError('PZIP_USAGE', `The option engine is 'wasm' or 'zlib', not '${String(asked)}'`);
  }
  const cause = whyNoWasm();
  if (cause === undefined) return { name: 'wasm', fallbackReason: undefined };
  if (asked === undefined) return { name: 'zlib', fallbackReason: cause.message };
  const remedy = "run Node with WebAssembly (without --jitless), or take the engine 'zlib'";
  throw new PzipError('PZIP_USAGE', `The engine 'wasm' cannot run here (${cause.message}): ${remedy}`, { cause });
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

/** As `node --jitless` and some hardened builds have it, there is no WebAssembly at all; a bundle may lack the module's file. */
function whyNoWasm(): Error | undefined {
  try {
    loadDeflateModule();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
