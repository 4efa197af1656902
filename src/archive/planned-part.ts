/** A part of an archive whose entries a plan lists. */
import { resolve } from 'node:path';
import { PzipError } from '../common/errors.js';
import type { ArchiveOutput } from '../output/open-sink.js';
import type { Selected } from '../pipeline/feeder.js';
import type { ArchiveResult } from '../pipeline/run-options.js';
import type { PlanFacts } from '../shard/part-marker.js';
import type { PlannedEntries, PlannedOptions } from '../shard/plan-file.js';
import { type CreateOptions, resolveArchiveOptions } from './resolve-options.js';
import { selectedPart } from './selected-part.js';
import { startRun } from './start-run.js';

/** What a plan decides. */
const PLANNED = ['level', 'reproducible', 'mtime', 'latestMtime', 'extendedTimestamps', 'comment'] as const;

/** @param path of the plan */
export async function createPlannedPart(
  output: ArchiveOutput,
  inputs: readonly string[],
  resolved: CreateOptions,
  path: string,
): Promise<ArchiveResult> {
  rejectOthers(inputs, resolved);
  const { readPlan } = await import('../shard/plan-file.js');
  const { PlannedFiles } = await import('../shard/planned-file.js');
  const planned = await readPlan(path);
  const archive = resolveArchiveOptions({ ...resolved.archive, ...ofPlan(planned.options, resolved.archive.engine) });
  const cwd = resolve(resolved.selection.cwd ?? '.');
  let facts: PlanFacts | undefined;
  const part = await selectedPart(
    { ...resolved, archive },
    { expected: () => facts, find: new PlannedFiles(cwd).find },
  );
  if (part === undefined) throw new Error('A part was to be selected');
  const run = startRun(output, archive, { comment: part.marker, isContinued: part.isContinued, needsFile: true });
  run.expectSelection(cwd);
  const sources = part.select(
    listed(planned, (found) => {
      facts = found;
    }),
  );
  void run.add(() => sources);
  return run.close();
}

async function* listed({ sources }: PlannedEntries, onEnd: (facts: PlanFacts) => void): Selected {
  onEnd(yield* sources);
}

/** The engine may be left to each machine, where all have the same. */
function ofPlan(options: PlannedOptions, engine: string | undefined): PlannedOptions {
  const { mtime, latestMtime, ...others } = Object.fromEntries(
    [...PLANNED, 'engine'].map((option) => [option, options[option]]),
  );
  return { ...others, engine: engine ?? others.engine, mtime: dateOf(mtime), latestMtime: dateOf(latestMtime) };
}

function dateOf(value: unknown): unknown {
  return typeof value === 'string' ? new Date(value) : value;
}

function rejectOthers(inputs: readonly string[], { archive, selection, entries, from, shard }: CreateOptions): void {
  if (shard === undefined) throw new PzipError('PZIP_USAGE', 'Option `plan` requires `shard`');
  const { cwd: _, ...others } = selection;
  const isSet = (value: unknown): boolean => value !== undefined;
  const given = [...Object.keys(others).filter((key) => isSet(Reflect.get(others, key)))];
  given.push(...PLANNED.filter((option) => isSet(archive[option])));
  if (inputs.length > 0 || entries.length > 0 || from.length > 0) given.push('inputs');
  if (given.length === 0) return;
  throw new PzipError('PZIP_USAGE', `A plan decides about ${given.join(', ')}: leave out what createPlan() was given`);
}
