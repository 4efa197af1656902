/**
 * Compares contents on a worker thread, piece by piece, so memory is bounded. A read error is the verdict on its pair; the
 * other pairs are still compared.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { PzipError } from '../common/errors.js';
import type { DirectoryEntry } from '../reader/directory.js';
import { entryContent, rawData } from '../reader/entry-data.js';
import { LOCAL_FILE_HEADER_SIZE } from '../zip/constants.js';
import { parseCentralDirectoryHeader, zip64Values } from '../zip/parse-records.js';
import type { CompareTask, CompareVerdict, TaskEntryPlace, TaskPlace } from './compare-task.js';
import { EntryAccess } from './entry-access.js';
import type { ArchivePlace } from './facts.js';
import { fileContent } from './file-content.js';

type Pieces = AsyncGenerator<Uint8Array, void, undefined>;

/** An archive that the task reads. */
interface Side {
  readonly place: ArchivePlace;
  readonly access: EntryAccess;
}

interface OpenEntry extends Side {
  readonly entry: DirectoryEntry;
}

export default async function compare(task: CompareTask): Promise<CompareVerdict[]> {
  const sides = new Map<'a' | 'b', Side>();
  const sideOf = (side: 'a' | 'b'): Side => {
    const place = task.archives[side];
    if (place === undefined) throw new Error('an entry of no archive');
    const open = sides.get(side) ?? { place, access: new EntryAccess(place.path) };
    sides.set(side, open);
    return open;
  };
  const headers = Buffer.from(task.headers.buffer, task.headers.byteOffset, task.headers.length);
  const verdicts: CompareVerdict[] = [];
  try {
    for (const { a, b } of task.pairs) {
      const open = (place: TaskPlace, side: 'a' | 'b'): Exclude<TaskPlace, TaskEntryPlace> | OpenEntry =>
        place.kind === 'entry' ? openEntry(place, headers, sideOf(side)) : place;
      verdicts.push(await verdictOf(() => areEqual(open(a, 'a'), open(b, 'b'), task.usesCrc)));
    }
    return verdicts;
  } finally {
    for (const { access } of sides.values()) await access.close();
  }
}

async function verdictOf(compared: () => Promise<boolean>): Promise<CompareVerdict> {
  try {
    return await compared();
  } catch (error) {
    if (!(error instanceof PzipError)) throw error;
    const { code, message, path, entryName, offset } = error;
    return { code, message, path, entryName, offset };
  }
}

function openEntry({ headerAt, localPosition }: TaskEntryPlace, headers: Buffer, side: Side): OpenEntry {
  const central = parseCentralDirectoryHeader(headers, headerAt);
  const bytes = headers.subarray(headerAt, headerAt + central.headerSize);
  const entry = { central, bytes, centralPosition: 0, localPosition, ...zip64Values(central) };
  // A local header's extra field is about as long as the central one.
  const headerLength = LOCAL_FILE_HEADER_SIZE + central.fileName.length + central.extraField.length + MORE_EXTRA;
  side.access.expect(localPosition, headerLength + entry.compressedSize);
  return { entry, ...side };
}

/** Info-ZIP's local headers have 4 to 16 bytes more. */
const MORE_EXTRA = 64;

type OpenPlace = Exclude<TaskPlace, TaskEntryPlace> | OpenEntry;

async function areEqual(a: OpenPlace, b: OpenPlace, usesCrc: boolean): Promise<boolean> {
  if ('entry' in a && 'entry' in b) return (await haveSameData(a, b)) || isSameContent(a, b);
  if (!('entry' in a) && a.kind === 'hash') return hasHash(b, a.sha256);
  if (!('entry' in b) && b.kind === 'hash') return hasHash(a, b.sha256);
  if (usesCrc && 'entry' in a) return (await crcOf(b)) === a.entry.central.crc32;
  if (usesCrc && 'entry' in b) return (await crcOf(a)) === b.entry.central.crc32;
  return isSameContent(a, b);
}

/** If the compressed bytes are equal, so is the content: nothing is inflated. */
async function haveSameData(a: OpenEntry, b: OpenEntry): Promise<boolean> {
  const [left, right] = [a.entry, b.entry];
  if (left.compressedSize !== right.compressedSize) return false;
  if (left.central.compressionMethod !== right.central.compressionMethod) return false;
  if (((left.central.generalPurposeBitFlag ^ right.central.generalPurposeBitFlag) & METHOD_FLAGS) !== 0) return false;
  return isSame(rawData(a.access, a.place.end, left), rawData(b.access, b.place.end, right));
}

/** Encryption and method-specific options (APPNOTE 4.4.4, bits 0 to 2). */
const METHOD_FLAGS = 0b111;

function isSameContent(a: OpenPlace, b: OpenPlace): Promise<boolean> {
  return isSame(contentOf(a), contentOf(b));
}

function contentOf(place: OpenPlace): Pieces {
  if ('entry' in place) return entryContent(place.access, place.place.end, place.entry);
  switch (place.kind) {
    case 'file':
      return fileContent(place);
    case 'bytes':
      return piecesOf(place.bytes);
    case 'hash':
      throw new Error('a hash has no content');
  }
}

async function* piecesOf(bytes: Uint8Array): Pieces {
  yield bytes;
}

/** Stops at the first difference. */
async function isSame(a: Pieces, b: Pieces): Promise<boolean> {
  try {
    let left: Uint8Array = new Uint8Array();
    let right: Uint8Array = new Uint8Array();
    for (;;) {
      if (left.length === 0) left = await nextOf(a);
      if (right.length === 0) right = await nextOf(b);
      const length = Math.min(left.length, right.length);
      if (length === 0) return left.length === right.length;
      if (Buffer.compare(left.subarray(0, length), right.subarray(0, length)) !== 0) return false;
      left = left.subarray(length);
      right = right.subarray(length);
    }
  } finally {
    await a.return();
    await b.return();
  }
}

/** @returns an empty buffer at the end */
async function nextOf(pieces: Pieces): Promise<Uint8Array> {
  for (;;) {
    const { done, value } = await pieces.next();
    if (done === true) return new Uint8Array();
    if (value.length > 0) return value;
  }
}

async function crcOf(place: OpenPlace): Promise<number> {
  let crc = 0;
  for await (const piece of contentOf(place)) crc = crc32(piece, crc);
  return crc;
}

async function hasHash(place: OpenPlace, sha256: Uint8Array): Promise<boolean> {
  const hash = createHash('sha256');
  for await (const piece of contentOf(place)) hash.update(piece);
  return Buffer.compare(hash.digest(), sha256) === 0;
}
