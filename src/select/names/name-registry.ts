/**
 * The names of an archive that is put together call by call: no name twice, no file where a folder has to be, and no symbolic
 * link that is one name with a folder where case or Unicode normalisation does not count (Windows, macOS): what is extracted
 * to that folder would go through the link.
 */
import { PzipError, quote } from '../../common/errors.js';
import { foldPath } from './folded-names.js';
import { HashedPaths } from './hashed-paths.js';

/** What is known of a path, whose `/` at the end is left out. */
const IS_FILE = 1;
/** It has an entry of its own or something in it. */
const IS_FOLDER = 2;
const HAS_FOLDER_ENTRY = 4;
/** Besides IS_FILE: a link takes a file's place. */
const IS_LINK = 8;

const SLASH = 0x2f;

export class NameRegistry {
  readonly #paths = new HashedPaths();
  /** By their folded form, the paths that are written otherwise: most are their own. */
  readonly #folded = new HashedPaths();

  /** @throws PzipError PZIP_NAME_DUPLICATE or PZIP_NAME_CONFLICT; the name is then not among the names */
  add(name: string, isLink = false): void {
    const isFolder = name.charCodeAt(name.length - 1) === SLASH;
    const length = isFolder ? name.length - 1 : name.length;
    const known = this.#paths.known(name, length);
    if ((known & (isFolder ? HAS_FOLDER_ENTRY : IS_FILE)) !== 0) {
      throw new PzipError('PZIP_NAME_DUPLICATE', `Two entries are named ${quote(name)}`, { entryName: name });
    }
    if (isFolder ? (known & IS_FILE) !== 0 : (known & IS_FOLDER) !== 0) throw conflict(name.slice(0, length));
    // Before anything is kept of the name: where one of its folders is a file, or behind a link, it is not added.
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

  /** Where the longest of the name's folders ends that is known: its own folders are known too then. -1 for none. */
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
   * What is written as the path is known by now, and is no conflict.
   *
   * @param isPlain whether the path is its own folded form, and so is each folder of it
   * @param conflicting what no path of the same folded form may be
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
