/** Merges archives without recompressing. */
import type { CopiedSource } from '../common/entry.js';
import { HashedPaths } from '../common/hashed-paths.js';
import type { ArchiveOutput } from '../output/open-sink.js';
import type { ArchiveRun } from '../pipeline/archive-run.js';
import type { Selected } from '../pipeline/feeder.js';
import type { ArchiveResult } from '../pipeline/run-options.js';
import type { EntriesToCopy } from '../reader/copied-archive.js';
import { NameRegistry } from '../select/names/name-registry.js';
import type { DuplicatePolicy } from '../select/select-options.js';
import type { Part } from '../shard/part-set.js';
import { checkName, duplicateName, entryChecks } from './merged-names.js';
import type { ArchiveInput, MergeOptions } from './options.js';
import { resolveArchiveInputs, resolveMergeOptions } from './resolve-options.js';
import { checkOutput } from './resolve-output.js';
import { startRun } from './start-run.js';

/**
 * Concatenates the entries of several archives into one: all of the first, then all of the second, and so on. Data is copied
 * without recompression. Memory does not depend on sizes; it grows by about 40 bytes per entry.
 *
 * A directory that occurs in several archives is written once. Any other duplicate name is an error unless `onDuplicate` is set.
 *
 * @param output as for createArchive(); it may be one of the inputs
 * @param inputs paths, `file:` URLs, or all bytes of archives, which must not change during the call
 * @throws PzipError PZIP_NAME_DUPLICATE or PZIP_NAME_CONFLICT for names that clash, PZIP_NAME_INVALID, PZIP_ARCHIVE_INVALID,
 * PZIP_ARCHIVE_UNSUPPORTED, or what createArchive() throws; nothing is left behind
 */
export async function mergeArchives(
  output: ArchiveOutput,
  inputs: ArchiveInput | readonly ArchiveInput[],
  options: MergeOptions = {},
): Promise<ArchiveResult> {
  const target = checkOutput(output);
  const checked = resolveArchiveInputs(inputs);
  const { onDuplicate = 'error', ...archive } = resolveMergeOptions(options);
  let ownComment = '';
  const run = startRun(target, archive, { comment: () => archive.comment ?? ownComment });
  const entries = mergedEntries(run, checked, onDuplicate, (comment) => {
    ownComment = comment;
  });
  void run.add(() => entries);
  return run.close();
}

/** Entries per batch. */
const BATCH_LENGTH = 256;

async function* mergedEntries(
  run: ArchiveRun,
  inputs: readonly (string | Uint8Array)[],
  policy: DuplicatePolicy,
  onComment: (comment: string) => void,
): Selected {
  // Loaded here: most programs merge nothing.
  const { readPartSet } = await import('../shard/part-set.js');
  const parts = await readPartSet(inputs);
  if (parts !== undefined) {
    onComment(parts[0]?.marker.comment ?? '');
    yield* partEntries(run, parts);
    return;
  }
  const archives = await openAll(run, inputs);
  const names = new NameRegistry();
  const repeated = policy === 'last' ? await findRepeated(archives, run) : undefined;
  const goesIn = ({ name, kind, copied }: CopiedSource): boolean => {
    if (repeated?.isRepeatedLater(name) === true) return false;
    if (names.has(name)) {
      if (policy === 'first' || kind === 'directory') return false;
      throw duplicateName(name, copied.archive.path);
    }
    names.add(name, kind === 'symlink');
    return true;
  };
  for (const archive of archives) {
    let batch: CopiedSource[] = [];
    for await (const source of archive.sources()) {
      checkName(source, archive);
      if (goesIn(source)) batch.push(source);
      if (batch.length < BATCH_LENGTH) continue;
      run.checkpoint();
      yield batch;
      batch = [];
    }
    yield batch;
  }
}

/** The entries of an archive that was created in parts. */
async function* partEntries(run: ArchiveRun, parts: readonly Part[]): Selected {
  const { joinParts } = await import('../shard/join-parts.js');
  const check = entryChecks();
  let batch: CopiedSource[] = [];
  for await (const source of joinParts(parts, (archive) => run.copyFrom(archive))) {
    check(source);
    batch.push(source);
    if (batch.length < BATCH_LENGTH) continue;
    run.checkpoint();
    yield batch;
    batch = [];
  }
  yield batch;
}

/** The run closes them. */
async function openAll(run: ArchiveRun, inputs: readonly (string | Uint8Array)[]): Promise<EntriesToCopy[]> {
  // Loaded on demand: most programs do not merge.
  const { EntriesToCopy } = await import('../reader/copied-archive.js');
  const archives: EntriesToCopy[] = [];
  for (const [rank, input] of inputs.entries()) {
    const archive = await EntriesToCopy.open(input, rank);
    run.copyFrom(archive);
    archives.push(archive);
  }
  return archives;
}

/** Names that occur more than once, with their remaining occurrences. */
class RepeatedNames {
  readonly #left = new Map<string, number>();
  readonly #seen = new HashedPaths();

  see(name: string): void {
    if (this.#seen.known(name, name.length) === 0) this.#seen.learn(name, name.length, 1);
    else this.#left.set(name, (this.#left.get(name) ?? 1) + 1);
  }

  /** Must be called once for each occurrence, in order. */
  isRepeatedLater(name: string): boolean {
    const left = this.#left.get(name);
    if (left === undefined || left <= 1) return false;
    this.#left.set(name, left - 1);
    return true;
  }
}

async function findRepeated(archives: readonly EntriesToCopy[], run: ArchiveRun): Promise<RepeatedNames> {
  const repeated = new RepeatedNames();
  let count = 0;
  for (const archive of archives) {
    for await (const { name } of archive.sources()) {
      repeated.see(name);
      if (++count % BATCH_LENGTH === 0) run.checkpoint();
    }
  }
  return repeated;
}
