/**
 * Whether a path goes through a symbolic link below what the caller is trusted with. The system follows links in the middle
 * of a path without a word; an archive that keeps links must not take in what lies behind one.
 */
import { lstatSync } from 'node:fs';

export class LinkGuard {
  readonly #cwd: string;
  readonly #inside: string;
  readonly #separator: '/' | '\\';
  /** By directory, without a separator at its end: the first link on the way to it, or the directory itself. */
  readonly #links = new Map<string, string | undefined>();

  /** @param cwd absolute; it may be a link, and may lie behind one */
  constructor(cwd: string, separator: '/' | '\\') {
    this.#cwd = cwd.endsWith(separator) ? cwd.slice(0, -1) : cwd;
    this.#inside = this.#cwd + separator;
    this.#separator = separator;
  }

  /**
   * The first link that the path goes through, its last component left out.
   *
   * @param path absolute. What is trusted is the working directory with the `..` that stand behind it, and of a path that
   * lies elsewhere all of it: that is how the caller says where something is.
   */
  linkAbove(path: string): string | undefined {
    const trusted = this.trustedLength(path);
    const end = path.lastIndexOf(this.#separator);
    return trusted === undefined || end <= trusted ? undefined : this.#linkUpTo(path.slice(0, end), trusted);
  }

  /** The same for a directory: its last component counts, wherever it lies. */
  linkInDirectory(path: string): string | undefined {
    const bare = path.endsWith(this.#separator) ? path.slice(0, -1) : path;
    const trusted = this.trustedLength(bare);
    if (trusted === undefined) return isLink(bare) ? bare : undefined;
    return bare.length <= trusted ? undefined : this.#linkUpTo(bare, trusted);
  }

  /** Length of the part of the path that is trusted; undefined for a path that does not begin at the working directory. */
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

/** What is not there, or cannot be looked at, is reported when it is opened. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch {
    return false;
  }
}
