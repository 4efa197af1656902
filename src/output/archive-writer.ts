/**
 * Writes entries one after another, then the central directory. In a file every local header has the CRC and the sizes, and
 * no entry has a data descriptor. In a stream only large entries have one.
 */
import type { WrittenEntry } from '../common/entry.js';
import { METHOD_DEFLATE, METHOD_STORED } from '../zip/constants.js';
import { decodeName, type EntryFacts } from '../zip/entry-facts.js';
import { decideEntryHeader } from '../zip/entry-header.js';
import {
  countFramed,
  distanceTo,
  type FramedEntries,
  type ListedFacts,
  listFramed,
  relocateDirectory,
} from '../zip/framed-entries.js';
import { encodeCentralDirectoryHeader, encodeEndOfArchive, encodeLocalFileHeader } from '../zip/records.js';
import { ArchiveBytes } from './archive-bytes.js';
import type { ArchiveDigest } from './archive-digest.js';
import { CentralDirectory } from './central-directory.js';
import type { EntryRecorder } from './entry-recorder.js';
import { FragmentEntry } from './fragment-entry.js';
import type { LargeEntry } from './large-entry.js';
import { RewritableEntry } from './rewritable-entry.js';
import type { RewritableSink, Sink } from './sink.js';
import { writeStreamed } from './streamed-entry.js';

/** Bytes of the end of central directory record without a comment (APPNOTE 4.3.16). */
const SIZE_OF_END_RECORD = 22;

/** What is done while an archive is finished. */
export interface FinishSteps {
  /** See Sink.finish. */
  readonly check?: ((path: string) => Promise<void>) | undefined;
  /** Called with each block of the central directory before it is written. */
  readonly onDirectory?: ((headers: Uint8Array) => Promise<void> | undefined) | undefined;
  /** Called with the length of the archive before the central directory is written. */
  readonly onLength?: ((length: number) => void) | undefined;
  /** Called between the last write and Sink.finish(). */
  readonly beforeFinish?: (() => Promise<void> | undefined) | undefined;
}

/** What gets to know what is written. */
export interface WritingReports {
  /** Gets all bytes of the archive, in order. */
  readonly digest?: ArchiveDigest | undefined;
  readonly entries?: EntryRecorder | undefined;
}

export class ArchiveWriter {
  readonly #sink: Sink;
  readonly #archive: ArchiveBytes;
  readonly #directory: CentralDirectory;
  readonly #onEntry: ((entry: WrittenEntry) => void) | undefined;
  readonly #entries: EntryRecorder | undefined;

  constructor(sink: Sink, onEntry?: (entry: WrittenEntry) => void, { digest, entries }: WritingReports = {}) {
    this.#entries = entries;
    this.#sink = sink;
    this.#archive = new ArchiveBytes(sink, digest);
    this.#directory = new CentralDirectory(() => sink.openScratch?.());
    this.#onEntry = onEntry;
  }

  /** Bytes written so far. */
  get position(): number {
    return this.#archive.position;
  }

  /** Bytes of the archive if no entry and no comment were added. */
  get leastLength(): number {
    return this.position + this.#directory.size + SIZE_OF_END_RECORD;
  }

  get entryCount(): number {
    return this.#directory.entryCount;
  }

  /**
   * Writes entries, whose local headers are included, in one write.
   *
   * @param framed the central directory headers in it are modified
   * @param onWritten called when `framed.bytes` is no longer in use, which may be later
   */
  async writeFramed(framed: FramedEntries, onWritten: () => void): Promise<void> {
    const entryCount = countFramed(framed);
    const by = distanceTo(this.position, framed);
    if (entryCount === 0) {
      onWritten();
      return;
    }
    await this.#archive.put([framed.bytes], onWritten);
    const onEntry = this.#onEntry;
    if (onEntry !== undefined) for (const facts of listFramed(framed, by)) onEntry(writtenEntry(facts));
    const headers = relocateDirectory(framed, by);
    await this.#entries?.add(headers, framed.notes, framed.digests);
    await this.#directory.add(headers, entryCount);
  }

  /**
   * Writes one large entry. If its pieces fail, a file is left as it was before the entry; a stream cannot be continued.
   *
   * @returns the compression method
   */
  async writeLarge(entry: LargeEntry): Promise<number> {
    const { rewritable } = this.#sink;
    const facts =
      rewritable === undefined
        ? await this.#recorded(await writeStreamed(this.#archive, entry), entry)
        : await this.#writeRewritable(entry, rewritable);
    return facts.compressionMethod;
  }

  /**
   * Writes an entry whose data comes as it is stored, from another archive. The next piece is read while one is written.
   *
   * @param facts with the entry's offset, which is the writer's position
   * @param onWritten called with the bytes of each piece
   */
  async writeCopied(
    facts: EntryFacts,
    data: AsyncIterable<Uint8Array>,
    onWritten: (bytes: number) => void,
  ): Promise<void> {
    const pieces = data[Symbol.asyncIterator]();
    let head = [encodeLocalFileHeader(decideEntryHeader(facts))];
    let next = await pieces.next();
    while (next.done !== true) {
      const piece = next.value;
      const { length } = piece;
      const [following] = await Promise.all([pieces.next(), this.#archive.write([...head, piece])]);
      onWritten(length);
      head = [];
      next = following;
    }
    if (head.length > 0) await this.#archive.write(head);
    await this.#recorded(facts);
  }

  /**
   * Writes the central directory and the end records, and finishes the sink.
   *
   * @param zipFileComment already checked
   * @returns the archive's length in bytes
   */
  async finish(
    zipFileComment: Uint8Array,
    { check, onDirectory, onLength, beforeFinish }: FinishSteps = {},
  ): Promise<number> {
    const offsetOfStartOfCentralDirectory = this.position;
    const end = encodeEndOfArchive({
      totalNumberOfEntries: this.#directory.entryCount,
      sizeOfCentralDirectory: this.#directory.size,
      offsetOfStartOfCentralDirectory,
      zipFileComment,
    });
    onLength?.(offsetOfStartOfCentralDirectory + this.#directory.size + end.length);
    let last = end;
    for await (const block of this.#directory.blocks()) {
      await onDirectory?.(block);
      // Most directories are one block, which is written together with the end record.
      if (this.#directory.size === block.length) last = Buffer.concat([block, end]);
      else await this.#archive.write([block]);
    }
    await this.#archive.write([last]);
    // By now every earlier write has ended.
    this.#archive.checkWritten();
    await beforeFinish?.();
    await this.#sink.finish(check);
    return this.position;
  }

  async #writeRewritable(entry: LargeEntry, file: RewritableSink): Promise<EntryFacts> {
    const start = this.position;
    try {
      const { fragment } = entry;
      const form =
        fragment === undefined
          ? new RewritableEntry(this.#archive, file, entry)
          : new FragmentEntry(this.#archive, file, entry, fragment);
      return await this.#recorded(await this.#archive.draft(file, () => form.write()), entry);
    } catch (error) {
      await file.truncate(start);
      this.#archive.position = start;
      throw error;
    }
  }

  async #recorded(facts: EntryFacts, entry?: LargeEntry): Promise<EntryFacts> {
    const header = encodeCentralDirectoryHeader(decideEntryHeader(facts));
    const notes = entry?.note && Uint8Array.of(entry.note());
    await this.#entries?.add(header, notes, entry?.digest?.());
    await this.#directory.add(header);
    this.#onEntry?.(writtenEntry(facts));
    return facts;
  }
}

function writtenEntry(facts: ListedFacts): WrittenEntry {
  return {
    name: decodeName(facts),
    method: methodName(facts.compressionMethod),
    crc32: facts.crc32,
    compressedSize: facts.compressedSize,
    uncompressedSize: facts.uncompressedSize,
    offset: facts.relativeOffsetOfLocalHeader,
  };
}

function methodName(method: number): WrittenEntry['method'] {
  if (method === METHOD_STORED) return 'store';
  return method === METHOD_DEFLATE ? 'deflate' : method;
}
