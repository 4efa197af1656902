/**
 * Whether a path goes through a symbolic link below the part that the caller is trusted with. The system silently follows
 * links inside a path; an archive that keeps links must not include files behind one.
 */
import { lstatSync } from 'node:fs';

export class LinkGuard {
  readonly #cwd: string;
  readonly #inside: string;
  readonly #separator: '/' | '\\';
  /** By directory, without a separator at its end: the first link on the path to it, or the directory itself. */
  readonly #links = new Map<string, string | undefined>();

  /** @param cwd absolute; may be a link or go through one */
  constructor(cwd: string, separator: '/' | '\\') {
    this.#cwd = cwd.endsWith(separator) ? cwd.slice(0, -1) : cwd;
    this.#inside = this.#cwd + separator;
    this.#separator = separator;
  }

  /**
   * The first link that the path goes through, not counting its last component.
   *
   * @param path absolute. The working directory and any `..` after it are trusted, and so is a path elsewhere as a whole,
   * because the caller wrote it.
   */
  linkAbove(path: string): string | undefined {
    const trusted = this.trustedLength(path);
    const end = path.lastIndexOf(this.#separator);
    return trusted === undefined || end <= trusted ? undefined : this.#linkUpTo(path.slice(0, end), trusted);
  }

  /** The same for a directory, whose last component always counts. */
  linkInDirectory(path: string): string | undefined {
    const bare = path.endsWith(this.#separator) ? path.slice(0, -1) : path;
    const trusted = this.trustedLength(bare);
    if (trusted === undefined) return isLink(bare) ? bare : undefined;
    return bare.length <= trusted ? undefined : this.#linkUpTo(bare, trusted);
  }

  /** Length of the trusted part of the path; undefined if it does not begin with the working directory. */
  trustedLength(path: string): number | undefined {
    if (!path.startsWith(this.#inside)) return path === this.#cwd ? path.length : undefined;
    let length = this.#cwd.length;
    const climb = `${this.#separator}..`;
    while (path.startsWith(climb, length) && (path[length + climb.length] ?? this.#separator) === this.#separator) {
      length += climb.length;
    }
    return length;
  }

  #linkUpTo(directory: string, trusted: number): string | undefined {
    if (directory.length <= trusted) return undefined;
    if (this.#links.has(directory)) return this.#links.get(directory);
    const parentEnd = directory.lastIndexOf(this.#separator);
    const link = this.#linkUpTo(directory.slice(0, parentEnd), trusted) ?? (isLink(directory) ? directory : undefined);
    this.#links.set(directory, link);
    return link;
  }
}

/** A missing or inaccessible file is reported when it is opened. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch {
    return false;
  }
}
