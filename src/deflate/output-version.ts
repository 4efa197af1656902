/** Which bytes an engine makes: equal versions make equal bytes of equal chunks at equal levels. */
import type { EngineName } from './engine.js';

/**
 * To be raised with every change of what is compressed to other bytes than before: by the engine, by the lengths of chunks,
 * or by the rules that decide what is stored (compress/probe.ts, compress/compressor.ts). test/golden.test.ts fails where
 * bytes have changed and this number has not.
 */
export const WASM_OUTPUT_VERSION = 1;

/** The same for the lengths of chunks and the rules of storing around Node's zlib, whose own version is part of the text. */
const ZLIB_OUTPUT_VERSION = 1;

/** Node's zlib has faster searches for some processors, which find other matches. */
export function outputVersion(engine: EngineName): string {
  if (engine === 'wasm') return `wasm ${WASM_OUTPUT_VERSION}`;
  return `zlib ${ZLIB_OUTPUT_VERSION}, ${process.versions.zlib}, ${process.arch}`;
}
