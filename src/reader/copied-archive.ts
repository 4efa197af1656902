/**
 * An archive whose entries are copied into another one without recompression. Content is not inflated, so its CRC-32 is not
 * checked. What decides how data is read is checked: both headers of each entry, and that entries do not overlap.
 */
import type { CopiedArchive, CopiedEntry, CopiedSource, LocatedEntry, StoredEntry } from '../common/entry.js';
import { quote } from '../common/errors.js';
import { defaultMode, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../zip/attributes.js';
import {
  FLAG_CENTRAL_DIRECTORY_ENCRYPTED,
  FLAG_DATA_DESCRIPTOR,
  FLAG_ENCRYPTED,
  FLAG_PATCHED_DATA,
  LOCAL_FILE_HEADER_SIZE,
  METHOD_STORED,
  UINT32_MAX,
} from '../zip/constants.js';
import { checkComment } from '../zip/names.js';
import { parseCentralDirectoryHeader } from '../zip/parse-records.js';
import { invalid, unsupported } from './archive-error.js';
import { kindOf, unixMode } from './archived-entry.js';
import type { DirectoryEntry } from './directory.js';
import { readRange } from './entry-data.js';
import { entryComment, entryName } from './entry-names.js';
import { modificationTime } from './entry-times.js';
import { Extents } from './extents.js';
import { type LocalEntry, localEntryOf, readLocalHeader, rejectDisagreement } from './local-header.js';
import { OpenArchive } from './open-archive.js';
import { Window } from './window.js';

/** Bytes of a link's target that Linux can create: PATH_MAX without its NUL. */
const LONGEST_LINK_TARGET = 4095;

/**
 * Bytes of one read of an entry that is copied by itself; two are in memory at a time. 800 MB took 1.0 s with 256 KiB, 0.73 s with
 * 1 MiB and 0.58 s with 4 MiB (medians of three, beside other work).
 */
const COPY_LENGTH = 4 * 1024 * 1024;

export class EntriesToCopy implements CopiedArchive {
  readonly rank: number;
  readonly path: string | undefined;
  readonly #archive: OpenArchive;

  private constructor(archive: OpenArchive, rank: number) {
    this.#archive = archive;
    this.rank = rank;
    this.path = archive.access.path;
  }

  /**
   * @param rank see CopiedArchive
   * @throws PzipError as OpenArchive.open() does
   */
  static async open(input: string | Uint8Array, rank: number): Promise<EntriesToCopy> {
    return new EntriesToCopy(await OpenArchive.open(input), rank);
  }

  get comment(): Uint8Array {
    return this.#archive.end.comment;
  }

  get entryCount(): number {
    return this.#archive.end.entryCount;
  }

  /**
   * The entries in the order of the central directory, with their names as stored: the caller checks the names.
   *
   * @throws PzipError PZIP_ARCHIVE_INVALID for an inconsistent directory, after the entries before the fault, and for
   * overlapping entries, at the end. PZIP_ARCHIVE_UNSUPPORTED for an entry that is encrypted or not a file, directory or link
   */
  async *sources(): AsyncGenerator<CopiedSource, void, undefined> {
    const extents = new Extents();
    for await (const entry of this.#archive.directory()) {
      const { localPosition, compressedSize, central } = entry;
      extents.add(localPosition, localPosition + LOCAL_FILE_HEADER_SIZE + central.fileName.length + compressedSize);
      if (extents.total > this.#archive.access.size) throw this.#overlap(extents);
      yield await this.#toSource(entry);
    }
    if (extents.findOverlap() !== undefined) throw this.#overlap(extents);
  }

  async readAll(entries: readonly CopiedEntry[]): Promise<StoredEntry[]> {
    const { access, end } = this.#archive;
    const window = new Window(access, end.directoryStart);
    const stored: StoredEntry[] = [];
    for (const copied of entries) {
      const entry = toDirectoryEntry(copied);
      const header = await window.localHeader(entry);
      const localEntry = localEntryOf(access.path, end, entry, header);
      rejectDisagreement(access.path, entry, localEntry);
      const { dataStart, dataEnd } = localEntry;
      const data = await window.read(dataStart, dataEnd - dataStart);
      const { localExtraField, reservesZip64 } = localFacts(localEntry);
      stored.push({ central: entry.central, localExtraField, reservesZip64, data });
    }
    return stored;
  }

  async locate(copied: CopiedEntry): Promise<LocatedEntry> {
    const { access, end } = this.#archive;
    const entry = toDirectoryEntry(copied);
    const localEntry = await readLocalHeader(access, end, entry);
    rejectDisagreement(access.path, entry, localEntry);
    return {
      central: entry.central,
      ...localFacts(localEntry),
      data: () => readRange(access, localEntry.dataStart, localEntry.dataEnd, COPY_LENGTH),
    };
  }

  /** @throws PzipError PZIP_SOURCE_CHANGED if the file was written since it was opened */
  checkUnchanged(): Promise<void> {
    return this.#archive.access.checkUnchanged();
  }

  close(): Promise<void> {
    return this.#archive.close();
  }

  async #toSource(entry: DirectoryEntry): Promise<CopiedSource> {
    const { central, compressedSize, uncompressedSize, localPosition, centralPosition } = entry;
    const name = entryName(central);
    const place = { entryName: name, offset: centralPosition };
    this.#rejectEncrypted(entry, name);
    if (central.compressionMethod === METHOD_STORED && compressedSize !== uncompressedSize) {
      throw invalid(
        this.path,
        `it is stored, but its sizes differ: ${compressedSize} compressed, ${uncompressedSize} uncompressed`,
        place,
      );
    }
    const comment = entryComment(central);
    const broken = checkComment(comment, 'entry', Buffer.byteLength(name));
    if (broken !== undefined) throw unsupported(this.path, `its comment ${broken}`, place);
    const mode = unixMode(central);
    const kind = kindOf(name, mode, central.externalFileAttributes);
    const copied = {
      archive: this,
      centralHeader: entry.bytes,
      localPosition,
      compressedSize,
      uncompressedSize,
    };
    const mtimeMs = modificationTime(central) || 0;
    const given = comment === '' ? undefined : comment;
    switch (kind) {
      case 'directory': {
        if (uncompressedSize !== 0) throw invalid(this.path, 'it is a directory with content', place);
        const directoryName = name.endsWith('/') ? name : `${name}/`;
        return { kind, name: directoryName, mode: typed(mode, S_IFDIR), mtimeMs, comment: given, copied };
      }
      case 'symlink': {
        const target = await this.#targetOf(entry, name);
        return { kind, name, mode: typed(mode, S_IFLNK), mtimeMs, comment: given, target, copied };
      }
      case 'file':
        return { kind: 'archived', name, mode: typed(mode, S_IFREG), mtimeMs, comment: given, copied };
      case 'other':
        throw unsupported(this.path, 'it is not a file, directory or symbolic link', place);
    }
  }

  #rejectEncrypted({ central, centralPosition }: DirectoryEntry, name: string): void {
    const { generalPurposeBitFlag } = central;
    const place = { entryName: name, offset: centralPosition };
    const isEncrypted = (generalPurposeBitFlag & (FLAG_ENCRYPTED | FLAG_CENTRAL_DIRECTORY_ENCRYPTED)) !== 0;
    if (isEncrypted) throw unsupported(this.path, 'it is encrypted; exclude it, or decrypt the archive first', place);
    if ((generalPurposeBitFlag & FLAG_PATCHED_DATA) !== 0) {
      throw unsupported(this.path, 'it is compressed patched data (general purpose bit 5)', place);
    }
  }

  /** The target is read now, because pzip warns about links that point outside the archived tree. */
  async #targetOf(entry: DirectoryEntry, name: string): Promise<Uint8Array> {
    if (entry.uncompressedSize > LONGEST_LINK_TARGET) {
      const fault = `it is a symbolic link whose target is ${entry.uncompressedSize} bytes long (at most ${LONGEST_LINK_TARGET})`;
      throw invalid(this.path, fault, { entryName: name, offset: entry.centralPosition });
    }
    const pieces: Buffer[] = [];
    for await (const piece of this.#archive.content(entry)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  #overlap(extents: Extents): Error {
    const [first, second] = extents.findOverlap() ?? [];
    const fault =
      first === undefined || second === undefined
        ? 'its entries are larger than the file'
        : `two of its entries overlap: bytes ${first.start} to ${first.end}, and from ${second.start}`;
    return invalid(this.path, `${fault}; entries of ${quote(this.path ?? 'this archive')} cannot be copied`, {
      offset: second?.start,
    });
  }
}

/** The mode, with the file type of the entry's kind and the archive's permissions or the default ones. */
function typed(mode: number | undefined, type: typeof S_IFDIR | typeof S_IFLNK | typeof S_IFREG): number {
  return mode === undefined ? defaultMode(type) : type | (mode & ~S_IFMT);
}

function toDirectoryEntry(copied: CopiedEntry): DirectoryEntry {
  const { centralHeader, localPosition, compressedSize, uncompressedSize } = copied;
  const bytes = Buffer.from(centralHeader.buffer, centralHeader.byteOffset, centralHeader.length);
  return {
    central: parseCentralDirectoryHeader(bytes),
    bytes,
    localPosition,
    compressedSize,
    uncompressedSize,
    // Used only in messages, which here give the local header's position.
    centralPosition: 0,
    relativeOffsetOfLocalHeader: localPosition,
  };
}

/**
 * An unneeded zip64 field is kept if it holds the sizes, so that a copy of pzip's own archive has the same bytes. With a data
 * descriptor, it only announced that the sizes might be large.
 */
function localFacts({ local }: LocalEntry): Pick<StoredEntry, 'localExtraField' | 'reservesZip64'> {
  const hasDataDescriptor = (local.generalPurposeBitFlag & FLAG_DATA_DESCRIPTOR) !== 0;
  const isMasked = local.compressedSize === UINT32_MAX && local.uncompressedSize === UINT32_MAX;
  return { localExtraField: local.extraField, reservesZip64: isMasked && !hasDataDescriptor };
}
