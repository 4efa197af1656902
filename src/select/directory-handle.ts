/**
 * A directory of a walk, held so that its entries are its own.
 *
 * A path is a list of names that the system looks up again on each call. If another process exchanges a directory on that
 * path for a symbolic link while the walk goes on, the next call reads what the link leads to. So on Linux a directory is
 * opened once, without following a link, and its entries are reached through the descriptor, as `/proc/self/fd/N/name`:
 * openat(2) by other means, which Node lacks. Whatever becomes of the path, the descriptor stays with the directory.
 *
 * Where there is no /proc (other systems, some containers, Node's permission model), the walk compares the identity of its
 * directories before it hands on what it found in them. That notices a directory that was exchanged, but not one that was
 * exchanged and put back between two looks.
 */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, type Stats, statSync } from 'node:fs';
import { hasCode } from '../common/file-errors.js';
import { replaced } from './failures.js';

/** O_PATH, which Node does not name: a place to start from, not to read from, so that no permission to read is needed. */
const LINUX_O_PATH = 0o10000000;

const OPEN_FLAGS = LINUX_O_PATH | (constants.O_DIRECTORY ?? 0);

export interface DirectoryPlace {
  /** Absolute, for messages. */
  readonly path: string;
  /** By which the system is to reach it; the path itself, or through the handle of the directory that it is in. */
  readonly location: string;
  /** Whether a symbolic link in its place is followed. */
  readonly isFollowed: boolean;
  readonly separator: string;
}

export class DirectoryHandle {
  readonly path: string;
  readonly #place: DirectoryPlace;
  #descriptor: number | undefined;
  #location: string;
  #identity: BigIntStats | undefined;
  /** What a descriptor's identity is compared with where there are no descriptors. */
  readonly #stats: Stats | undefined;

  /** @throws the system's error; ENOTDIR or ELOOP where something else has taken the directory's place */
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

  /** The directory's path for the system, ending in a separator: names in it are appended. */
  get location(): string {
    return this.#location;
  }

  get holdsDescriptor(): boolean {
    return this.#descriptor !== undefined;
  }

  stat(): Stats {
    return this.#descriptor === undefined ? this.#look() : fstatSync(this.#descriptor);
  }

  /** Which directory it is, in 64 bits. */
  identify(): BigIntStats {
    this.#identity ??=
      this.#descriptor === undefined
        ? statSync(this.#location, { bigint: true })
        : fstatSync(this.#descriptor, { bigint: true });
    return this.#identity;
  }

  /**
   * Where there is no descriptor that could not lead elsewhere: looks whether the path still leads here.
   *
   * @throws PzipError PZIP_SOURCE_CHANGED
   */
  check(): void {
    if (this.#stats === undefined || this.#place.isFollowed) return;
    const now = lstatSync(this.#place.path, { throwIfNoEntry: false });
    if (now === undefined || now.dev !== this.#stats.dev || now.ino !== this.#stats.ino) throw replaced(this.path);
  }

  /** Lets go of the descriptor for a while: a tree may be deeper than a process may have files open. */
  release(): void {
    if (this.#descriptor === undefined) return;
    this.identify();
    this.close();
  }

  /**
   * Takes up the descriptor again, from that of a directory in it.
   *
   * @throws PzipError PZIP_SOURCE_CHANGED where that is in another directory now
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

/** Whether an error of opening a directory says that something else has taken its place. */
export function isOtherKind(cause: unknown): boolean {
  return hasCode(cause, 'ENOTDIR', 'ELOOP');
}

function descriptorPath(descriptor: number): string {
  return `/proc/self/fd/${descriptor}/`;
}

let knownDescriptorPaths: boolean | undefined;

/** Whether `/proc/self/fd/N` leads where the descriptor does: /proc may be missing, or closed to this process. */
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
