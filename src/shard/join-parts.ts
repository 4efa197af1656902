/** The entries of all parts in the order of the archive, with fragments joined. */
import type { CopiedSource } from '../common/entry.js';
import { PzipError } from '../common/errors.js';
import { invalid } from '../reader/archive-error.js';
import { EntriesToCopy } from '../reader/copied-archive.js';
import { type FoundFragment, JoinedEntry } from './joined-entry.js';
import type { FragmentMark } from './part-marker.js';
import { mismatch, numberOf, type Part } from './part-set.js';

/**
 * @param parts in the order of the archive
 * @param onOpen receives each archive when it is opened; it must stay open until the entries are written
 * @throws PzipError PZIP_PARTS_MISMATCH or PZIP_ARCHIVE_INVALID for parts that do not fit together
 */
export async function* joinParts(
  parts: readonly Part[],
  onOpen: (archive: EntriesToCopy) => void,
): AsyncGenerator<CopiedSource, void, undefined> {
  const joining = new Joining();
  for (const [rank, part] of parts.entries()) {
    const archive = await EntriesToCopy.open(part.input, rank);
    onOpen(archive);
    rejectChanged(archive, part);
    for await (const source of archive.sources()) {
      const complete = joining.add(part, source);
      if (complete !== undefined) yield complete;
    }
    joining.endPart(part, archive.path);
  }
  joining.finish(parts);
}

function rejectChanged({ comment, path }: EntriesToCopy, part: Part): void {
  if (Buffer.compare(comment, part.comment) === 0) return;
  const message = `The part ${part.name} was written while it was read; try again when it is complete`;
  throw new PzipError('PZIP_SOURCE_CHANGED', message, { path });
}

/** Puts fragments together as the entries of the parts come, in the order of the archive. */
export class Joining {
  /** Of an entry that is not complete. */
  #fragments: FoundFragment[] = [];
  #entryCount = 0;
  /** Of the next entry in its part. */
  #at = 0;

  /** @returns the entry if it is complete */
  add(part: Part, source: CopiedSource): CopiedSource | undefined {
    const mark = this.#markOf(part);
    this.#at++;
    const [pending] = this.#fragments;
    if (mark === null) {
      if (pending !== undefined) throw cutOff(pending);
      this.#entryCount++;
      return source;
    }
    const fragment = { part, source, mark };
    if (mark.start === 0 && pending !== undefined) throw cutOff(pending);
    if (mark.start > 0 && pending === undefined) {
      throw mismatch(`Part ${numberOf(part)} (${part.name}) begins within an entry whose beginning no other part has`);
    }
    this.#fragments.push(fragment);
    if (mark.end < mark.size) return undefined;
    const [first = fragment, ...others] = this.#fragments;
    this.#fragments = [];
    this.#entryCount++;
    return new JoinedEntry([first, ...others]).toSource();
  }

  /** @throws PzipError PZIP_ARCHIVE_INVALID if the part had another number of entries than it says */
  endPart({ marker: { entryCount } }: Part, path: string | undefined): void {
    const found = this.#at;
    this.#at = 0;
    if (found === entryCount) return;
    throw invalid(path, `it is a part of ${entryCount} entries, and its directory lists ${found}`);
  }

  finish(parts: readonly Part[]): void {
    const [pending] = this.#fragments;
    if (pending !== undefined) throw cutOff(pending);
    const planned = parts[0]?.marker.plan.entryCount ?? 0;
    const skipped = parts.reduce((sum, { marker }) => sum + marker.skippedCount, 0);
    if (this.#entryCount + skipped === planned) return;
    throw mismatch(`The parts have ${this.#entryCount} entries together, and their plan has ${planned}`);
  }

  #markOf({ marker: { head, tail, entryCount } }: Part): FragmentMark | null {
    const first = this.#at === 0 ? head : null;
    return first ?? (this.#at === entryCount - 1 ? tail : null);
  }
}

function cutOff({ part }: FoundFragment): PzipError {
  return mismatch(`Part ${numberOf(part)} (${part.name}) ends within an entry whose end the next part does not have`);
}
