/**
 * The debug build of the deflate module (`npm run build:deflate:debug`): an engine whose assertions fail with their
 * message and line, and direct access to the module's internal functions and memory.
 */

/// <reference path="../../src/deflate/webassembly.d.ts" />

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import type { DeflateEngine } from '../../dist/deflate/engine.js';
import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH, MAX_STREAM_LENGTH } from '../../dist/deflate/engine.js';

const PATH = fileURLToPath(new URL('../../dist-debug/deflate.wasm', import.meta.url));
const MEMORY_PAGES = 280;
/** Shorter data cannot be folded. */
const MIN_FOLDED_LENGTH = 3100;

let compiled: WebAssembly.Module | undefined;

export class DebugModule {
  readonly #exports: Record<string, unknown>;
  readonly #buffer: ArrayBuffer;

  constructor() {
    if (!existsSync(PATH)) throw new Error(`${PATH} is missing: run npm run build:deflate:debug`);
    compiled ??= new WebAssembly.Module(readFileSync(PATH));
    const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
    this.#exports = new WebAssembly.Instance(compiled, { env: { memory } }).exports;
    this.#buffer = memory.buffer;
  }

  /** Calls an exported function. */
  call(name: string, ...args: number[]): number {
    const called = this.#exports[name];
    if (typeof called !== 'function') throw new TypeError(`the debug build exports no function ${name}`);
    try {
      return Number(called(...args));
    } catch (cause) {
      const failed = this.global('failedLine');
      if (failed === 0) throw cause;
      const file = this.#string(this.global('failedFile'));
      throw new Error(`${this.#string(this.global('failedMessage'))} (${file}:${failed})`, { cause });
    }
  }

  /** The value of an exported constant or variable. */
  global(name: string): number {
    const exported = this.#exports[name];
    if (!(exported instanceof WebAssembly.Global)) throw new TypeError(`the debug build exports no ${name}`);
    return Number(exported.value);
  }

  /** The names of all exported constants and variables. */
  globalNames(): string[] {
    return Object.keys(this.#exports).filter((name) => this.#exports[name] instanceof WebAssembly.Global);
  }

  /** A region of the memory, named by its exported address. */
  bytes(name: string, length: number): Uint8Array {
    return new Uint8Array(this.#buffer, this.global(name), length);
  }

  uint32(name: string, length: number): Uint32Array {
    return new Uint32Array(this.#buffer, this.global(name), length);
  }

  uint16(name: string, length: number): Uint16Array {
    return new Uint16Array(this.#buffer, this.global(name), length);
  }

  /** Words at an address that a function has returned. */
  uint32At(address: number, length: number): Uint32Array {
    return new Uint32Array(this.#buffer, address, length);
  }

  /** A string constant of AssemblyScript: UTF-16, its length in bytes in front of it. */
  #string(address: number): string {
    const [length = 0] = new Uint32Array(this.#buffer, address - 4, 1);
    return Buffer.from(this.#buffer, address, length).toString('utf16le');
  }
}

export class DebugEngine implements DeflateEngine {
  readonly name = 'wasm';
  readonly thoroughLevel = 7;
  readonly module = new DebugModule();
  readonly input = this.module.bytes('input', MAX_DICTIONARY_LENGTH + MAX_PIECE_LENGTH);

  readonly stream = this.module.bytes('output', MAX_STREAM_LENGTH);

  inflatesTo(streamLength: number, dictionaryLength: number, dataLength: number, isLast: boolean): boolean {
    return this.module.call('inflatesTo', streamLength, dictionaryLength, dataLength, isLast ? 1 : 0) === 1;
  }

  crc32(start: number, length: number): number {
    const data = this.input.subarray(start, start + length);
    if (length < MIN_FOLDED_LENGTH) return crc32(data);
    const rest = this.module.call('foldData', data.byteOffset, data.length);
    return crc32(this.module.bytes('folded', rest), 0xffff_ffff);
  }

  deflate(dictionaryLength: number, dataLength: number, isLast: boolean, level: number): Uint8Array {
    const length = this.module.call('deflate', dictionaryLength, dataLength, isLast ? 1 : 0, level);
    return this.module.bytes('output', length);
  }
}
