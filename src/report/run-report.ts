/** The reports in JSON of one run: collects what both forms contain, and ends them when the run succeeds or fails. */
import { readFileSync } from 'node:fs';
import { PzipError } from '../common/errors.js';
import type { PzipWarning, PzipWarningCode } from '../common/warnings.js';
import type { ReportedEntry } from './entry-headers.js';
import { entryText, type JsonReport, type Omitted } from './json-report.js';

/** Most names that are kept; all are counted. */
const MOST_OMITTED = 10_000;

/** Warnings that something was left out. */
const OMITTING: ReadonlySet<PzipWarningCode> = new Set([
  'PZIP_SOURCE_SKIPPED',
  'PZIP_SPECIAL_SKIPPED',
  'PZIP_LINK_LOOP',
  'PZIP_OUTPUT_LINKED',
  'PZIP_TEMPORARY_FILE',
] as const);

/** What of a result the report has. */
export interface ReportedResult {
  readonly path: string | undefined;
  readonly isChanged: boolean;
  readonly entryCount: number;
  readonly storedCount: number;
  readonly reusedCount: number;
  readonly ignoredCount: number;
  readonly skippedCount: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly threads: number;
  readonly durationMs: number;
  readonly warnings: readonly PzipWarning[];
  readonly sha256?: string;
  readonly contentId?: string;
}

export class RunReport {
  readonly #reports: readonly JsonReport[];
  readonly #ignored: string[] = [];
  readonly #phases: { name: string; startedAt: number }[] = [{ name: 'compressing', startedAt: performance.now() }];
  #isEnded = false;

  constructor(reports: readonly JsonReport[]) {
    this.#reports = reports;
  }

  add(entry: ReportedEntry, note: number | undefined, sha256: string | undefined): void {
    const text = entryText(entry, note, sha256);
    for (const report of this.#reports) report.add(text);
  }

  async flush(): Promise<void> {
    for (const report of this.#reports) await report.flush();
  }

  /** A pattern leaves out a name; a directory's ends in `/`. */
  ignored(name: string): void {
    if (this.#ignored.length < MOST_OMITTED) this.#ignored.push(name);
  }

  startPhase(name: 'finishing' | 'verifying'): void {
    this.#phases.push({ name, startedAt: performance.now() });
  }

  async succeeded(result: ReportedResult): Promise<void> {
    const {
      path = null,
      isChanged,
      entryCount,
      bytesWritten,
      threads,
      durationMs,
      warnings,
      sha256,
      contentId,
    } = result;
    const { storedCount, reusedCount, ignoredCount, skippedCount, bytesRead } = result;
    await this.#end(warnings, {
      ok: true,
      archive: { path, bytes: bytesWritten, isChanged, sha256, contentId },
      totals: { entryCount, storedCount, reusedCount, ignoredCount, skippedCount, bytesRead, bytesWritten },
      time: { totalMs: rounded(durationMs), phases: this.#times() },
      threads,
    });
  }

  async failed(error: unknown, warnings: readonly PzipWarning[]): Promise<void> {
    const { code = null, path, entryName } = error instanceof PzipError ? error : {};
    const message = error instanceof Error ? error.message : String(error);
    await this.#end(warnings, {
      ok: false,
      error: { code, message, path, entryName },
      time: { phases: this.#times() },
    });
  }

  async #end(warnings: readonly PzipWarning[], facts: object): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const omitted: Omitted[] = this.#ignored.map((name) => ({ name, why: 'ignored' }));
    for (const { code, message, path } of warnings) {
      if (OMITTING.has(code)) omitted.push({ name: path, why: 'skipped', code, message });
    }
    const end = { ...facts, peakMemory: process.resourceUsage().maxRSS * 1024 };
    for (const report of this.#reports) await report.finish(end, warnings, omitted);
  }

  /** Milliseconds of each phase. */
  #times(): Record<string, number> {
    const times: Record<string, number> = {};
    for (const [index, { name, startedAt }] of this.#phases.entries()) {
      const end = this.#phases[index + 1]?.startedAt ?? performance.now();
      times[name] = rounded((times[name] ?? 0) + end - startedAt);
    }
    return times;
  }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

/** @returns null in a bundle that has no package.json beside it */
export function versionOfPzip(): string | null {
  try {
    const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    return name === 'pzip' && typeof version === 'string' ? version : null;
  } catch {
    return null;
  }
}
