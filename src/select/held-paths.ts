/**
 * The way to what inputs, lists and patterns name: like a walk, it goes from one open directory to the next, so that none of
 * them can be exchanged for a link while it is looked at. The last directories stay open, since most names share theirs with
 * the one before.
 */
import { lstatSync } from 'node:fs';
import { DirectoryHandle, hasDescriptorPaths, isOtherKind } from './directory-handle.js';
import { replaced } from './failures.js';
import type { LinkGuard } from './link-guard.js';

/** Directories that stay open: those on the way down to one, and to the next that a pattern looks into. */
const MAX_OPEN = 24;

export interface HeldPathsOptions {
  readonly links: LinkGuard;
  readonly platform: NodeJS.Platform;
  readonly separator: '/' | '\\';
  /** Whether links are followed: then there is nothing to see to. */
  readonly follows: boolean;
}

export class HeldPaths {
  readonly #options: HeldPathsOptions;
  readonly #hasDescriptors: boolean;
  /** By path, the one that was used last at the end. */
  readonly #open = new Map<string, DirectoryHandle>();
  /** Parents of the heads of patterns that lie outside the working directory. */
  readonly #roots = new Set<string>();
  /** Without descriptors: what has been looked into, and is to be looked at again. */
  readonly #unchecked = new Set<string>();
  #last: DirectoryHandle | undefined;

  constructor(options: HeldPathsOptions) {
    this.#options = options;
    this.#hasDescriptors = options.platform === 'linux' && hasDescriptorPaths();
  }

  /** What a pattern finds below its head is not trusted, wherever the head lies. */
  trustAbove(head: string): void {
    const end = head.lastIndexOf(this.#options.separator);
    if (this.#options.links.trustedLength(head) === undefined && end > 0) this.#roots.add(head.slice(0, end));
  }

  /**
   * By which the system is to reach what lies at a path; valid until the next call.
   *
   * @param path absolute; the last component may be a link, and is one that is to be followed where a separator ends it
   * @throws PzipError PZIP_SOURCE_CHANGED if a link stands in the way, or the system's error
   */
  locate(path: string): string {
    const { separator } = this.#options;
    const end = path.lastIndexOf(separator);
    const directory = path.slice(0, end);
    const name = path.slice(end + 1);
    if (this.#last?.path === directory) return this.#last.location + name;
    const trusted = this.#trustedLength(path);
    if (trusted === undefined || end <= trusted || name === '') return path;
    const location = this.#enter(directory, trusted);
    return location === undefined ? path : location + name;
  }

  /** The same for a directory that is listed, ending in a separator. */
  locateDirectory(path: string): string {
    const { separator } = this.#options;
    const whole = path.endsWith(separator) ? path : path + separator;
    const trusted = this.#trustedLength(path);
    if (trusted === undefined || path.length <= trusted) return whole;
    return this.#enter(path, trusted) ?? whole;
  }

  /**
   * Where there are no descriptors: whether the directories that were gone through since the last time are still none behind
   * a link.
   *
   * @throws PzipError PZIP_SOURCE_CHANGED
   */
  check(): void {
    for (const directory of this.#unchecked) {
      if (lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) throw replaced(directory);
    }
    this.#unchecked.clear();
  }

  close(): void {
    for (const handle of this.#open.values()) handle.close();
    this.#open.clear();
    this.#last = undefined;
  }

  #trustedLength(path: string): number | undefined {
    if (this.#options.follows) return undefined;
    const length = this.#options.links.trustedLength(path);
    if (length !== undefined) return length;
    for (const root of this.#roots) if (path.startsWith(root + this.#options.separator)) return root.length;
    return undefined;
  }

  /** @param trusted length of the part of the path that may go through links */
  #enter(directory: string, trusted: number): string | undefined {
    if (!this.#hasDescriptors) {
      this.#remember(directory, trusted);
      return undefined;
    }
    this.#last = this.#hold(directory, trusted);
    return this.#last.location;
  }

  #hold(path: string, trusted: number): DirectoryHandle {
    const known = this.#open.get(path);
    if (known !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, known);
      return known;
    }
    const { separator, platform } = this.#options;
    const isRoot = path.length <= trusted;
    const end = path.lastIndexOf(separator);
    const location = isRoot
      ? path || separator
      : this.#hold(path.slice(0, end), trusted).location + path.slice(end + 1);
    let handle: DirectoryHandle;
    try {
      handle = new DirectoryHandle({ path, location, isFollowed: isRoot, separator }, platform);
    } catch (cause) {
      const isLink = isOtherKind(cause) && lstatSync(location, { throwIfNoEntry: false })?.isSymbolicLink() === true;
      throw isLink ? replaced(path) : cause;
    }
    this.#open.set(path, handle);
    if (this.#open.size > MAX_OPEN) this.#closeOldest();
    return handle;
  }

  #closeOldest(): void {
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    this.#open.delete(oldest[0]);
    oldest[1].close();
  }

  #remember(directory: string, trusted: number): void {
    const { separator } = this.#options;
    let path = directory;
    while (path.length > trusted && !this.#unchecked.has(path)) {
      this.#unchecked.add(path);
      path = path.slice(0, path.lastIndexOf(separator));
    }
  }
}
