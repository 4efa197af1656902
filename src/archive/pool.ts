/** The public types of pools. */
import type { EngineName } from '../deflate/engine.js';

export interface PoolOptions {
  /** Number of worker threads, all started at once; 0 compresses on the calling thread. @default os.availableParallelism() */
  threads?: number | undefined;
  /**
   * Deflate engine: pzip's own in WebAssembly, or Node's zlib, which is slower.
   * @default 'wasm', or 'zlib' with a warning from each archive where WebAssembly is unavailable
   */
  engine?: EngineName | undefined;
  /**
   * Maximum number of bytes of input and output that the pool's archives hold together. An archive that is read slowly holds at
   * most as many as it leaves to the others. Beyond the limit, each archive may hold one task of 2 MiB.
   * @default 32 MiB, or 8 MiB for each thread if that is more
   */
  memory?: number | undefined;
}

/** Worker threads shared by archives, which take turns if several run at once. Idle threads do not keep the process alive. */
export interface Pool extends AsyncDisposable {
  readonly threads: number;
  readonly engine: EngineName;
  /** Accepts no more archives, waits for the current ones, and stops the threads. */
  close(): Promise<void>;
}
