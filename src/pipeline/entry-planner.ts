/** Decides the dates of an entry's headers and the level that it is compressed at. */
import type { Source } from '../common/entry.js';
import type { EntryPlan } from '../compress/batch-builder.js';
import { DEFAULT_LAST_MODIFIED, toDosDateTime } from '../zip/dates.js';
import { MIMETYPE } from '../zip/mimetype.js';
import { type DateOptions, entryDate } from './entry-date.js';

export interface EntryPlannerOptions extends DateOptions {
  /** The level of entries without their own. */
  readonly level: number;
  /** The time zone of MS-DOS dates. */
  readonly zone: 'local' | 'utc';
  readonly extendedTimestamp: boolean;
  /** Whether entries that are in another part of the archive come before. Asked for the first entry. */
  readonly isContinued?: (() => boolean) | undefined;
}

export class EntryPlanner {
  readonly #options: EntryPlannerOptions;
  /** Whether no entry has been planned yet. */
  #isFirst = true;

  constructor(options: EntryPlannerOptions) {
    this.#options = options;
  }

  plan(source: Source): EntryPlan {
    const { zone, extendedTimestamp } = this.#options;
    const milliseconds = entryDate(source, this.#options);
    // An entry without a date has the format's first one, which must be the same in every time zone.
    const { date, time } = toDosDateTime(milliseconds, milliseconds === DEFAULT_LAST_MODIFIED ? 'utc' : zone);
    const isMimetype = this.#isFirst && source.name === MIMETYPE && this.#options.isContinued?.() !== true;
    this.#isFirst = false;
    return {
      lastModFileTime: time,
      lastModFileDate: date,
      unixTime: extendedTimestamp ? Math.floor(milliseconds / 1000) : Number.NaN,
      level: this.levelOf(source),
      isMimetype,
    };
  }

  /** Counts an entry that is copied from another archive, with the dates that it has there. */
  planCopy(): void {
    this.#isFirst = false;
  }

  /** 0 for directories and links, which are always stored, and for what is copied as it is. */
  levelOf(source: Source): number {
    if (source.kind === 'directory' || source.kind === 'symlink' || source.kind === 'archived') return 0;
    return source.level ?? this.#options.level;
  }
}
