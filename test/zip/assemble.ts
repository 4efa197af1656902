// Small archives put together from the encoders alone, as the output stage does with many more moving parts.

import { crc32, deflateRawSync } from 'node:zlib';
import { S_IFDIR, S_IFREG } from '../../dist/zip/attributes.js';
import { METHOD_DEFLATE, METHOD_STORED } from '../../dist/zip/constants.js';
import { toDosDateTime } from '../../dist/zip/dates.js';
import {
  encodeCentralDirectoryHeader,
  encodeDataDescriptor,
  encodeEndOfArchive,
  encodeLocalFileHeader,
} from '../../dist/zip/records.js';
import { decideEntryHeader, type EntryFacts } from './facts.js';

export interface Entry {
  name: string;
  content?: string | Uint8Array;
  deflate?: boolean;
  mode?: number;
  comment?: string;
  /** undefined for an entry without the extended timestamp */
  unixTime?: number | undefined;
  hasDataDescriptor?: boolean;
  reservesZip64?: boolean;
}

export const UNIX_TIME = 1_234_567_890; // 2009-02-13 23:31:30 UTC

export function assemble(entries: Entry[], zipFileComment = ''): Buffer {
  const pieces: Buffer[] = [];
  const centralDirectory: Buffer[] = [];
  let offset = 0;
  const put = (piece: Buffer) => {
    pieces.push(piece);
    offset += piece.length;
  };
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '');
    const fileData = entry.deflate ? deflateRawSync(content) : content;
    const facts = factsOf(entry, content, fileData, offset);
    const header = decideEntryHeader(facts);
    put(encodeLocalFileHeader(header));
    put(fileData);
    if (facts.hasDataDescriptor) put(encodeDataDescriptor({ ...facts, zip64: facts.reservesZip64 }));
    centralDirectory.push(encodeCentralDirectoryHeader(header));
  }
  const directory = Buffer.concat(centralDirectory);
  const end = encodeEndOfArchive({
    totalNumberOfEntries: entries.length,
    sizeOfCentralDirectory: directory.length,
    offsetOfStartOfCentralDirectory: offset,
    zipFileComment: Buffer.from(zipFileComment),
  });
  return Buffer.concat([...pieces, directory, end]);
}

function factsOf(entry: Entry, content: Buffer, fileData: Buffer, offset: number): EntryFacts {
  const unixTime = 'unixTime' in entry ? entry.unixTime : UNIX_TIME;
  const { date, time } = toDosDateTime((unixTime ?? UNIX_TIME) * 1000, 'utc');
  return {
    fileName: Buffer.from(entry.name),
    fileComment: Buffer.from(entry.comment ?? ''),
    mode: entry.mode ?? (entry.name.endsWith('/') ? S_IFDIR | 0o755 : S_IFREG | 0o644),
    lastModFileTime: time,
    lastModFileDate: date,
    unixTime,
    compressionMethod: entry.deflate ? METHOD_DEFLATE : METHOD_STORED,
    crc32: crc32(content),
    compressedSize: fileData.length,
    uncompressedSize: content.length,
    relativeOffsetOfLocalHeader: offset,
    hasDataDescriptor: entry.hasDataDescriptor ?? false,
    reservesZip64: entry.reservesZip64 ?? false,
  };
}
