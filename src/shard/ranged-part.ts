/**
 * A part of which only the central directory is read: where each entry lies follows from it, if pzip created the part. The
 * data may be a hole in a file whose end alone was fetched from an object store; it is read only where it must be rewritten.
 */
import type { CopiedArchive, CopiedEntry, CopiedSource, LocatedEntry, StoredEntry } from '../common/entry.js';
import { PzipError } from '../common/errors.js';
import { invalid } from '../reader/archive-error.js';
import { kindOf, unixMode } from '../reader/archived-entry.js';
import type { DirectoryEntry } from '../reader/directory.js';
import { readRange } from '../reader/entry-data.js';
import { entryComment, entryName } from '../reader/entry-names.js';
import { OpenArchive } from '../reader/open-archive.js';
import { openFile } from '../reader/random-access.js';
import { LOCAL_FILE_HEADER_SIZE, VERSION_ZIP64 } from '../zip/constants.js';
import { keptFields } from '../zip/kept-fields.js';
import { type ParsedCentralDirectoryHeader, parseCentralDirectoryHeader } from '../zip/parse-records.js';
import type { Part } from './part-set.js';

/** The zip64 field of a local header: both sizes. */
const LOCAL_ZIP64_SIZE = 20;

export interface PlacedEntry {
  readonly source: CopiedSource;
  /** Of its local header and its data, in the part. */
  readonly start: number;
  readonly end: number;
}

export class RangedPart implements CopiedArchive {
  readonly path: string;
  readonly rank: number;
  readonly #archive: OpenArchive;

  private constructor(archive: OpenArchive, path: string, rank: number) {
    this.#archive = archive;
    this.path = path;
    this.rank = rank;
  }

  /** @throws PzipError PZIP_SOURCE_CHANGED if it is not the part that was read before */
  static async open({ input, comment, name }: Part, rank: number): Promise<RangedPart> {
    if (typeof input !== 'string') throw new PzipError('PZIP_USAGE', 'Ranges are of files: give the parts as paths');
    const archive = await OpenArchive.open(input);
    const part = new RangedPart(archive, input, rank);
    if (Buffer.compare(archive.end.comment, comment) === 0) return part;
    await part.close();
    throw new PzipError('PZIP_SOURCE_CHANGED', `The part ${name} was written while it was read`, { path: input });
  }

  /** Where an entry's data begins. */
  static dataStart({ centralHeader, localPosition }: CopiedEntry): number {
    return localPosition + localHeaderSize(parsedHeader(centralHeader));
  }

  /** @throws PzipError PZIP_ARCHIVE_INVALID if anything but entries lies before the directory */
  async *entries(): AsyncGenerator<PlacedEntry, void, undefined> {
    const { end } = this.#archive;
    let previous: DirectoryEntry | undefined;
    let position = 0;
    for await (const entry of this.#archive.directory()) {
      if (previous !== undefined) yield this.#placed(previous, position, entry.localPosition);
      position = previous === undefined ? 0 : entry.localPosition;
      if (entry.localPosition !== position) throw this.#gap(position);
      previous = entry;
    }
    if (previous !== undefined) yield this.#placed(previous, position, end.directoryStart);
    else if (end.directoryStart !== 0) throw this.#gap(0);
  }

  /** Opens the file each time: few ranges are read, perhaps long after the directory, and of many parts. */
  async *read(start: number, end: number): AsyncGenerator<Buffer, void, undefined> {
    const access = await openFile(this.path);
    try {
      yield* readRange(access, start, end);
    } finally {
      await access.close();
    }
  }

  async readAll(entries: readonly CopiedEntry[]): Promise<StoredEntry[]> {
    const stored: StoredEntry[] = [];
    for (const entry of entries) {
      const { data, ...facts } = await this.locate(entry);
      const pieces: Uint8Array[] = [];
      for await (const piece of data()) pieces.push(piece);
      stored.push({ ...facts, data: Buffer.concat(pieces) });
    }
    return stored;
  }

  async locate({ centralHeader, localPosition, compressedSize }: CopiedEntry): Promise<LocatedEntry> {
    const central = parsedHeader(centralHeader);
    const start = localPosition + localHeaderSize(central);
    return {
      central,
      // Besides zip64, pzip writes the same fields into both headers.
      localExtraField: central.extraField,
      reservesZip64: central.versionNeededToExtract === VERSION_ZIP64,
      data: () => this.read(start, start + compressedSize),
    };
  }

  async close(): Promise<void> {
    await this.#archive.close();
  }

  #placed(entry: DirectoryEntry, start: number, end: number): PlacedEntry {
    const { central, compressedSize, uncompressedSize, localPosition } = entry;
    if (end - start !== localHeaderSize(central) + compressedSize) throw this.#gap(start);
    const name = entryName(central);
    const comment = entryComment(central);
    const mode = unixMode(central);
    if (mode === undefined)
      throw invalid(this.path, 'it is a part, and has an entry that pzip did not write', { entryName: name });
    const copied = { archive: this, centralHeader: entry.bytes, localPosition, compressedSize, uncompressedSize };
    const facts = { name, mode, mtimeMs: 0, comment: comment === '' ? undefined : comment, copied };
    const isDirectory = kindOf(name, mode, central.externalFileAttributes) === 'directory';
    return { source: { kind: isDirectory ? 'directory' : 'archived', ...facts }, start, end };
  }

  #gap(position: number): Error {
    const fault =
      'it is a part, and its entries do not follow one another as pzip writes them; merge it without ranges';
    return invalid(this.path, fault, { offset: position });
  }
}

/** Bytes of an entry's local header, as its central header shows them. */
function localHeaderSize(central: ParsedCentralDirectoryHeader): number {
  const { localExtraField } = keptFields(central, false, central.extraField);
  const hasZip64 = central.versionNeededToExtract === VERSION_ZIP64;
  return LOCAL_FILE_HEADER_SIZE + central.fileName.length + localExtraField.length + (hasZip64 ? LOCAL_ZIP64_SIZE : 0);
}

function parsedHeader({ buffer, byteOffset, length }: Uint8Array): ParsedCentralDirectoryHeader {
  return parseCentralDirectoryHeader(Buffer.from(buffer, byteOffset, length));
}
