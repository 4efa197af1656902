/**
 * The names of an archive whose entries are added one by one. Refuses duplicate names, a file where a folder must be, and a
 * symbolic link whose name equals a folder's except for case or Unicode normalization: on Windows and macOS, extracting to
 * that folder would follow the link.
 */
import { PzipError, quote } from '../../common/errors.js';
import { foldPath } from '../../common/folded-names.js';
import { HashedPaths } from '../../common/hashed-paths.js';

/** Flags of a path, without a `/` at its end. */
const IS_FILE = 1;
/** It has an entry, or contains one. */
const IS_FOLDER = 2;
const HAS_FOLDER_ENTRY = 4;
/** In addition to IS_FILE. */
const IS_LINK = 8;

const SLASH = 0x2f;

export class NameRegistry {
  readonly #paths = new HashedPaths();
  /** By folded form, the paths that differ from it; most do not. */
  readonly #folded = new HashedPaths();

  /** @throws PzipError PZIP_NAME_DUPLICATE or PZIP_NAME_CONFLICT; the name is not added then */
  add(name: string, isLink = false): void {
    const isFolder = name.charCodeAt(name.length - 1) === SLASH;
    const length = isFolder ? name.length - 1 : name.length;
    const known = this.#paths.known(name, length);
    if ((known & (isFolder ? HAS_FOLDER_ENTRY : IS_FILE)) !== 0) {
      throw new PzipError('PZIP_NAME_DUPLICATE', `Two entries are named ${quote(name)}`, { entryName: name });
    }
    if (isFolder ? (known & IS_FILE) !== 0 : (known & IS_FOLDER) !== 0) throw conflict(name.slice(0, length));
    // Before anything is stored: if one of its folders is a file or a link, the name is not added.
    const end = this.#endOfKnownFolders(name, length);
    const path = isFolder ? name.slice(0, length) : name;
    const isPlain = foldPath(path) === path;
    if (isLink) this.#refuseShadowing(path, isPlain, IS_FOLDER);
    else if (isFolder) this.#refuseShadowing(path, isPlain, IS_LINK);
    for (let at = name.lastIndexOf('/', length - 1); at > end; at = name.lastIndexOf('/', at - 1)) {
      this.#refuseShadowing(name.slice(0, at), isPlain, IS_LINK);
    }
    for (let at = name.lastIndexOf('/', length - 1); at > end; at = name.lastIndexOf('/', at - 1)) {
      this.#learn(name.slice(0, at), isPlain, IS_FOLDER);
    }
    this.#learn(path, isPlain, isFolder ? IS_FOLDER | HAS_FOLDER_ENTRY : isLink ? IS_FILE | IS_LINK : IS_FILE);
  }

  /** Whether there is an entry of that name. */
  has(name: string): boolean {
    const isFolder = name.charCodeAt(name.length - 1) === SLASH;
    const known = this.#paths.known(name, isFolder ? name.length - 1 : name.length);
    return (known & (isFolder ? HAS_FOLDER_ENTRY : IS_FILE)) !== 0;
  }

  /** End of the longest known folder of the name, whose own folders are known too; -1 if there is none. */
  #endOfKnownFolders(name: string, length: number): number {
    let end = name.lastIndexOf('/', length - 1);
    while (end > 0) {
      const known = this.#paths.known(name, end);
      if ((known & IS_FILE) !== 0) throw conflict(name.slice(0, end));
      if ((known & IS_FOLDER) !== 0) return end;
      end = name.lastIndexOf('/', end - 1);
    }
    return -1;
  }

  /**
   * Checks a path, which is in the table already, against other spellings of the same folded form.
   *
   * @param isPlain whether the path and each of its folders equal their folded forms
   * @param conflicting the flags that no path of the same folded form may have
   */
  #refuseShadowing(path: string, isPlain: boolean, conflicting: number): void {
    const folded = isPlain ? path : foldPath(path);
    let others = this.#folded.known(folded, folded.length);
    if (folded !== path) others |= this.#paths.known(folded, folded.length);
    if ((others & conflicting) === 0) return;
    const message =
      conflicting === IS_FOLDER
        ? `The symbolic link ${quote(path)} and a folder are one name where case or Unicode normalisation does not count`
        : `${quote(path)} and a symbolic link are one name where case or Unicode normalisation does not count`;
    const reason = 'what is extracted there would go through the link (Windows, macOS); rename or leave out one';
    throw new PzipError('PZIP_NAME_CONFLICT', `${message}: ${reason}`, { entryName: path });
  }

  #learn(path: string, isPlain: boolean, facts: number): void {
    this.#paths.learn(path, path.length, facts);
    const folded = isPlain ? path : foldPath(path);
    if (folded !== path) this.#folded.learn(folded, folded.length, facts & (IS_LINK | IS_FOLDER | IS_FILE));
  }
}

function conflict(file: string): PzipError {
  const message = `${quote(file)} would be a file and, for what is in ${quote(`${file}/`)}, a folder`;
  return new PzipError('PZIP_NAME_CONFLICT', message, { entryName: file });
}
