/** Where an archive's bytes go. Bytes are written once each, in order; a file also lets them be rewritten. */
export interface Sink {
  /** Set where what has been written can be rewritten, which spares the archive its data descriptors. */
  readonly rewritable: RewritableSink | undefined;
  /** Set where nobody looks at a buffer any more once `write` has resolved, so that it can be used again. */
  readonly returnsBuffers?: boolean;
  /**
   * Set where `write` may be called again before it has resolved: what comes while something is being written goes out
   * together afterwards. Of a failure, `broken` tells as well.
   */
  readonly queues?: boolean;
  /** Rejects when nothing more can be written, be it between two writes or in one; never where only a write can tell. */
  readonly broken?: Promise<never>;
  /**
   * Whether a file is one that the archive goes to, now or in the end.
   *
   * @param path leads to the file
   */
  isOutput(stats: FileIdentity, path: string): boolean;
  /** Resolves when the bytes are off our hands; the buffers may be given up then, and must not change before. */
  write(buffers: readonly Uint8Array[]): Promise<void>;
  /**
   * A place for what is to be written at the end and need not be in memory until then; it goes with the sink. Left out, or
   * undefined, where there is none.
   */
  openScratch?(): Promise<Scratch | undefined>;
  /**
   * After the last byte: resolves when the archive is complete, under its name.
   *
   * @param check looks at the finished file before it takes its name, and keeps it from that by throwing; a sink that is
   * not `rewritable` does not call it
   */
  finish(check?: (path: string) => Promise<void>): Promise<void>;
  /** Gives up: releases everything and leaves nothing behind. Never rejects. */
  discard(error: unknown): Promise<void>;
}

/** What tells two paths of one file from two files. */
export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
}

/** Bytes put aside, on a disk. */
export interface Scratch {
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Fills `into` from `position` on. */
  read(position: number, into: Uint8Array): Promise<void>;
}

export interface RewritableSink {
  /** @param position bytes from the start of the archive, inside what has been written */
  rewrite(position: number, buffers: readonly Uint8Array[]): Promise<void>;
  /** Fills `into` from `position` on. */
  read(position: number, into: Uint8Array): Promise<void>;
  /** Forgets everything from `position` on; the next write goes there. */
  truncate(position: number): Promise<void>;
}
