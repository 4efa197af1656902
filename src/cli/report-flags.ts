/** Flags of reports: where they go by default, and what cannot be together. */
import { UsageError } from './usage-error.js';

/** Beside the archive; without a path, the digest is only printed. */
export function defaultChecksum(archive: string): string | true {
  return archive === '-' ? true : `${archive}.sha256`;
}

interface ReportFlags {
  readonly json?: string;
  readonly jsonLines?: string;
  readonly html?: string;
  readonly htmlAgainst?: string;
  readonly dryRun?: true;
}

/** @throws UsageError */
export function checkReports(archive: string, flags: ReportFlags): void {
  const reports = [flags.json, flags.jsonLines];
  if (flags.htmlAgainst !== undefined && flags.html === undefined)
    throw new UsageError('--html-against requires --html');
  if (flags.html === '-') throw new UsageError('--html needs a file: standard output is for the archive or a report');
  if (flags.dryRun && reports.some((report) => report !== undefined)) {
    throw new UsageError('--json reports on an archive that is written: leave out -n');
  }
  if ([archive, ...reports].filter((output) => output === '-').length > 1) {
    throw new UsageError('standard output is either the archive or one report: give the others a file');
  }
}
