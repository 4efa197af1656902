// What the tests of the format share: the facts of a plain entry, and bytes written down as a table.

import { METHOD_DEFLATE } from '../../dist/zip/constants.js';
import { EntryFacts as Facts } from '../../dist/zip/entry-facts.js';
import { decideEntryHeader as decide, type EntryHeader } from '../../dist/zip/entry-header.js';

/** An entry's facts with its texts one by one. */
export interface EntryFacts extends Omit<Facts, 'text' | 'nameStart' | 'nameLength' | 'commentLength' | 'unixTime'> {
  readonly fileName: Uint8Array;
  readonly fileComment: Uint8Array;
  readonly unixTime: number | undefined;
}

/** The texts lie between other bytes. */
export function toFacts({ fileName, fileComment, unixTime = Number.NaN, ...facts }: EntryFacts): Facts {
  const around = Buffer.from('é/');
  return new Facts({
    ...facts,
    unixTime,
    text: Buffer.concat([around, fileName, fileComment, around]),
    nameStart: around.length,
    nameLength: fileName.length,
    commentLength: fileComment.length,
  });
}

export function decideEntryHeader(facts: EntryFacts): EntryHeader {
  return decide(toFacts(facts));
}

/** A small deflated file of 2021-02-03 04:05:06, but for what `facts` says. */
export function entryFacts(facts: Partial<EntryFacts> = {}): EntryFacts {
  return {
    fileName: Buffer.from('a.txt'),
    fileComment: new Uint8Array(0),
    mode: 0o100644,
    lastModFileTime: 0x20a3, // 4 << 11 | 5 << 5 | 6 / 2
    lastModFileDate: 0x5243, // (2021 - 1980) << 9 | 2 << 5 | 3
    unixTime: 0x601a_1fa2,
    compressionMethod: METHOD_DEFLATE,
    crc32: 0x1234_5678,
    compressedSize: 0x0102,
    uncompressedSize: 0x0304_0506,
    relativeOffsetOfLocalHeader: 0x0a0b_0c0d,
    hasDataDescriptor: false,
    reservesZip64: false,
    ...facts,
  };
}

/** Hex digits from a table of one field a line: its bytes in file order, then what it is. */
export function hex(table: TemplateStringsArray): string {
  return table
    .join('')
    .split('\n')
    .map((line) => /^\s*((?:[0-9a-f]{2} )*)/.exec(`${line} `)?.[1] ?? '')
    .join('')
    .replaceAll(' ', '');
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
