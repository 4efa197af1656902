/**
 * A directory of a walk, kept open so that a race cannot redirect the walk to another one.
 *
 * The system resolves a path again on each call. If another process replaces a directory on the path by a symbolic link
 * during the walk, the next call follows the link. On Linux, therefore, a directory is opened once, without following a link,
 * and its entries are accessed through the descriptor, as `/proc/self/fd/N/name`. That replaces openat(2), which Node lacks:
 * the descriptor refers to the same directory whatever happens to its path.
 *
 * Without /proc (other systems, some containers, Node's permission model), the walk compares the identity of its directories
 * before it uses the entries that it found. That detects a directory that was replaced, but not one that was replaced and
 * restored between two checks.
 */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, type Stats, statSync } from 'node:fs';
import { hasCode } from '../common/file-errors.js';
import { replaced } from './failures.js';

/** O_PATH, which Node does not export: such a descriptor needs no read permission and can only be used to resolve names. */
const LINUX_O_PATH = 0o10000000;

const OPEN_FLAGS = LINUX_O_PATH | (constants.O_DIRECTORY ?? 0);

export interface DirectoryPlace {
  /** Absolute, for messages. */
  readonly path: string;
  /** The path for system calls: the path itself, or one through the handle of its parent directory. */
  readonly location: string;
  /** Whether the path may be a symbolic link, which is followed. */
  readonly isFollowed: boolean;
  readonly separator: string;
}

export class DirectoryHandle {
  readonly path: string;
  readonly #place: DirectoryPlace;
  #descriptor: number | undefined;
  #location: string;
  #identity: BigIntStats | undefined;
  /** The expected identity, for systems without descriptors. */
  readonly #stats: Stats | undefined;

  /** @throws the system's error; ENOTDIR or ELOOP if the directory has been replaced by something else */
  constructor(place: DirectoryPlace, platform: NodeJS.Platform) {
    this.path = place.path;
    this.#place = place;
    if (platform === 'linux' && hasDescriptorPaths()) {
      this.#descriptor = openSync(place.location, OPEN_FLAGS | (place.isFollowed ? 0 : constants.O_NOFOLLOW));
      this.#location = descriptorPath(this.#descriptor);
    } else {
      this.#location = place.path.endsWith(place.separator) ? place.path : place.path + place.separator;
      this.#stats = this.#look();
      if (!this.#stats.isDirectory()) throw Object.assign(new Error('ENOTDIR: not a directory'), { code: 'ENOTDIR' });
    }
  }

  /** The directory's path for system calls, with a separator at the end, to which names are appended. */
  get location(): string {
    return this.#location;
  }

  get holdsDescriptor(): boolean {
    return this.#descriptor !== undefined;
  }

  stat(): Stats {
    return this.#descriptor === undefined ? this.#look() : fstatSync(this.#descriptor);
  }

  /** The identity of the directory, in 64 bits. */
  identify(): BigIntStats {
    this.#identity ??=
      this.#descriptor === undefined
        ? statSync(this.#location, { bigint: true })
        : fstatSync(this.#descriptor, { bigint: true });
    return this.#identity;
  }

  /**
   * Without descriptors: checks that the path still leads to this directory.
   *
   * @throws PzipError PZIP_SOURCE_CHANGED
   */
  check(): void {
    if (this.#stats === undefined || this.#place.isFollowed) return;
    const now = lstatSync(this.#place.path, { throwIfNoEntry: false });
    if (now === undefined || now.dev !== this.#stats.dev || now.ino !== this.#stats.ino) throw replaced(this.path);
  }

  /** Closes the descriptor for a while: a tree can be deeper than the limit of open files. */
  release(): void {
    if (this.#descriptor === undefined) return;
    this.identify();
    this.close();
  }

  /**
   * Opens the directory again, as the parent of a directory in it.
   *
   * @throws PzipError PZIP_SOURCE_CHANGED if that has been moved to another directory
   */
  reopen(child: DirectoryHandle): void {
    if (this.#descriptor !== undefined || this.#stats !== undefined) return;
    const descriptor = openSync(this.#place.isFollowed ? this.path : `${child.location}..`, OPEN_FLAGS);
    this.#descriptor = descriptor;
    this.#location = descriptorPath(descriptor);
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    if (dev !== this.#identity?.dev || ino !== this.#identity.ino) throw replaced(this.path);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #look(): Stats {
    const { path, isFollowed } = this.#place;
    return isFollowed ? statSync(path) : lstatSync(path);
  }
}

/** Whether an error of opening a directory shows that it has been replaced by something else. */
export function isOtherKind(cause: unknown): boolean {
  return hasCode(cause, 'ENOTDIR', 'ELOOP');
}

function descriptorPath(descriptor: number): string {
  return `/proc/self/fd/${descriptor}/`;
}

let knownDescriptorPaths: boolean | undefined;

/** Whether `/proc/self/fd/N` leads to the descriptor's file: /proc may be missing or inaccessible. */
export function hasDescriptorPaths(): boolean {
  knownDescriptorPaths ??= tryDescriptorPaths();
  return knownDescriptorPaths;
}

function tryDescriptorPaths(): boolean {
  let descriptor: number | undefined;
  try {
    descriptor = openSync('/', OPEN_FLAGS);
    const direct = fstatSync(descriptor);
    const byPath = statSync(`${descriptorPath(descriptor)}.`);
    return direct.dev === byPath.dev && direct.ino === byPath.ino;
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
