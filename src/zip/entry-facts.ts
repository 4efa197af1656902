/** The facts of one entry, in the one shape that small and large entries share. */
import { METHOD_STORED } from './constants.js';
import type { KeptFields } from './kept-fields.js';

/** A name and a comment in UTF-8, back to back in a buffer. */
export interface EntryText {
  text: Uint8Array;
  nameStart: number;
  nameLength: number;
  /** 0 for no comment. */
  commentLength: number;
}

/** An entry's date as its headers have it. */
export interface EntryDates {
  lastModFileTime: number;
  lastModFileDate: number;
  /** Seconds since 1970 UTC for the extended timestamp (0x5455), which is left out if it cannot hold them; NaN for none. */
  unixTime: number;
}

/** The facts that are known before an entry's content. */
export interface EntryDescription extends EntryText, EntryDates {
  /** st_mode of stat(2): the type bits and the permission bits. */
  mode: number;
}

const NO_TEXT = new Uint8Array(0);

/** Mutable, so that one object serves for all entries of a batch: an object for each entry would be garbage. */
export class EntryFacts implements EntryDescription {
  text: Uint8Array = NO_TEXT;
  nameStart = 0;
  nameLength = 0;
  commentLength = 0;
  mode = 0;
  lastModFileTime = 0;
  lastModFileDate = 0;
  unixTime = Number.NaN;
  compressionMethod = METHOD_STORED;
  crc32 = 0;
  compressedSize = 0;
  uncompressedSize = 0;
  /** Offset of the local header from the start of the archive; the local header itself does not contain it. */
  relativeOffsetOfLocalHeader = 0;
  /** The CRC and the sizes follow the data in a data descriptor. Deflate only. */
  hasDataDescriptor = false;
  /**
   * The local header has the zip64 field, whatever the sizes turn out to be: it is written before they are known, and they
   * are expected to reach 4 GiB (APPNOTE 4.3.9.2). If they do unexpectedly, the local header stays as it is; the data
   * descriptor and the central directory have the sizes then.
   */
  reservesZip64 = false;
  /** What an entry that is copied from another archive keeps of its headers there. */
  kept?: KeptFields | undefined = undefined;

  constructor(facts: Partial<EntryFacts> = {}) {
    Object.assign(this, facts);
  }
}

/** Numbers that an entry's mode and dates take in packed form, in which they travel to the thread that writes its headers. */
export const DESCRIPTION_COLUMNS = 4;

/** To add a fact, count it in DESCRIPTION_COLUMNS, and write and read it here. */
export function writeDescription(
  columns: Float64Array,
  at: number,
  mode: number,
  { lastModFileTime, lastModFileDate, unixTime }: EntryDates,
): void {
  columns[at] = mode;
  columns[at + 1] = lastModFileTime;
  columns[at + 2] = lastModFileDate;
  columns[at + 3] = unixTime;
}

export function readDescription(columns: Float64Array, at: number, facts: EntryDescription): void {
  facts.mode = columns[at] ?? 0;
  facts.lastModFileTime = columns[at + 1] ?? 0;
  facts.lastModFileDate = columns[at + 2] ?? 0;
  facts.unixTime = columns[at + 3] ?? Number.NaN;
}

export function encodeEntryText(name: string, comment = ''): EntryText {
  const text = Buffer.from(name + comment, 'utf8');
  const nameLength = Buffer.byteLength(name, 'utf8');
  return { text, nameStart: 0, nameLength, commentLength: text.length - nameLength };
}

export function decodeName({ text, nameStart, nameLength }: Omit<EntryText, 'commentLength'>): string {
  return decode(text, nameStart, nameLength);
}

export function decodeComment({ text, nameStart, nameLength, commentLength }: EntryText): string {
  return decode(text, nameStart + nameLength, commentLength);
}

function decode({ buffer, byteOffset }: Uint8Array, start: number, length: number): string {
  return Buffer.from(buffer, byteOffset + start, length).toString();
}
