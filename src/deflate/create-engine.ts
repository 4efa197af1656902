/**
 * Creates an engine by name. This is synchronous and loads only what the engine needs, so that a worker thread starts
 * compressing within milliseconds.
 */

import { PzipError } from '../common/errors.js';
import { MEMORY_ADDRESSES, NO_ADDRESSES, roomLeft } from '../common/system-limits.js';
import type { DeflateEngine, EngineName } from './engine.js';
import { loadDeflateModule, WasmEngine } from './wasm-engine.js';
import { ZlibEngine } from './zlib-engine.js';

/**
 * Whether an engine can run in this process. `zlib` always can. `wasm` needs WebAssembly, the package's file
 * `deflate.wasm`, and memory.
 */
export function isEngineAvailable(name: EngineName): boolean {
  if (name === 'zlib') return true;
  return name === 'wasm' && whyNoWasm() === undefined;
}

export interface EngineChoice {
  readonly name: EngineName;
  /** Why `zlib` is used although it was not requested; otherwise undefined. */
  readonly fallbackReason: string | undefined;
}

/**
 * The requested engine. If none was requested: `wasm` or, where that cannot run, `zlib` and the reason.
 *
 * @throws PzipError PZIP_USAGE for an unknown name, and if `wasm` was requested and cannot run
 */
export function chooseEngine(asked: EngineName | undefined): EngineChoice {
  if (asked === 'zlib') return { name: asked, fallbackReason: undefined };
  if (asked !== undefined && asked !== 'wasm') {
    throw new PzipError('PZIP_USAGE', `Option \`engine\` must be 'wasm' or 'zlib' (got '${String(asked)}')`);
  }
  const cause = whyNoWasm();
  if (cause === undefined) return { name: 'wasm', fallbackReason: undefined };
  if (asked === undefined) return { name: 'zlib', fallbackReason: cause.message };
  const remedy =
    "use `engine: 'zlib'`, or run Node with WebAssembly (without --jitless, without a limit of address space)";
  throw new PzipError('PZIP_USAGE', `The engine 'wasm' cannot run here (${cause.message}): ${remedy}`, { cause });
}

let wasmEngine: WasmEngine | undefined;

/**
 * This thread's engine. Archives share it, because each WebAssembly memory reserves 10 GiB of addresses. It keeps no
 * state between pieces.
 *
 * @throws PzipError PZIP_COMPRESS_FAILED if the engine cannot run, with the reason as its cause
 */
export function createEngine(name: EngineName): DeflateEngine {
  if (name === 'zlib') return new ZlibEngine();
  try {
    wasmEngine ??= makeWasmEngine();
    return wasmEngine;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PzipError('PZIP_COMPRESS_FAILED', `The engine 'wasm' cannot run here (${why})`, { cause });
  }
}

/**
 * Tries to create the engine, and keeps it for later. `node --jitless` and some hardened builds have no WebAssembly, a
 * bundle may lack the module's file, and a limit may leave no addresses for the memory.
 */
function whyNoWasm(): Error | undefined {
  try {
    wasmEngine ??= makeWasmEngine();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function makeWasmEngine(): WasmEngine {
  const module = loadDeflateModule();
  if (roomLeft().addresses < MEMORY_ADDRESSES) throw new RangeError(NO_ADDRESSES);
  return new WasmEngine(module);
}
