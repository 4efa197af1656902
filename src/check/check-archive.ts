/**
 * Checks any archive against the format rules. The directory is read twice: first for the layout, so that no entry is read
 * beyond the next record, then for the entries themselves, which worker threads check in tasks.
 *
 * Findings come in the order of the directory, whichever thread made them. Memory grows by about 15 bytes per name.
 */
import { ArchiveError } from '../reader/archive-error.js';
import { type DirectoryEntry, readDirectory } from '../reader/directory.js';
import { type EndOfArchive, findEnd } from '../reader/end-records.js';
import { entryName } from '../reader/entry-names.js';
import { openBytes, openFile, type RandomAccess } from '../reader/random-access.js';
import { LOCAL_FILE_HEADER_SIZE } from '../zip/constants.js';
import { checkEndRecords, checkLayout } from './archive-checks.js';
import { checkDirectoryEntry } from './directory-checks.js';
import { isLink } from './entry-kinds.js';
import type { EntryFinding, RawFinding, Report } from './findings.js';
import { findLayout, type Layout } from './layout.js';
import { NameChecks } from './name-checks.js';
import { type CheckRun, runTasks } from './run-tasks.js';
import { TaskPlan } from './task-plan.js';

/** @throws PzipError if the file cannot be read; a fault of the archive is a finding */
export async function* checkEveryRule(
  input: string | Uint8Array,
  run: CheckRun,
): AsyncGenerator<RawFinding, void, undefined> {
  const archive = typeof input === 'string' ? await openFile(input) : openBytes(input);
  try {
    yield* checkOpen(archive, typeof input === 'string' ? undefined : input, run);
  } catch (error) {
    if (!(error instanceof ArchiveError) || error.kind === undefined) throw error;
    yield { rule: error.kind, entryName: error.entryName, offset: error.offset ?? 0, seen: error.fault };
  } finally {
    await archive.close();
  }
}

async function* checkOpen(
  archive: RandomAccess,
  bytes: Uint8Array | undefined,
  run: CheckRun,
): AsyncGenerator<RawFinding, void, undefined> {
  const end = await findEnd(archive);
  const findings: RawFinding[] = [];
  const report: Report = (rule, offset, seen) => findings.push({ rule, entryName: undefined, offset, seen });
  await checkEndRecords(archive, end, report);
  const layout = await findLayout(archive, end, run.checkpoint);
  await checkLayout(archive, end, layout, report);
  yield* findings;
  for await (const finding of runTasks(planTasks(archive, bytes, end, layout, run), run)) {
    if (layout.isWhole || finding.rule !== 'gap') yield finding;
  }
}

async function* planTasks(
  archive: RandomAccess,
  bytes: Uint8Array | undefined,
  end: EndOfArchive,
  layout: Layout,
  { checkpoint, onEntry, stop }: CheckRun,
): AsyncGenerator<TaskPlan, void, undefined> {
  const names = new NameChecks();
  let plan = new TaskPlan(archive.path, bytes, stop);
  let previous: DirectoryEntry | undefined;
  const add = (entry: DirectoryEntry, next: DirectoryEntry | undefined): TaskPlan | undefined => {
    const limit = layout.limitOf(entry.localPosition, next?.localPosition);
    const full = plan.hasRoomFor(entry, limit) ? undefined : plan;
    if (full !== undefined) {
      checkpoint();
      plan = new TaskPlan(archive.path, bytes, stop);
    }
    onEntry(entry.uncompressedSize);
    addEntry(plan, entry, limit, end, names);
    return full;
  };
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const entry of readDirectory(archive, end)) {
      const full = previous === undefined ? undefined : add(previous, entry);
      previous = entry;
      if (full !== undefined) yield full;
    }
  } catch (error) {
    failure = { error };
  }
  const full = previous === undefined ? undefined : add(previous, undefined);
  if (full !== undefined) yield full;
  if (!plan.isEmpty) yield plan;
  if (failure !== undefined) throw failure.error;
}

function addEntry(plan: TaskPlan, entry: DirectoryEntry, limit: number, end: EndOfArchive, names: NameChecks): void {
  const { central, localPosition } = entry;
  const findings: EntryFinding[] = [];
  const report: Report = (rule, offset, seen) => findings.push({ rule, offset, seen });
  const name = entryName(central);
  checkDirectoryEntry(entry, name, report);
  names.check(name, isLink(central), entry.centralPosition, report);
  if (localPosition + LOCAL_FILE_HEADER_SIZE > end.directoryStart) {
    const seen = `its local header should be at ${localPosition}, but the directory begins at ${end.directoryStart}`;
    report('local-missing', entry.centralPosition, seen);
    plan.addUnread(name, findings);
  } else if (limit <= localPosition) {
    report('overlap', localPosition, 'another entry begins at the same offset');
    plan.addUnread(name, findings);
  } else plan.add(entry, limit, name, findings);
}
