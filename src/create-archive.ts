/** The whole road in one call: what the inputs select goes into an archive. */
import { selectSources } from './input/select.js';
import type { ArchiveResult, CreateArchiveOptions } from './options.js';
import type { ArchiveOutput } from './output/open-sink.js';
import { ZipArchive } from './zip-archive.js';

/**
 * Makes an archive of files, directories and what patterns match.
 *
 * @param output a path, which holds the old archive until the new one is complete, or a stream
 * @param inputs paths and fast-glob patterns, `!pattern` excluding from what patterns match; what exists is taken
 * literally. A directory stands for all that is in it. Names in the archive are as given, relative to `cwd`; entries are
 * sorted by the bytes of their names.
 * @throws PzipError, or the signal's reason; nothing is left behind then
 */
export async function createArchive(
  output: ArchiveOutput,
  inputs: string | readonly string[],
  options: CreateArchiveOptions = {},
): Promise<ArchiveResult> {
  const { cwd, exclude, ...archiveOptions } = options;
  const archive = new ZipArchive(output, archiveOptions);
  const sources = selectSources(typeof inputs === 'string' ? [inputs] : inputs, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(options.onWarning === undefined ? {} : { onWarning: options.onWarning }),
    isOwnOutput: (stats) => archive.isOutput(stats),
  });
  void archive.addSelection(sources, true);
  return archive.close();
}
