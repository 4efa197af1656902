/**
 * Walks a directory depth first and yields its entries in the archive's order, in small batches. Compression starts during the
 * walk, and only the listings of the current directory and its parents are in memory.
 *
 * Every call is synchronous. A walk consists of system calls (of the 125 ms for 33,000 files in 4,500 directories, lstat takes
 * 80 and readdir 40), and a promise costs more than such a call. Measured on that tree: Dirents and one lstat each 124 ms,
 * plain names and lstat 122, path.join instead of a concatenation 151, bigint stats 128, names as buffers 156. Dirents are
 * used because their types allow sorting the children before the calls of lstat: a directory of a million files yields its
 * first batch after the listing, not after a million calls.
 */

import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import type { Source } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { hasCode } from '../common/file-errors.js';
import { sortNames } from '../common/name-order.js';
import { countIgnored } from './count-ignored.js';
import { DirectoryHandle, isOtherKind } from './directory-handle.js';
import { disappeared, replaced, unreadable } from './failures.js';
import { findEntry, sourceOf } from './found-entry.js';
import type { IgnoreState } from './ignore/ignore-state.js';
import { locate } from './locate.js';
import { withoutBadNames } from './names/bad-names.js';
import { joinPath } from './names/entry-names.js';
import { isSuspectName } from './names/suspect-names.js';
import type { SelectContext } from './select-context.js';

/**
 * Entries in a batch. Large enough that yielding one costs nothing (a generator's step takes some 50 ns), small enough that the
 * first comes 1 ms after the start of the walk.
 */
const BATCH_LENGTH = 256;

/**
 * The innermost directories whose descriptors stay open: enough that a typical tree needs no directory opened twice, few enough
 * for a limit of 64 open files.
 */
const MAX_DESCRIPTORS = 12;

/** Names to match between two checks of the clock, each of which takes as long as matching a name. */
const NAMES_BETWEEN_LOOKS = 8;

/** A directory between the root and the current position of the walk. */
interface OpenDirectory {
  readonly handle: DirectoryHandle;
  /** Its name in the archive, with a slash at the end; empty for the current directory. */
  readonly name: string;
  readonly ignore: IgnoreState;
  /** Sorted; a directory's ends in `/`. */
  readonly children: readonly string[];
  next: number;
}

/** The root of a walk. */
export interface WalkRoot {
  /** Absolute. */
  readonly path: string;
  /** Its name in the archive, with a slash at the end; empty for a directory without an entry of its own. */
  readonly name: string;
  /** The state of the ignore rules, without its own ignore file. */
  readonly ignore: IgnoreState;
  /** The identity of the directory when it was examined; undefined if a pattern found it. */
  readonly identity: Pick<Stats, 'dev' | 'ino'> | undefined;
}

/** Yields batches, and an empty one if the event loop should run before the next entry is found. */
export function* walkDirectory(root: WalkRoot, context: SelectContext): Generator<Source[]> {
  const walk = new Walk(context);
  try {
    yield* walk.entriesOf(root);
  } finally {
    walk.close();
  }
}

class Walk {
  readonly #context: SelectContext;
  readonly #follows: boolean;
  readonly #open: OpenDirectory[] = [];
  #batch: Source[] = [];

  constructor(context: SelectContext) {
    this.#context = context;
    this.#follows = context.symlinks === 'follow';
  }

  *entriesOf({ path, name, ignore, identity }: WalkRoot): Generator<Source[]> {
    const { pace, separator } = this.#context;
    const location = locate(path, this.#context);
    if (location === undefined) return;
    yield* this.#enter(path, location, name, ignore, identity);
    for (let directory = this.#open.at(-1); directory !== undefined; directory = this.#open.at(-1)) {
      const child = directory.children[directory.next++];
      if (child === undefined) {
        this.#leave(directory);
        continue;
      }
      const isDirectory = child.endsWith('/');
      const childName = isDirectory ? child.slice(0, -1) : child;
      const childPath = joinPath(directory.handle.path, childName, separator);
      if (isDirectory) {
        if (pace.isDue) yield this.#take();
        const location = directory.handle.location + childName;
        yield* this.#enter(childPath, location, directory.name + child, directory.ignore.enter(childName));
      } else {
        const location = directory.handle.location + child;
        const entry = findEntry(childPath, directory.name + child, this.#context, location);
        if (entry !== undefined) this.#batch.push(entry);
      }
      if (this.#batch.length >= BATCH_LENGTH) yield this.#take();
    }
    if (this.#batch.length > 0) yield this.#take();
  }

  close(): void {
    for (const { handle } of this.#open) handle.close();
  }

  /** Checks the directories before yielding the entries found in them. */
  #take(): Source[] {
    this.#check();
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }

  #check(): void {
    for (const { handle } of this.#open) handle.check();
  }

  *#enter(
    path: string,
    location: string,
    name: string,
    entered: IgnoreState,
    identity?: Pick<Stats, 'dev' | 'ino'>,
  ): Generator<Source[]> {
    const context = this.#context;
    const handle = this.#openDirectory(path, location);
    if (handle === undefined) return;
    let isKept = false;
    try {
      if (identity !== undefined && !this.#follows && !isSame(handle.stat(), identity)) throw replaced(path);
      if (this.#follows && isLoop(handle, this.#open, context)) return;
      if (context.directoryEntries && name !== '') {
        const entry = sourceOf(path, name.slice(0, -1), handle.stat(), context);
        if (entry !== undefined) this.#batch.push(entry);
      }
      const listing = yield* this.#list(handle, name, entered);
      if (listing.children.length === 0) {
        handle.check();
        return;
      }
      isKept = true;
      this.#open.push({ handle, name, next: 0, ...listing });
      this.#open.at(-1 - MAX_DESCRIPTORS)?.handle.release();
      this.#check();
    } finally {
      if (!isKept) handle.close();
    }
  }

  *#list(
    { path, location }: DirectoryHandle,
    name: string,
    entered: IgnoreState,
  ): Generator<Source[], { children: string[]; ignore: IgnoreState }> {
    const context = this.#context;
    let dirents: Dirent[];
    try {
      dirents = readdirSync(location, { withFileTypes: true });
    } catch (cause) {
      context.problem(unreadable(path, cause));
      return { children: [], ignore: entered };
    }
    let children: string[] = [];
    let isSuspect = false;
    for (const dirent of dirents) {
      const child = dirent.name;
      if (isSuspectName(child)) isSuspect = true;
      const isDirectory =
        dirent.isDirectory() || (this.#follows && dirent.isSymbolicLink() && isDirectoryAt(location + child));
      children.push(isDirectory ? `${child}/` : child);
    }
    let ignore = entered;
    if (!context.ignore.isIdle) {
      ignore = context.ignore.listed(entered, path, children, location);
      children = yield* this.#withoutIgnored(children, path, name, ignore);
    }
    return { children: sortNames(isSuspect ? withoutBadNames(path, children, context, location) : children), ignore };
  }

  /** Yields meanwhile: a directory can have a million names, and a hostile ignore file many patterns for each. */
  *#withoutIgnored(
    children: readonly string[],
    path: string,
    name: string,
    ignore: IgnoreState,
  ): Generator<Source[], string[]> {
    const { ignore: rules, counts, pace } = this.#context;
    const kept: string[] = [];
    for (const [index, child] of children.entries()) {
      if (!rules.ignores(ignore, path, child, name + child)) kept.push(child);
      else countIgnored(counts, name + child);
      if (index % NAMES_BETWEEN_LOOKS === NAMES_BETWEEN_LOOKS - 1 && pace.isDue) yield this.#take();
    }
    return kept;
  }

  /** Undefined if the directory cannot be opened, which has been reported and may be skipped. */
  #openDirectory(path: string, location: string): DirectoryHandle | undefined {
    const context = this.#context;
    const place = { path, location, isFollowed: this.#follows, separator: context.separator };
    try {
      return this.#withFewerOpen(() => new DirectoryHandle(place, context.platform));
    } catch (cause) {
      if (isOtherKind(cause)) return context.problem(replaced(path));
      if (hasCode(cause, 'ENOENT')) return context.problem(disappeared(path));
      return context.problem(unreadable(path, cause));
    }
  }

  /** Returns to the parent directory, whose remaining entries are accessed through its own descriptor. */
  #leave({ handle, children }: OpenDirectory): void {
    if (children.length > 0) this.#check();
    this.#open.pop();
    const above = this.#open.at(-1)?.handle;
    try {
      if (above !== undefined) this.#withFewerOpen(() => above.reopen(handle));
    } catch (cause) {
      throw cause instanceof PzipError ? cause : unreadable(above?.path ?? handle.path, cause);
    } finally {
      handle.close();
    }
  }

  /** If too many files are open, closes the descriptors of the parent directories for a while. */
  #withFewerOpen<T>(open: () => T): T {
    try {
      return open();
    } catch (cause) {
      const others = this.#open.slice(0, -1).filter(({ handle }) => handle.holdsDescriptor);
      if (!hasCode(cause, 'EMFILE') || others.length === 0) throw cause;
      for (const { handle } of others) handle.release();
      return open();
    }
  }
}

function isSame(a: Pick<Stats, 'dev' | 'ino'>, b: Pick<Stats, 'dev' | 'ino'>): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** Whether a link leads to a directory that the walk is in; used only if links are followed. */
function isLoop(handle: DirectoryHandle, open: readonly OpenDirectory[], context: SelectContext): boolean {
  const { dev, ino } = handle.identify();
  const around = open.find((directory) => {
    const identity = directory.handle.identify();
    return identity.dev === dev && identity.ino === ino;
  });
  if (around === undefined) return false;
  const { path } = handle;
  const message = `${quote(path)} leads back to ${quote(around.handle.path)}, in which it lies, and was not followed`;
  context.counts.skipped++;
  context.warn({ code: 'PZIP_LINK_LOOP', severity: 'warning', message, path });
  return true;
}

function isDirectoryAt(location: string): boolean {
  try {
    return statSync(location, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // A link to itself, or through an inaccessible directory, is reported with the entry.
    return false;
  }
}
