/** Counters, and the snapshots that are taken of them. */

export interface Progress {
  readonly phase: 'archiving' | 'finishing' | 'verifying' | 'done';
  readonly entriesFound: number;
  readonly entriesWritten: number;
  /** Bytes of content: found so far. */
  readonly bytesFound: number;
  /** Bytes of content: read, compressed and written so far. */
  readonly bytesRead: number;
  /** Bytes of the archive so far. */
  readonly bytesWritten: number;
  /** Bytes of the archive that have been read back, where that is asked for. */
  readonly bytesVerified: number;
  /** Whether everything has been found, so that entriesFound and bytesFound are the totals. */
  readonly isTotalKnown: boolean;
  /** The entry written last. */
  readonly currentEntry: string | undefined;
}

/** Milliseconds between two snapshots: more often than an eye can use, and too seldom to cost anything. */
const INTERVAL = 100;

export class ProgressCounter {
  phase: Progress['phase'] = 'archiving';
  entriesFound = 0;
  entriesWritten = 0;
  bytesFound = 0;
  bytesRead = 0;
  bytesWritten = 0;
  bytesVerified = 0;
  isTotalKnown = false;
  currentEntry: string | undefined;
  readonly #listener: ((progress: Progress) => void) | undefined;
  #lastTold = Number.NEGATIVE_INFINITY;

  constructor(listener: ((progress: Progress) => void) | undefined) {
    this.#listener = listener;
  }

  /** Tells the listener where it has not been told for a while, or must be told. */
  tell(always = false): void {
    if (this.#listener === undefined) return;
    const now = performance.now();
    if (!always && now - this.#lastTold < INTERVAL) return;
    this.#lastTold = now;
    this.#listener({
      phase: this.phase,
      entriesFound: this.entriesFound,
      entriesWritten: this.entriesWritten,
      bytesFound: this.bytesFound,
      bytesRead: this.bytesRead,
      bytesWritten: this.bytesWritten,
      bytesVerified: this.bytesVerified,
      isTotalKnown: this.isTotalKnown,
      currentEntry: this.currentEntry,
    });
  }
}
