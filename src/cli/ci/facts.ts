/** What a CI system is given of a run: collected while entries are written, in memory that does not grow with their number. */
import { extname } from 'node:path/posix';
import type { SizedEntry } from '../../common/errors.js';
import { LargestEntries } from '../../common/largest-entries.js';
import type { PzipWarning, PzipWarningCode, WrittenEntry } from '../../index.js';

/** Names that a kind of warning shows. */
const SHOWN_WARNINGS = 3;

/** Extensions that are counted separately; further ones are counted together, so that memory is bounded. */
const MAX_EXTENSIONS = 1000;

/** Of what has no extension, and of what has one too many. */
export const NO_EXTENSION = '';
export const OTHER_EXTENSIONS = '*';

export interface ExtensionTotals {
  count: number;
  compressedSize: number;
  uncompressedSize: number;
}

export interface WarningKind {
  readonly code: PzipWarningCode;
  readonly severity: PzipWarning['severity'];
  count: number;
  /** The first messages. */
  readonly messages: string[];
}

export class RunFacts {
  /** By compressed size. */
  readonly largest = new LargestEntries<WrittenEntry & SizedEntry>();
  readonly extensions = new Map<string, ExtensionTotals>();
  readonly warnings = new Map<PzipWarningCode, WarningKind>();
  /** Absolute path of the run's report, if one is written. */
  readonly report: string | undefined;

  constructor(report?: string) {
    this.report = report;
  }

  addEntry(entry: WrittenEntry): void {
    if (entry.name.endsWith('/')) return;
    this.largest.add({ ...entry, size: entry.compressedSize });
    const totals = this.#totalsOf(extname(entry.name).toLowerCase());
    totals.count++;
    totals.compressedSize += entry.compressedSize;
    totals.uncompressedSize += entry.uncompressedSize;
  }

  addWarning({ code, severity, message }: PzipWarning): void {
    const kind = this.warnings.get(code) ?? { code, severity, count: 0, messages: [] };
    this.warnings.set(code, kind);
    kind.count++;
    if (kind.messages.length < SHOWN_WARNINGS) kind.messages.push(message);
  }

  #totalsOf(extension: string): ExtensionTotals {
    const isNew = !this.extensions.has(extension);
    const key = isNew && this.extensions.size >= MAX_EXTENSIONS ? OTHER_EXTENSIONS : extension;
    const totals = this.extensions.get(key) ?? { count: 0, compressedSize: 0, uncompressedSize: 0 };
    this.extensions.set(key, totals);
    return totals;
  }
}
