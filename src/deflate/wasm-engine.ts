/**
 * pzip's own engine: the WebAssembly module built from assembly/. docs/deflate.md describes it.
 *
 * The module imports its memory, so that an instance that has trapped can be replaced while `input` stays valid.
 */

import { readFileSync } from 'node:fs';
import zlib from 'node:zlib';
import { PzipError } from '../common/errors.js';
import { type DeflateEngine, MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH, MAX_STREAM_LENGTH } from './engine.js';
import { checkPiece, checkStream } from './piece.js';

/**
 * Pages of 64 KiB, the same number as in build:deflate (package.json). Pages that are never touched take address space
 * only: of these 18 MB, levels 1 to 9 touch 4 MB.
 */
const MEMORY_PAGES = 280;

/** Folding (assembly/crc-folding.ts) leaves 3 KiB to node:zlib. For shorter data, node:zlib alone is as fast. */
const MIN_FOLDED_LENGTH = 12 * 1024;

/** The module's exports (assembly/index.ts). */
interface DeflateModule {
  /** Returns the length of its output, as does `foldData`. */
  readonly deflate: (dictionaryLength: number, dataLength: number, isLast: number, level: number) => unknown;
  readonly foldData: (start: number, length: number) => unknown;
  /** Returns 0 or 1. */
  readonly inflatesTo: (streamLength: number, dictionaryLength: number, dataLength: number, isLast: number) => unknown;
  /** Addresses. */
  readonly input: number;
  readonly output: number;
  readonly folded: number;
}

/** Reads and compiles the module, in 2 ms. Throws where WebAssembly is disabled or the file is missing. */
export function loadDeflateModule(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL('./deflate.wasm', import.meta.url)));
}

export class WasmEngine implements DeflateEngine {
  readonly name = 'wasm';
  /** docs/deflate-experiments.md has what this costs and gains for compressed media. */
  readonly thoroughLevel = 7;
  readonly input: Uint8Array;
  readonly stream: Uint8Array;
  readonly #module: WebAssembly.Module;
  readonly #memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  #instance: DeflateModule;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
    this.#instance = this.#instantiate();
    const length = MAX_DICTIONARY_LENGTH + MAX_PIECE_LENGTH;
    this.input = new Uint8Array(this.#memory.buffer, this.#instance.input, length);
    this.stream = new Uint8Array(this.#memory.buffer, this.#instance.output, MAX_STREAM_LENGTH);
  }

  crc32(start: number, length: number): number {
    const data = this.input.subarray(start, start + length);
    if (data.length < MIN_FOLDED_LENGTH) return zlib.crc32(data);
    const { foldData, folded } = this.#instance;
    const rest = new Uint8Array(
      this.#memory.buffer,
      folded,
      checkNumber('length', foldData(data.byteOffset, data.length)),
    );
    // This start value stands for a remainder of 0: folding has inverted the first 32 bits of the data already.
    return zlib.crc32(rest, 0xffff_ffff);
  }

  /** @throws PzipError PZIP_COMPRESS_FAILED if the module trapped. The engine can be used again. */
  deflate(dictionaryLength: number, dataLength: number, isLast: boolean, level: number): Uint8Array {
    checkPiece(dictionaryLength, dataLength, level);
    try {
      const { deflate, output } = this.#instance;
      const length = deflate(dictionaryLength, dataLength, isLast ? 1 : 0, level);
      return new Uint8Array(this.#memory.buffer, output, checkNumber('length', length));
    } catch (cause) {
      this.#replaceInstance();
      const failed = `The engine 'wasm' failed on ${dataLength} bytes at level ${level}`;
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `${failed} (${why}): please report it; the engine 'zlib' does without it meanwhile`;
      throw new PzipError('PZIP_COMPRESS_FAILED', message, { cause });
    }
  }

  inflatesTo(streamLength: number, dictionaryLength: number, dataLength: number, isLast: boolean): boolean {
    checkStream(streamLength, dictionaryLength, dataLength);
    return this.#instance.inflatesTo(streamLength, dictionaryLength, dataLength, isLast ? 1 : 0) === 1;
  }

  /** Clears the memory, except for the input, which is the caller's, and instantiates the module again. */
  #replaceInstance(): void {
    const { byteOffset, length } = this.input;
    const memory = new Uint8Array(this.#memory.buffer);
    memory.fill(0, 0, byteOffset);
    memory.fill(0, byteOffset + length);
    this.#instance = this.#instantiate();
  }

  #instantiate(): DeflateModule {
    const { exports } = new WebAssembly.Instance(this.#module, { env: { memory: this.#memory } });
    const { deflate, foldData, inflatesTo } = exports;
    if (readAddress(exports, 'memoryEnd') > this.#memory.buffer.byteLength) {
      throw new RangeError('deflate.wasm needs more memory than it is given');
    }
    return {
      deflate: checkFunction('deflate', deflate),
      foldData: checkFunction('foldData', foldData),
      inflatesTo: checkFunction('inflatesTo', inflatesTo),
      input: readAddress(exports, 'input'),
      output: readAddress(exports, 'output'),
      folded: readAddress(exports, 'folded'),
    };
  }
}

function checkFunction(name: string, value: unknown): (...args: number[]) => unknown {
  if (!isFunction(value)) throw new TypeError(`deflate.wasm exports no function ${name}`);
  return value;
}

function isFunction(value: unknown): value is (...args: number[]) => unknown {
  return typeof value === 'function';
}

function readAddress(exports: Record<string, unknown>, name: string): number {
  const address = exports[name];
  return checkNumber(name, address instanceof WebAssembly.Global ? address.value : undefined);
}

function checkNumber(name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`deflate.wasm gives no number as ${name}`);
  return value;
}
