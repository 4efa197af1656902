/** Plans: a selection in a file, for machines that create parts of the archive and cannot list the tree. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { throwIfAborted } from '../common/abort-signal.js';
import type { Source } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { explainReadError } from '../common/file-errors.js';
import { isPath } from '../common/option-rules.js';
import { passWarning } from '../common/warnings.js';
import { selectSources } from '../select/select.js';
import { createSelection } from './add-selection.js';
import type { CreateArchiveOptions, Inputs } from './options.js';
import { resolveCreateOptions, resolveInputs } from './resolve-options.js';
import { partSettings } from './selected-part.js';
import { runOptions } from './start-run.js';

export interface CreatedPlan {
  readonly entryCount: number;
  /** Bytes of content. */
  readonly contentSize: number;
}

/**
 * Lists what createArchive() with the same inputs and options would put into an archive, and writes the list to a file, for
 * its option `plan`. All inputs must be below `cwd`, and be files, directories or links.
 *
 * @param output path of the plan, which is replaced when the new one is complete
 * @throws PzipError, or the signal's reason; nothing is left behind then
 */
export async function createPlan(
  output: string | URL,
  inputs: Inputs,
  options: CreateArchiveOptions = {},
): Promise<CreatedPlan> {
  const path = resolve(isPath(output, 'output'));
  const paths = resolveInputs(inputs, 'inputs');
  const resolved = resolveCreateOptions(options);
  const { archive, from, shard, plan } = resolved;
  if (from.length > 0) throw new PzipError('PZIP_USAGE', 'Entries of other archives cannot be in a plan');
  if (shard !== undefined || plan !== undefined) {
    throw new PzipError(
      'PZIP_USAGE',
      'Options `shard` and `plan` belong to createArchive(): a plan is of the whole archive',
    );
  }
  const { encodePlanEnd, encodePlanHeader, encodePlanned } = await import('../shard/plan-file.js');
  const { PlanDigest } = await import('../shard/plan-digest.js');
  const { EntryPlanner } = await import('../pipeline/entry-planner.js');
  const selection = createSelection(paths, resolved);
  const cwd = resolve(selection.cwd ?? '.');
  const digest = new PlanDigest(new EntryPlanner(runOptions(archive)));
  const { level, reproducible, mtime, latestMtime, extendedTimestamps, comment, engine } = archive;
  const header = encodePlanHeader({ level, reproducible, mtime, latestMtime, extendedTimestamps, comment, engine });
  const temporary = `${path}.${process.pid}.pzip-tmp`;
  const sources = selectSources(paths, {
    ...selection,
    excludePaths: new Set([path, temporary]),
    onWarning: (warning) => passWarning(warning, archive),
    checkpoint: () => throwIfAborted(archive.signal),
  });
  const file = await openPlan(temporary, path);
  try {
    await file.write(`${header}\n`);
    for await (const batch of sources) {
      let lines = '';
      for (const source of batch) {
        digest.add(source);
        lines += `${encodePlanned(source, relativePath(source, cwd))}\n`;
      }
      await file.write(lines);
    }
    const facts = digest.finish(partSettings(archive), archive.comment ?? '');
    await file.write(`${encodePlanEnd(facts)}\n`);
    await file.close();
    await rename(temporary, path);
    return { entryCount: facts.entryCount, contentSize: facts.contentSize };
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}

async function openPlan(temporary: string, path: string): Promise<FileHandle> {
  try {
    return await open(temporary, 'w');
  } catch (cause) {
    const message = `Cannot write the plan ${quote(path)}: ${explainReadError(cause)}`;
    throw new PzipError('PZIP_OUTPUT_FAILED', message, { path, cause });
  }
}

function relativePath({ kind, path }: Source, cwd: string): string | undefined {
  if (kind !== 'file' || path === undefined) return undefined;
  const inside = relative(cwd, path).split(sep).join('/');
  if (inside !== '' && !inside.startsWith('../') && inside !== '..') return inside;
  const message = `${quote(path)} is outside of the working directory ${quote(cwd)}: a plan is of what is below it`;
  throw new PzipError('PZIP_USAGE', message, { path });
}
