/** Counters of progress, and snapshots of them. */
import type { SizeLimits } from './size-limits.js';

/** A complete snapshot: a listener may ignore any of them. */
export interface Progress {
  /**
   * `finding` while a selection is listed ahead of the work, so that its totals are known before the first byte; `archiving` until
   * the last entry is written; `finishing` while the central directory is written and the file synced; `verifying` while the archive
   * is read back; `done` once, last.
   */
  readonly phase: 'finding' | 'archiving' | 'finishing' | 'verifying' | 'done';
  readonly entriesFound: number;
  /** Undefined until it is known; then it does not change. */
  readonly entriesTotal: number | undefined;
  readonly entriesWritten: number;
  /** Bytes of content found so far. */
  readonly bytesFound: number;
  /** Bytes of content. Undefined until it is known; then it does not change. */
  readonly bytesTotal: number | undefined;
  /** Bytes of content read, compressed and written so far. */
  readonly bytesRead: number;
  /** Bytes of the archive written so far. */
  readonly bytesWritten: number;
  /** Bytes of the archive verified so far. */
  readonly bytesVerified: number;
  /** Whether everything has been found, so that entriesFound and bytesFound are the totals. */
  readonly isTotalKnown: boolean;
  /** Name of the entry written last. */
  readonly currentEntry: string | undefined;
}

/** Milliseconds between two snapshots: often enough for a display, and rare enough to cost nothing. */
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
  /** Counts what is found, too. */
  readonly limits: SizeLimits | undefined;
  readonly #listener: ((progress: Progress) => void) | undefined;
  #lastReport = Number.NEGATIVE_INFINITY;

  constructor(listener: ((progress: Progress) => void) | undefined, limits: SizeLimits | undefined) {
    this.limits = limits;
    this.#listener = listener;
  }

  /** Whether there is a listener, and counting is worthwhile. */
  get isWatched(): boolean {
    return this.#listener !== undefined;
  }

  /**
   * @param bytes of content
   * @param name of the entry if `bytes` are all of it
   */
  found(entries: number, bytes: number, name?: string): void {
    this.entriesFound += entries;
    this.bytesFound += bytes;
    if (name !== undefined) this.limits?.found(name, bytes);
  }

  /** @param bytes read back since the last call */
  verified(bytes: number): void {
    this.phase = 'verifying';
    this.bytesVerified += bytes;
    this.report();
  }

  /** The archive is complete, so an exception of the listener does not fail it, but is not swallowed either. */
  end(bytesWritten: number): void {
    this.phase = 'done';
    this.bytesWritten = bytesWritten;
    try {
      this.report(true);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** Calls the listener, if its last call is long enough ago or `always` is set. */
  report(always = false): void {
    if (this.#listener === undefined) return;
    const now = performance.now();
    if (!always && now - this.#lastReport < INTERVAL) return;
    this.#lastReport = now;
    this.#listener({
      phase: this.phase,
      entriesFound: this.entriesFound,
      entriesTotal: this.isTotalKnown ? this.entriesFound : undefined,
      entriesWritten: this.entriesWritten,
      bytesFound: this.bytesFound,
      bytesTotal: this.isTotalKnown ? this.bytesFound : undefined,
      bytesRead: this.bytesRead,
      bytesWritten: this.bytesWritten,
      bytesVerified: this.bytesVerified,
      isTotalKnown: this.isTotalKnown,
      currentEntry: this.currentEntry,
    });
  }
}
