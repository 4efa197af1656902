/** Loads what reports need, which most runs do not. */
import type { ReportOptions, RunReports } from './run-reports.js';

/**
 * @param archivePath absolute path of the archive, if it has one
 * @throws PzipError as new RunReports() does
 */
export async function openReports(
  options: ReportOptions,
  archivePath: string | undefined,
): Promise<RunReports | undefined> {
  if (options.sha256 === undefined && options.manifest === undefined) return undefined;
  const { RunReports } = await import('./run-reports.js');
  return new RunReports(options, archivePath);
}
