/** The public types of pools. */
import type { EngineName } from '../deflate/engine.js';

export interface PoolOptions {
  /** Worker threads; all are started at once. 0: none, the calling thread compresses. @default os.availableParallelism() */
  threads?: number | undefined;
  /**
   * What compresses: pzip's own deflate in WebAssembly, or Node's zlib, which is slower.
   * @default 'wasm'; where it cannot run, 'zlib', of which each archive that uses the pool warns
   */
  engine?: EngineName | undefined;
  /**
   * Bytes of input and output that the pool's archives may hold together. An archive that is read slowly holds at most as
   * many as it leaves to the others, and beyond the limit each may hold one task of 2 MiB.
   * @default 32 MiB, or 8 MiB for each thread where that is more
   */
  memory?: number | undefined;
}

/** Worker threads for several archives, which take turns where they run at once. Idle, they keep no process alive. */
export interface Pool extends AsyncDisposable {
  readonly threads: number;
  readonly engine: EngineName;
  /** Takes no more archives, waits for those that use it, and ends the threads. */
  close(): Promise<void>;
}
