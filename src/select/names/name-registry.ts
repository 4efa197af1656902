/**
 * The names of an archive whose entries are added one by one. Refuses duplicate names, a file where a folder must be, and a
 * symbolic link whose name equals a folder's except for case or Unicode normalization: on Windows and macOS, extracting to
 * that folder would follow the link.
 */
import { PzipError, quote } from '../../common/errors.js';
import { foldComponent, foldPath } from '../../common/folded-names.js';
import { HashedPaths, PathHash } from '../../common/hashed-paths.js';

/** Flags of a path, without a `/` at its end. */
const IS_FILE = 1;
/** It has an entry, or contains one. */
const IS_FOLDER = 2;
const HAS_FOLDER_ENTRY = 4;
/** In addition to IS_FILE. */
const IS_LINK = 8;

const SLASH = 0x2f;

/** Called with the end of a folder in the name, and the hash of its folded form if that differs. */
type FolderVisitor = (end: number, foldedHash: PathHash | undefined) => void;

export class NameRegistry {
  readonly #hash = new PathHash();
  readonly #folderHash = new PathHash(this.#hash);
  readonly #foldedHash = new PathHash(this.#hash);
  readonly #paths = new HashedPaths(this.#hash);
  /** By folded form, the paths that differ from it; most do not. */
  readonly #folded = new HashedPaths(this.#hash);

  /** @throws PzipError PZIP_NAME_DUPLICATE or PZIP_NAME_CONFLICT; the name is not added then */
  add(name: string, isLink = false): void {
    const isFolder = isFolderName(name);
    const length = isFolder ? name.length - 1 : name.length;
    const parentEnd = Math.max(0, name.lastIndexOf('/', length - 1));
    const hash = this.#hash.begin();
    // The folders that contain a known one are known too, so two lookups are enough for most names, however deep they are.
    let isParentNew = false;
    if (parentEnd > 0) {
      const parent = this.#paths.knownOf(hash.add(name, 0, parentEnd));
      if ((parent & IS_FILE) !== 0) throw conflict(name.slice(0, parentEnd));
      isParentNew = parent === 0;
    }
    const known = this.#paths.knownOf(hash.add(name, parentEnd, length));
    if ((known & (isFolder ? HAS_FOLDER_ENTRY : IS_FILE)) !== 0) {
      throw new PzipError('PZIP_NAME_DUPLICATE', `Two entries are named ${quote(name)}`, { entryName: name });
    }
    if ((known & (isFolder ? IS_FILE : IS_FOLDER)) !== 0) throw conflict(name.slice(0, length));
    const path = isFolder ? name.slice(0, length) : name;
    const folded = foldPath(path);
    const isPlain = folded === path;
    // Before anything is stored, so that a name that is rejected is not added.
    if (isParentNew) {
      this.#forNewFolders(name, parentEnd, isPlain, (end, foldedHash) => {
        this.#rejectShadowing(name, end, this.#folderHash, foldedHash, IS_LINK);
      });
    }
    let foldedHash = isPlain ? undefined : this.#foldedHash.begin().add(folded, 0, folded.length);
    if (isLink || isFolder) this.#rejectShadowing(name, length, hash, foldedHash, isLink ? IS_FOLDER : IS_LINK);
    if (isParentNew) {
      this.#forNewFolders(name, parentEnd, isPlain, (_end, foldedFolder) => {
        this.#learn(this.#folderHash, foldedFolder, IS_FOLDER);
      });
      foldedHash = foldedHash?.begin().add(folded, 0, folded.length);
    }
    this.#learn(hash, foldedHash, isFolder ? IS_FOLDER | HAS_FOLDER_ENTRY : isLink ? IS_FILE | IS_LINK : IS_FILE);
  }

  /** Whether there is an entry of that name. */
  has(name: string): boolean {
    const isFolder = isFolderName(name);
    const known = this.#paths.known(name, isFolder ? name.length - 1 : name.length);
    return (known & (isFolder ? HAS_FOLDER_ENTRY : IS_FILE)) !== 0;
  }

  /**
   * Visits the folders of a name that are not known, in one pass over its characters. #folderHash is the folder's hash then.
   *
   * @param length of the path of the last of them
   * @param isPlain whether each of them equals its folded form
   */
  #forNewFolders(name: string, length: number, isPlain: boolean, visit: FolderVisitor): void {
    const hash = this.#folderHash.begin();
    const foldedHash = this.#foldedHash.begin();
    let isChanged = false;
    for (let start = 0; start < length; ) {
      const slash = name.indexOf('/', start);
      const end = slash === -1 ? length : slash;
      // With the slash before it.
      const from = Math.max(0, start - 1);
      hash.add(name, from, end);
      if (!isPlain) {
        const component = name.slice(start, end);
        const folded = foldComponent(component);
        isChanged ||= folded !== component;
        foldedHash.add(name, from, start).add(folded, 0, folded.length);
      }
      const known = this.#paths.knownOf(hash);
      if ((known & IS_FILE) !== 0) throw conflict(name.slice(0, end));
      if (known === 0) visit(end, isChanged ? foldedHash : undefined);
      start = end + 1;
    }
  }

  /**
   * Checks the first `length` characters of a name against other spellings of the same folded form.
   *
   * @param foldedHash of the folded form, if it differs
   * @param conflicting the flags that no path of the same folded form may have
   */
  #rejectShadowing(
    name: string,
    length: number,
    hash: PathHash,
    foldedHash: PathHash | undefined,
    conflicting: number,
  ): void {
    let others = this.#folded.knownOf(foldedHash ?? hash);
    if (foldedHash !== undefined) others |= this.#paths.knownOf(foldedHash);
    if ((others & conflicting) === 0) return;
    const path = name.slice(0, length);
    const message =
      conflicting === IS_FOLDER
        ? `The symbolic link ${quote(path)} and a directory are one name where case or Unicode normalisation does not count`
        : `${quote(path)} and a symbolic link are one name where case or Unicode normalisation does not count`;
    const reason = 'what is extracted there would go through the link (Windows, macOS); rename or leave out one';
    throw new PzipError('PZIP_NAME_CONFLICT', `${message}: ${reason}`, { entryName: path });
  }

  #learn(hash: PathHash, foldedHash: PathHash | undefined, facts: number): void {
    this.#paths.learnOf(hash, facts);
    if (foldedHash !== undefined) this.#folded.learnOf(foldedHash, facts & (IS_LINK | IS_FOLDER | IS_FILE));
  }
}

function isFolderName(name: string): boolean {
  return name.charCodeAt(name.length - 1) === SLASH;
}

function conflict(file: string): PzipError {
  const message = `${quote(file)} would be a file and, for what is in ${quote(`${file}/`)}, a directory`;
  return new PzipError('PZIP_NAME_CONFLICT', message, { entryName: file });
}
