/** The warnings of one archive: passed on as they come, and kept for its result. */
import { type PzipWarning, passWarning, type WarningOptions } from '../common/warnings.js';

/** Limit of kept warnings: enough to show what is wrong, in bounded memory. */
const MOST_KEPT = 10_000;

export class WarningLog {
  readonly #options: WarningOptions;
  readonly #list: PzipWarning[] = [];

  constructor(options: WarningOptions) {
    this.#options = options;
  }

  /** The first warnings, in order. */
  get list(): readonly PzipWarning[] {
    return this.#list;
  }

  /** @throws PzipError PZIP_STRICT if warnings are errors */
  readonly pass = (warning: PzipWarning): void => {
    if (this.#list.length < MOST_KEPT) this.#list.push(warning);
    passWarning(warning, this.#options);
  };
}
