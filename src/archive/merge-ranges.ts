/** Parts of an archive, merged without reading them: as ranges that an object store copies by itself. */
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import type { CopiedSource } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { explainReadError } from '../common/file-errors.js';
import { isInteger, isPath, resolveOptions } from '../common/option-rules.js';
import type { SourceRange } from '../shard/range-list.js';
import { entryChecks } from './merged-names.js';
import type { ArchiveInput } from './options.js';
import { resolveArchiveInputs } from './resolve-options.js';

export interface MergeRangesOptions {
  /** Least bytes of a range; only the last one may have fewer. S3 requires 5 MiB. @default 5 MiB */
  minRange?: number | undefined;
  /** Most bytes of a range. @default 5 GiB, the most of S3 */
  maxRange?: number | undefined;
}

export interface MergedRanges {
  /** Bytes of the archive. */
  readonly size: number;
  /** The archive, in order. */
  readonly ranges: readonly SourceRange[];
}

const RULES = { minRange: isInteger(0), maxRange: isInteger(1) };

const MIB = 1024 * 1024;

/**
 * Merges the parts of an archive like mergeArchives(), and returns the ranges of the parts of which it consists. Only the
 * central directories of the parts are read, and what must be written again: headers of entries that were split, and ranges
 * that are too short. That goes into a file of its own, which is one of the sources.
 *
 * @param tail path of that file, which is replaced
 * @param parts paths of all parts
 * @throws PzipError as mergeArchives() does
 */
export async function mergeRanges(
  tail: string | URL,
  parts: ArchiveInput | readonly ArchiveInput[],
  options: MergeRangesOptions = {},
): Promise<MergedRanges> {
  const path = isPath(tail, 'tail');
  const inputs = resolveArchiveInputs(parts);
  const { minRange = 5 * MIB, maxRange = 5 * 1024 * MIB } = resolveOptions(options, RULES);
  if (maxRange < 2 * minRange) {
    throw new PzipError(
      'PZIP_USAGE',
      `\`maxRange\` must be at least twice \`minRange\` (got ${maxRange} and ${minRange})`,
    );
  }
  // Loaded here: most programs merge nothing.
  const { readPartSet } = await import('../shard/part-set.js');
  const { mergeAsRanges } = await import('../shard/merge-as-ranges.js');
  const { RangeList } = await import('../shard/range-list.js');
  const found = await readPartSet(inputs);
  if (found === undefined) {
    throw new PzipError('PZIP_USAGE', 'Ranges are of parts, which `shard` creates, and none of the inputs is one');
  }
  await rejectPart(path, inputs);
  const temporary = `${path}.${process.pid}.pzip-tmp`;
  const file = await openTail(temporary);
  try {
    const list = new RangeList(file, path, { least: minRange, most: maxRange });
    const check = entryChecks();
    const size = await mergeAsRanges(
      found,
      list,
      (source: CopiedSource) => check(source),
      found[0]?.marker.comment ?? '',
    );
    const ranges = await list.finish();
    await file.close();
    await rename(temporary, path);
    return { size, ranges };
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error instanceof PzipError ? error : tailFailed(path, error);
  }
}

async function openTail(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w');
  } catch (error) {
    throw tailFailed(path, error);
  }
}

function tailFailed(path: string, cause: unknown): PzipError {
  return new PzipError('PZIP_OUTPUT_FAILED', `Cannot write ${quote(path)}: ${explainReadError(cause)}`, {
    path,
    cause,
  });
}

async function rejectPart(tail: string, inputs: readonly (string | Uint8Array)[]): Promise<void> {
  const found = await stat(tail, { bigint: true }).catch(() => undefined);
  if (found === undefined) return;
  for (const input of inputs) {
    if (typeof input !== 'string') continue;
    const { dev, ino } = await stat(input, { bigint: true });
    if (dev !== found.dev || ino !== found.ino) continue;
    throw new PzipError('PZIP_USAGE', `${quote(tail)} is one of the parts, and cannot be the tail`, { path: tail });
  }
}
