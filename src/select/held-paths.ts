/**
 * Resolves the paths of inputs, lists and patterns from one open directory to the next, like a walk, so that no directory on
 * the path can be replaced by a link meanwhile. The last directories stay open, because most names share theirs with the
 * previous one.
 */
import { lstatSync } from 'node:fs';
import { DirectoryHandle, hasDescriptorPaths, isOtherKind } from './directory-handle.js';
import { replaced } from './failures.js';
import type { LinkGuard } from './link-guard.js';

/** Directories that stay open: those on the path to one, and to the next that a pattern examines. */
const MAX_OPEN = 24;

export interface HeldPathsOptions {
  readonly links: LinkGuard;
  readonly platform: NodeJS.Platform;
  readonly separator: '/' | '\\';
  /** Whether links are followed; nothing is checked then. */
  readonly follows: boolean;
}

export class HeldPaths {
  readonly #options: HeldPathsOptions;
  readonly #hasDescriptors: boolean;
  /** By path, least recently used first. */
  readonly #open = new Map<string, DirectoryHandle>();
  /** Parents of the heads of patterns that lie outside the working directory. */
  readonly #roots = new Set<string>();
  /** Without descriptors: directories that were used since the last check. */
  readonly #unchecked = new Set<string>();
  #last: DirectoryHandle | undefined;

  constructor(options: HeldPathsOptions) {
    this.#options = options;
    this.#hasDescriptors = options.platform === 'linux' && hasDescriptorPaths();
  }

  /** A pattern's matches below its literal start are not trusted, wherever that is. */
  trustAbove(head: string): void {
    const end = head.lastIndexOf(this.#options.separator);
    if (this.#options.links.trustedLength(head) === undefined && end > 0) this.#roots.add(head.slice(0, end));
  }

  /**
   * The path for system calls on `path`; valid until the next call of this method.
   *
   * @param path absolute; the last component may be a link, which is followed if a separator follows it
   * @throws PzipError PZIP_SOURCE_CHANGED if the path goes through a link, or the system's error
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

  /** The same for a directory to list, with a separator at the end. */
  locateDirectory(path: string): string {
    const { separator } = this.#options;
    const whole = path.endsWith(separator) ? path : path + separator;
    const trusted = this.#trustedLength(path);
    if (trusted === undefined || path.length <= trusted) return whole;
    return this.#enter(path, trusted) ?? whole;
  }

  /**
   * Without descriptors: checks that no directory used since the last check is now behind a link.
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
