/** Whether the archive continues without an unreadable file: the option `skipUnreadable`. */
import { PzipError, type PzipErrorCode } from '../common/errors.js';
import type { PzipWarning } from '../common/warnings.js';

/** Errors of a single file, which may be left out. */
const SKIPPED_CODES: readonly PzipErrorCode[] = [
  'PZIP_SOURCE_MISSING',
  'PZIP_SOURCE_UNREADABLE',
  'PZIP_SOURCE_CHANGED',
];

export class SkipPolicy {
  readonly #skips: boolean;
  readonly #warn: (warning: PzipWarning) => void;
  #count = 0;

  constructor(skips: boolean, warn: (warning: PzipWarning) => void) {
    this.#skips = skips;
    this.#warn = warn;
  }

  /** How many entries were skipped. */
  get count(): number {
    return this.#count;
  }

  /**
   * Warns that an entry is left out.
   *
   * @throws the error, unless unreadable files may be skipped and the error concerns only this file
   */
  skip(error: unknown): void {
    if (!(error instanceof PzipError) || !this.#skips || !SKIPPED_CODES.includes(error.code)) throw error;
    this.#count++;
    const path = error.path ?? error.entryName ?? '';
    this.#warn({ code: 'PZIP_SOURCE_SKIPPED', severity: 'warning', message: `Skipped: ${error.message}`, path });
  }
}
