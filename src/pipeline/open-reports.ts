/** Loads what reports need, which most runs do not. */
import type { PzipWarning } from '../common/warnings.js';
import type { SideFile } from '../output/file/side-file.js';
import type { ReportOptions, RunReports } from './run-reports.js';

/**
 * @param archivePath absolute path of the archive, if it has one
 * @throws PzipError as new RunReports() and openPage() do
 */
export async function openReports(
  options: ReportOptions,
  archivePath: string | undefined,
  warn: (warning: PzipWarning) => void,
): Promise<RunReports | undefined> {
  const { sha256, manifest, json, jsonLines, html } = options;
  if ([sha256, manifest, json, jsonLines, html].every((report) => report === undefined)) return undefined;
  const { RunReports } = await import('./run-reports.js');
  const opened: SideFile[] = [];
  try {
    const reports = new RunReports(options, archivePath, opened);
    await reports.openPage(options, warn);
    return reports;
  } catch (error) {
    for (const file of opened) await file.discard();
    throw error;
  }
}
