/**
 * A report of a run in JSON: report.schema.json describes it. Entries are written as the archive is, so memory does not grow with
 * them; warnings and omitted names, of which the first 10,000 are kept, and totals follow.
 */
import type { PzipWarning, PzipWarningCode } from '../common/warnings.js';
import { NOTE_LEVEL, NOTE_REUSED } from '../zip/entry-notes.js';
import { modeText, type ReportedEntry, timeText } from './entry-headers.js';
import type { ReportTarget } from './report-target.js';

/** `document`: one JSON object. `lines`: one for each entry, warning and omitted name, between a first and a last one. */
export type JsonForm = 'document' | 'lines';

/** What is known when the run begins. */
export interface ReportStart {
  /** Version of pzip; null if its package.json is not there, as in a bundle. */
  readonly pzip: string | null;
  readonly engine: { readonly name: string; readonly version: string };
  readonly startedAt: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Of a name that is not in the archive. */
export interface Omitted {
  readonly name: string;
  readonly why: 'ignored' | 'skipped';
  /** Of the warning that says more. */
  readonly code?: PzipWarningCode;
  readonly message?: string;
}

const FORMAT = { format: 'pzip-report', version: 1 } as const;

/** As JSON strings. */
const METHODS: ReadonlyMap<number, string> = new Map([
  [0, '"store"'],
  [8, '"deflate"'],
]);

export class JsonReport {
  readonly #target: ReportTarget;
  readonly #isLines: boolean;
  #entryCount = 0;

  constructor(target: ReportTarget, form: JsonForm, start: ReportStart) {
    this.#target = target;
    this.#isLines = form === 'lines';
    if (this.#isLines) this.#line('start', { ...FORMAT, ...start });
    else target.add(`${JSON.stringify({ ...FORMAT, ...start }).slice(0, -1)},"entries":[`);
  }

  /** @param entry as entryText() gives it */
  add(entry: string): void {
    const first = this.#entryCount++ === 0;
    if (this.#isLines) this.#target.add(`{"type":"entry",${entry.slice(1)}\n`);
    else this.#target.add(`${first ? '' : ','}\n${entry}`);
  }

  flush(): Promise<void> | undefined {
    return this.#target.flush();
  }

  /** @param end totals, or the error */
  async finish(end: object, warnings: readonly PzipWarning[], omitted: readonly Omitted[]): Promise<void> {
    if (this.#isLines) {
      for (const warning of warnings) this.#line('warning', warning);
      for (const one of omitted) this.#line('omitted', one);
      this.#line('end', end);
    } else {
      this.#target.add(`\n],${JSON.stringify({ warnings, omitted, ...end }).slice(1)}\n`);
    }
    await this.#target.finish();
  }

  #line(type: string, facts: object): void {
    this.#target.add(`${JSON.stringify({ type, ...facts })}\n`);
  }
}

/**
 * An entry as a JSON object. Written by hand, a million of them take 1 s less than with JSON.stringify().
 *
 * @param note see zip/entry-notes.ts; undefined for an entry that was copied from another archive
 */
export function entryText(entry: ReportedEntry, note: number | undefined, sha256: string | undefined): string {
  const { nameText, kind, mode, mtimeMs, method, crc32, compressedSize, uncompressedSize } = entry;
  const isFile = kind === 'file';
  let text = `{"name":${nameText},"kind":"${kind}","method":${METHODS.get(method) ?? method}`;
  if (isFile && note !== undefined) text += `,"level":${note & NOTE_LEVEL}`;
  const digits = crc32.toString(16).padStart(8, '0');
  text += `,"size":${uncompressedSize},"compressedSize":${compressedSize},"crc32":"${digits}","mode":"${modeText(mode)}"`;
  if (mtimeMs !== undefined) text += `,"mtime":"${timeText(mtimeMs)}"`;
  if (isFile && method === 0 && note !== undefined) text += `,"storedBecause":"${whyStored(uncompressedSize, note)}"`;
  if (note === undefined) text += ',"origin":"copied"';
  else if ((note & NOTE_REUSED) !== 0) text += ',"origin":"reused"';
  return sha256 === undefined ? `${text}}` : `${text},"sha256":"${sha256}"}`;
}

function whyStored(size: number, note: number): string {
  if (size === 0) return 'empty';
  return (note & NOTE_LEVEL) === 0 ? 'level' : 'incompressible';
}
