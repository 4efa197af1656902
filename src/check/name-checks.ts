/**
 * Rules about names: those that escape the extraction directory, and those that denote the same file. Names are kept as hashes
 * of about 15 bytes. All parent directories of a name are looked up in a single pass over it.
 */
import { isUtf8 } from 'node:buffer';
import { quote } from '../common/errors.js';
import { foldComponent, foldPath } from '../common/folded-names.js';
import { HashedPaths, PathHash } from '../common/hashed-paths.js';
import { FLAG_UTF8, UNICODE_COMMENT_ID, UNICODE_PATH_ID } from '../zip/constants.js';
import { isAscii } from '../zip/names.js';
import { findExtraField, type ParsedCentralDirectoryHeader } from '../zip/parse-records.js';
import type { Report } from './findings.js';

/** Checks a single name. */
export function checkName(name: string, position: number, report: Report): void {
  if (name === '') report('name-empty', position, 'its name is empty');
  if (name.includes('\0')) report('name-nul', position, 'its name contains a NUL character');
  if (/^(?:[/\\]|[A-Za-z]:)/.test(name))
    report('name-absolute', position, 'its name is absolute or has a drive letter');
  const components = name.split(/[/\\]/);
  if (components.includes('..')) report('name-escapes', position, "its name has the component '..'");
  if (name.includes('\\')) report('name-backslash', position, 'its name contains a backslash');
  const inner = name.endsWith('/') ? components.slice(0, -1) : components;
  const dotted = inner.slice(name.startsWith('/') ? 1 : 0).find((component) => component === '' || component === '.');
  if (dotted !== undefined && name !== '') {
    report('name-dot', position, dotted === '' ? 'its name has an empty component' : "its name has the component '.'");
  }
}

/** Compares the encoding of name and comment with the UTF-8 flag. */
export function checkEncoding(central: ParsedCentralDirectoryHeader, position: number, report: Report): void {
  const isMarked = (central.generalPurposeBitFlag & FLAG_UTF8) !== 0;
  const texts = [
    ['name', central.fileName, UNICODE_PATH_ID],
    ['comment', central.fileComment, UNICODE_COMMENT_ID],
  ] as const;
  for (const [what, bytes, unicodeFieldId] of texts) {
    if (isAscii(bytes)) continue;
    if (isMarked) {
      if (!isUtf8(bytes)) report('name-encoding', position, `its ${what} is marked as UTF-8 but is not valid UTF-8`);
    } else if (findExtraField(central.extraField, unicodeFieldId) === undefined) {
      report('utf8-flag', position, `its ${what} is not ASCII and not marked as UTF-8`);
    }
  }
}

/** Characters of names that are kept, to name both that clash: those of some 20,000 entries. */
const MAX_SPELLINGS_LENGTH = 2 ** 20;

const IS_FILE = 1;
/** The name has an entry of its own or entries in it. */
const IS_FOLDER = 2;
const HAS_FOLDER_ENTRY = 4;
/** Set in addition to IS_FILE. */
const IS_LINK = 8;

/** Checks the names of an archive against each other, one by one. */
export class NameChecks {
  readonly #hash = new PathHash();
  readonly #foldedHash = new PathHash(this.#hash);
  readonly #paths = new HashedPaths(this.#hash);
  /** Paths that differ from their folded form, by that form. */
  readonly #folded = new HashedPaths(this.#hash);
  /** The first of the paths, by their folded form. */
  readonly #spellings = new Map<string, string>();
  #spellingsLength = 0;

  check(name: string, isLink: boolean, position: number, report: Report): void {
    const isFolder = name.endsWith('/');
    const length = isFolder ? name.length - 1 : name.length;
    this.#hash.begin();
    this.#foldedHash.begin();
    let isPlain = true;
    for (let start = 0; start <= length; ) {
      const slash = name.indexOf('/', start);
      const end = slash === -1 || slash > length ? length : slash;
      const isLast = end === length;
      // From the slash before it on.
      const from = Math.max(0, start - 1);
      this.#hash.add(name, from, end);
      const component = name.slice(start, end);
      const folded = foldComponent(component);
      if (start > 0) this.#foldedHash.add('/', 0, 1);
      this.#foldedHash.add(folded, 0, folded.length);
      isPlain &&= folded === component;
      const facts = isLast ? factsOf(isFolder, isLink) : IS_FOLDER;
      const known = this.#paths.knownOf(this.#hash);
      const isFine = isLast
        ? this.#checkItself(known, facts, position, report)
        : checkFolder(known, name.slice(0, end), position, report);
      if (!isFine) return;
      if (known === 0) this.#checkFolded(isPlain, facts, name.slice(0, end), position, report);
      if ((known & facts) !== facts) this.#learn(isPlain, facts);
      if (known === 0) this.#keepSpelling(name.slice(0, end));
      start = end + 1;
    }
  }

  #checkItself(known: number, facts: number, position: number, report: Report): boolean {
    const isFolder = (facts & IS_FOLDER) !== 0;
    if ((known & (isFolder ? HAS_FOLDER_ENTRY : IS_FILE)) !== 0) {
      report('name-duplicate', position, 'an earlier entry has the same name');
      return false;
    }
    if ((known & (isFolder ? IS_FILE : IS_FOLDER)) === 0) return true;
    const isOfLink = ((known | facts) & IS_LINK) !== 0;
    if (isOfLink) report('link-through', position, 'a symbolic link and a directory have the same name');
    else report('name-conflict', position, 'a file and a directory have the same name');
    return false;
  }

  /** A new path may already exist in another spelling. */
  #checkFolded(isPlain: boolean, facts: number, path: string, position: number, report: Report): void {
    let others = this.#folded.knownOf(this.#foldedHash);
    if (!isPlain) others |= this.#paths.knownOf(this.#foldedHash);
    if (others === 0) return;
    const rule = ((others | facts) & IS_LINK) === 0 ? 'name-clash' : 'link-clash';
    const other = this.#spellings.get(foldPath(path));
    const earlier = other === undefined ? 'an earlier name' : `${quote(other)}, an earlier name,`;
    report(rule, position, `${quote(path)} differs from ${earlier} only in case or Unicode normalization`);
  }

  #keepSpelling(path: string): void {
    if (this.#spellingsLength + path.length > MAX_SPELLINGS_LENGTH) return;
    const folded = foldPath(path);
    if (this.#spellings.has(folded)) return;
    this.#spellings.set(folded, path);
    this.#spellingsLength += path.length;
  }

  #learn(isPlain: boolean, facts: number): void {
    this.#paths.learnOf(this.#hash, facts);
    if (!isPlain) this.#folded.learnOf(this.#foldedHash, facts);
  }
}

function factsOf(isFolder: boolean, isLink: boolean): number {
  if (isFolder) return IS_FOLDER | HAS_FOLDER_ENTRY;
  return isLink ? IS_FILE | IS_LINK : IS_FILE;
}

function checkFolder(known: number, path: string, position: number, report: Report): boolean {
  if ((known & IS_FILE) === 0) return true;
  if ((known & IS_LINK) !== 0) report('link-through', position, `${quote(path)} is a symbolic link`);
  else report('name-conflict', position, `${quote(path)} is a file`);
  return false;
}
