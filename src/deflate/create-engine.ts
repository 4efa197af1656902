/**
 * Makes an engine by name. Synchronous, and it loads only what the chosen engine needs, so that a worker thread is at
 * work within milliseconds.
 */

import { PzipError } from '../common/errors.js';
import { MEMORY_ADDRESSES, NO_ADDRESSES, roomLeft } from '../common/system-limits.js';
import type { DeflateEngine, EngineName } from './engine.js';
import { loadDeflateModule, WasmEngine } from './wasm-engine.js';
import { ZlibEngine } from './zlib-engine.js';

/**
 * Whether pzip's engine of that name can run in this Node: `zlib` always, `wasm` where WebAssembly is to be had, the
 * package's `deflate.wasm` is found and there is memory for it.
 */
export function isEngineAvailable(name: EngineName): boolean {
  if (name === 'zlib') return true;
  return name === 'wasm' && whyNoWasm() === undefined;
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
 * This thread's engine. There is one WebAssembly memory for each thread and not for each archive, since each reserves 10 GiB
 * of addresses; an engine keeps nothing from one piece to the next.
 *
 * @throws PzipError PZIP_COMPRESS_FAILED where the engine cannot run; the cause says why
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
 * As `node --jitless` and some hardened builds have it, there is no WebAssembly at all; a bundle may lack the module's file;
 * a limit may leave no addresses for its memory. An engine that could be made is kept: it will be asked for.
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
