/** Where an archive's bytes go. */

/**
 * A destination for an archive. pzip calls `write` with each of its bytes once, in order; then either `finish` or `discard`.
 *
 * `write`, `finish` and `discard` are required. With `rewritable`, the archive has no data descriptors, as in a file.
 */
export interface Sink {
  /** Lets pzip rewrite bytes that it has written. Left out or undefined: the archive is written as a stream. */
  readonly rewritable?: RewritableSink | undefined;
  /**
   * Set if the sink no longer uses the buffers once `write` has resolved. pzip then reuses them, and they may be views of a
   * SharedArrayBuffer. @default false: the sink may keep the buffers, or transfer them
   */
  readonly returnsBuffers?: boolean;
  /**
   * Set if `write` may be called again before it has resolved; pzip then compresses and writes further ahead, within the memory
   * limit. If a write fails, later ones must fail too, and `broken` must reject. @default false
   */
  readonly queues?: boolean;
  /** Rejects when nothing more can be written, between two writes or during one. Left out: only a call shows that. */
  readonly broken?: Promise<never>;
  /**
   * Whether a file is this destination, so that it stays out of the archive.
   *
   * @param path leads to the file
   */
  isOutput?(stats: FileIdentity, path: string): boolean;
  /**
   * Appends buffers to the archive. Unless `queues` is set, it is not called again before the promise resolves: a slow sink
   * slows down compression. The buffers must not be modified.
   *
   * @throws any error; the archive fails with PZIP_OUTPUT_FAILED, and the error as its `cause`
   */
  write(buffers: readonly Uint8Array[]): Promise<void>;
  /** Opens temporary storage for the central directory until it is written; the sink frees it. Left out: it stays in memory. */
  openScratch?(): Promise<Scratch | undefined>;
  /**
   * Called after the last byte; resolves when the archive is complete in its place. An error counts as one of `write`.
   *
   * @param check for files: verifies the finished file at a path, and throws to keep it from taking its name
   */
  finish(check?: (path: string) => Promise<void>): Promise<void>;
  /**
   * Called instead of or after `finish` if the archive fails, perhaps during a `write` or before the first. Removes what was
   * written. An error of its own is ignored.
   *
   * @param error why the archive failed
   */
  discard(error: unknown): Promise<void>;
}

/** The identity of a file: two paths to one file have the same. */
export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
}

/** Temporary storage, on a disk. */
export interface Scratch {
  /** @param position bytes from the start */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Fills `into` with the bytes from `position` on. */
  read(position: number, into: Uint8Array): Promise<void>;
}

/** Random access to what a sink was given. pzip calls it between two writes and reuses the buffers once it has resolved. */
export interface RewritableSink {
  /** Of the file that the archive is written to, at the same positions, if worker threads may read there. */
  readonly descriptor?: number | undefined;
  /** @param position bytes from the start of the archive; what goes beyond the end extends the archive */
  rewrite(position: number, buffers: readonly Uint8Array[]): Promise<void>;
  /** Fills `into` with the bytes from `position` on. */
  read(position: number, into: Uint8Array): Promise<void>;
  /** Removes all bytes from `position` on; the next write goes there. */
  truncate(position: number): Promise<void>;
}
