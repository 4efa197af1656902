/** Opens the archive of an earlier run with its state, and builds the tables by which threads find its data. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { PzipError, quote } from '../common/errors.js';
import { MAX_LEVEL } from '../common/level.js';
import { statePathOf } from '../common/state-files.js';
import type { DirectoryEntry } from '../reader/directory.js';
import { OpenArchive } from '../reader/open-archive.js';
import { S_IFLNK, S_IFMT } from '../zip/attributes.js';
import {
  FLAG_CENTRAL_DIRECTORY_ENCRYPTED,
  FLAG_ENCRYPTED,
  LOCAL_FILE_HEADER_SIZE,
  METHOD_DEFLATE,
  METHOD_STORED,
} from '../zip/constants.js';
import { IndexBuilder } from './index-builder.js';
import { type EarlierChunks, IS_FRAMED, IS_STORED, lengthAndFlags, NOT_REUSABLE } from './reuse-task.js';
import {
  MAX_HEADER_LENGTH,
  parseState,
  parseStateHeader,
  STATE_CHUNK_COLUMNS,
  STATE_CRC32,
  STATE_CTIME,
  STATE_DATA_CRC32,
  STATE_DATA_LENGTH,
  STATE_DEV,
  STATE_DICTIONARY_CRC32,
  STATE_FILE_COLUMNS,
  STATE_INO,
  STATE_IS_STORED,
  STATE_MTIME,
  type State,
  stateLength,
} from './state.js';

export interface EarlierArchive {
  readonly chunks: EarlierChunks;
  close(): Promise<void>;
}

/** Why nothing is reused: in words that follow the archive's name. */
export interface NothingToReuse {
  readonly reason: string;
}

export interface EarlierOptions {
  /** Of the new archive; see outputVersion(). */
  readonly compressor: string;
  /** Bytes of a chunk of a large entry. */
  readonly chunkLength: number;
  /** Whether files are found by their times, without reading them. */
  readonly trustsTimes: boolean;
}

/**
 * @returns undefined if there is no archive: it is the first run
 */
export async function openEarlier(
  path: string,
  options: EarlierOptions,
): Promise<EarlierArchive | NothingToReuse | undefined> {
  let archive: OpenArchive;
  try {
    archive = await OpenArchive.open(path);
  } catch (error) {
    if (!(error instanceof PzipError)) throw error;
    return error.code === 'PZIP_SOURCE_MISSING' ? undefined : { reason: `it cannot be read: ${error.message}` };
  }
  try {
    const state = await readState(path, archive, options.compressor);
    if ('reason' in state) {
      await archive.close();
      return state;
    }
    const chunks = await new Tables(archive, state, options).build();
    if ('reason' in chunks) await archive.close();
    return 'reason' in chunks ? chunks : { chunks, close: () => archive.close() };
  } catch (error) {
    await archive.close();
    if (!(error instanceof PzipError)) throw error;
    return { reason: `it cannot be read: ${error.message}` };
  }
}

async function readState(path: string, archive: OpenArchive, compressor: string): Promise<State | NothingToReuse> {
  const statePath = statePathOf(path);
  try {
    const file = await open(statePath);
    try {
      const stats = await file.stat();
      const start = Buffer.alloc(Math.min(stats.size, MAX_HEADER_LENGTH));
      if (!stats.isFile()) return { reason: `${quote(statePath)} is no state of pzip` };
      await file.read(start, 0, start.length, 0);
      const header = parseStateHeader(start);
      if (header === undefined) return { reason: `${quote(statePath)} is no state that this version reads` };
      if (header.compressor !== compressor) {
        return { reason: `it was compressed by ${quote(header.compressor)}, and this is ${quote(compressor)}` };
      }
      const { entryCount } = archive.end;
      if (header.archiveSize !== archive.access.size) return { reason: OTHER_ARCHIVE };
      if (stateLength(header, entryCount) !== stats.size) return { reason: `${quote(statePath)} is damaged` };
      const bytes = new Uint8Array(stats.size);
      for (let filled = 0; filled < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled);
        if (bytesRead === 0) return { reason: `${quote(statePath)} is damaged` };
        filled += bytesRead;
      }
      return parseState(bytes, header, entryCount) ?? { reason: `${quote(statePath)} is damaged` };
    } finally {
      await file.close();
    }
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return {
      reason:
        why === 'ENOENT'
          ? `there is no ${quote(statePath)}, which a run with reuse writes`
          : `${quote(statePath)}: ${why}`,
    };
  }
}

const OTHER_ARCHIVE = 'its state describes another archive';

/** Where an entry's data is. */
interface Place {
  readonly index: number;
  readonly level: number;
  readonly entry: DirectoryEntry;
  readonly dataStart: number;
}

class Tables {
  readonly #archive: OpenArchive;
  readonly #state: State;
  readonly #chunkLength: number;
  readonly #builder: IndexBuilder;
  readonly #digest = createHash('sha256');
  /** The next pair in `levels`, and how many entries its level still has. */
  #levelPair = 0;
  #sameLevel = 0;
  #level = NOT_REUSABLE;
  #largePair = 0;
  #chunk = 0;

  constructor(archive: OpenArchive, state: State, { chunkLength, trustsTimes }: EarlierOptions) {
    this.#archive = archive;
    this.#state = state;
    this.#chunkLength = chunkLength;
    const { entryCount, chunks, files } = state;
    this.#builder = new IndexBuilder(
      entryCount + chunks.length / STATE_CHUNK_COLUMNS,
      trustsTimes && files.length > 0 ? entryCount : undefined,
    );
  }

  async build(): Promise<EarlierChunks | NothingToReuse> {
    const { access, end } = this.#archive;
    if (access.descriptor === undefined || end.prefixLength !== 0) return { reason: OTHER_ARCHIVE };
    let before: DirectoryEntry | undefined;
    let index = 0;
    for await (const entry of this.#archive.directory()) {
      this.#digest.update(entry.bytes);
      if (before !== undefined) this.#add(before, index++, entry.localPosition);
      before = entry;
    }
    if (before !== undefined) this.#add(before, index, end.directoryStart);
    if (this.#digest.digest('hex') !== this.#state.directoryDigest) return { reason: OTHER_ARCHIVE };
    return { descriptor: access.descriptor, ...this.#builder.tables };
  }

  /** @param dataEnd in an archive of pzip, where the next entry begins */
  #add(entry: DirectoryEntry, index: number, dataEnd: number): void {
    const level = this.#nextLevel();
    const { largeEntries } = this.#state;
    const isLarge = largeEntries[this.#largePair] === index;
    const chunksLeft = this.#state.chunks.length / STATE_CHUNK_COLUMNS - this.#chunk;
    const chunkCount = isLarge ? Math.min(largeEntries[this.#largePair + 1] ?? 0, chunksLeft) : 0;
    const firstChunk = this.#chunk;
    if (isLarge) this.#largePair += 2;
    this.#chunk += chunkCount;
    const dataStart = dataEnd - entry.compressedSize;
    const isUsable =
      level > 0 &&
      level !== NOT_REUSABLE &&
      isPlain(entry) &&
      dataStart >= entry.localPosition + LOCAL_FILE_HEADER_SIZE &&
      dataEnd <= this.#archive.end.directoryStart;
    if (!isUsable) return;
    const place = { index, level, entry, dataStart };
    if (isLarge) this.#addLarge(place, firstChunk, chunkCount);
    else if (entry.uncompressedSize > 0 && entry.uncompressedSize <= this.#chunkLength) this.#addWhole(place);
  }

  #addWhole({ index, level, entry, dataStart }: Place): void {
    const { central, compressedSize, uncompressedSize } = entry;
    const isStored = central.compressionMethod === METHOD_STORED;
    if (isStored ? compressedSize !== uncompressedSize : compressedSize >= uncompressedSize) return;
    const row = this.#builder.addChunk({
      crc32: central.crc32,
      dictionaryCrc32: 0,
      lengthAndFlags: (lengthAndFlags(uncompressedSize, false, true, level) | (isStored ? IS_STORED : 0)) >>> 0,
      position: dataStart,
      dataLength: compressedSize,
      dataCrc32: this.#state.dataCrc32s[index] ?? 0,
    });
    this.#addFile(index, level, uncompressedSize, row);
  }

  /** Nothing of it is used unless its chunks are exactly its data. */
  #addLarge({ index, level, entry, dataStart }: Place, firstChunk: number, chunkCount: number): void {
    const { central, compressedSize, uncompressedSize } = entry;
    const isStoredEntry = central.compressionMethod === METHOD_STORED;
    const column = (chunk: number, column: number): number =>
      this.#state.chunks[(firstChunk + chunk) * STATE_CHUNK_COLUMNS + column] ?? 0;
    let total = 0;
    for (let chunk = 0; chunk < chunkCount; chunk++) total += column(chunk, STATE_DATA_LENGTH);
    if (total !== compressedSize || Math.ceil(uncompressedSize / this.#chunkLength) !== chunkCount) return;
    let position = dataStart;
    let first: number | undefined;
    for (let chunk = 0; chunk < chunkCount; chunk++) {
      const length = Math.min(this.#chunkLength, uncompressedSize - chunk * this.#chunkLength);
      const isStored = column(chunk, STATE_IS_STORED) === 1;
      const dataLength = column(chunk, STATE_DATA_LENGTH);
      // A chunk that has shrunk is shorter; stored blocks take five bytes for each 64 KiB.
      if (dataLength >= length && !(isStored && dataLength <= length + LONGEST_FRAMING)) return;
      const form = isStored ? IS_STORED | (isStoredEntry ? 0 : IS_FRAMED) : 0;
      const isLast = chunk === chunkCount - 1;
      const row = this.#builder.addChunk({
        crc32: column(chunk, STATE_CRC32),
        dictionaryCrc32: column(chunk, STATE_DICTIONARY_CRC32),
        lengthAndFlags: (lengthAndFlags(length, chunk > 0, isLast, level) | form) >>> 0,
        position,
        dataLength,
        dataCrc32: column(chunk, STATE_DATA_CRC32),
      });
      first ??= row;
      position += dataLength;
    }
    if (first !== undefined) this.#addFile(index, level, uncompressedSize, first);
  }

  #addFile(index: number, level: number, size: number, firstChunk: number): void {
    const { files } = this.#state;
    const row = index * STATE_FILE_COLUMNS;
    const mtimeMs = files[row + STATE_MTIME];
    const [ctimeMs, dev, ino] = [files[row + STATE_CTIME], files[row + STATE_DEV], files[row + STATE_INO]];
    if (mtimeMs === undefined || ctimeMs === undefined || dev === undefined || ino === undefined) return;
    if (Number.isNaN(mtimeMs)) return;
    this.#builder.addFile({ mtimeMs, ctimeMs, dev, ino, size, level }, firstChunk);
  }

  #nextLevel(): number {
    while (this.#sameLevel === 0) {
      const { levels } = this.#state;
      if (this.#levelPair >= levels.length) return NOT_REUSABLE;
      this.#sameLevel = levels[this.#levelPair] ?? 0;
      this.#level = levels[this.#levelPair + 1] ?? NOT_REUSABLE;
      this.#levelPair += 2;
      if (this.#level > MAX_LEVEL) this.#level = NOT_REUSABLE;
    }
    this.#sameLevel--;
    return this.#level;
  }
}

/** Bytes of the headers of stored blocks for a chunk. */
const LONGEST_FRAMING = 17 * 5;

function isPlain({ central }: DirectoryEntry): boolean {
  const { generalPurposeBitFlag, compressionMethod, externalFileAttributes } = central;
  const isEncrypted = (generalPurposeBitFlag & (FLAG_ENCRYPTED | FLAG_CENTRAL_DIRECTORY_ENCRYPTED)) !== 0;
  // A link's text is stored at every level.
  const isLink = ((externalFileAttributes >>> 16) & S_IFMT) === S_IFLNK;
  return !isEncrypted && !isLink && (compressionMethod === METHOD_STORED || compressionMethod === METHOD_DEFLATE);
}
