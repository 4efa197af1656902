/** Flags of reports: where they go by default, and what cannot be together. */
import { UsageError } from './usage-error.js';

/** Beside the archive; without a path, the digest is only printed. */
export function defaultChecksum(archive: string): string | true {
  return archive === '-' ? true : `${archive}.sha256`;
}

/** @param reports files of reports in JSON */
export function checkReports(archive: string, reports: readonly (string | undefined)[], isDryRun: boolean): void {
  if (isDryRun && reports.some((report) => report !== undefined)) {
    throw new UsageError('--json reports on an archive that is written: leave out -n');
  }
  if ([archive, ...reports].filter((output) => output === '-').length > 1) {
    throw new UsageError('standard output is either the archive or one report: give the others a file');
  }
}
