/** The warnings of one archive: passed on as they come, and kept for its result. */
import { type PzipWarning, passWarning, type WarningOptions } from '../common/warnings.js';

/** Warnings that are kept: enough to show what is wrong, in no more memory than a few thousand entries take. */
const MOST_KEPT = 10_000;

export class WarningLog {
  readonly #options: WarningOptions;
  readonly #list: PzipWarning[] = [];

  constructor(options: WarningOptions) {
    this.#options = options;
  }

  /** In the order in which they came; the first ones. */
  get list(): readonly PzipWarning[] {
    return this.#list;
  }

  /** @throws PzipError PZIP_STRICT where warnings are errors */
  readonly pass = (warning: PzipWarning): void => {
    if (this.#list.length < MOST_KEPT) this.#list.push(warning);
    passWarning(warning, this.#options);
  };
}
