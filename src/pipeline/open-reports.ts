/** Loads what reports need, which most runs do not. */
import type { SideFile } from '../output/file/side-file.js';
import type { ReportOptions, RunReports } from './run-reports.js';

/**
 * @param archivePath absolute path of the archive, if it has one
 * @throws PzipError as new RunReports() does
 */
export async function openReports(
  options: ReportOptions,
  archivePath: string | undefined,
): Promise<RunReports | undefined> {
  const { sha256, manifest, json, jsonLines } = options;
  if ([sha256, manifest, json, jsonLines].every((report) => report === undefined)) return undefined;
  const { RunReports } = await import('./run-reports.js');
  const opened: SideFile[] = [];
  try {
    return new RunReports(options, archivePath, opened);
  } catch (error) {
    for (const file of opened) await file.discard();
    throw error;
  }
}
