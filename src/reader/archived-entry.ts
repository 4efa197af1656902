/** An entry of an open archive: the public view. */

import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../zip/attributes.js';
import {
  FLAG_ENCRYPTED,
  HOST_MACOS,
  HOST_UNIX,
  METHOD_DEFLATE,
  METHOD_STORED,
  MSDOS_DIRECTORY,
} from '../zip/constants.js';
import { type ParsedCentralDirectoryHeader, parseCentralDirectoryHeader } from '../zip/parse-records.js';
import type { DirectoryEntry } from './directory.js';
import { entryComment, entryName } from './entry-names.js';
import { modificationTime } from './entry-times.js';

/**
 * An entry as the central directory describes it. Nothing is corrected: a name can be absolute, contain `..`, or occur
 * twice.
 */
export interface ArchivedEntry {
  /** Decoded as UTF-8 if the entry is marked so or holds valid UTF-8 written on Unix, otherwise as code page 437. */
  readonly name: string;
  /** A directory is recognized by a `/` at the end of its name or by its mode. `'other'`: a device, a FIFO or a socket. */
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  /** A number denotes another compression method (APPNOTE 4.4.5), whose content cannot be read. */
  readonly method: 'store' | 'deflate' | number;
  readonly crc32: number;
  /** Bytes. */
  readonly compressedSize: number;
  /** Bytes. */
  readonly uncompressedSize: number;
  /** File type and permissions, as st_mode of stat(2); undefined unless the entry was written on Unix or macOS. */
  readonly mode: number | undefined;
  /** From the extended timestamp or NTFS field if present, otherwise from the MS-DOS fields: local time, two-second steps. */
  readonly mtime: Date;
  readonly comment: string;
  readonly isEncrypted: boolean;
  /** Bytes from the start of the file to the entry's local header. */
  readonly offset: number;
  /**
   * The content, inflated. The stream fails with a PzipError if local header and directory disagree, or, after the last byte,
   * if CRC-32 or length are wrong: do not trust the content before the stream ends. A symlink's content is its target.
   *
   * Up to 64 KiB are inflated on the calling thread, which takes 0.1 ms; more on the threads of Node's zlib. About 2 MiB are
   * held, and a stream that is cancelled releases it.
   *
   * PZIP_ARCHIVE_UNSUPPORTED: the entry is encrypted, or its method is neither `'store'` nor `'deflate'`.
   */
  content(): ReadableStream<Uint8Array>;
  /** The raw bytes, still compressed or encrypted. They are not checked. */
  raw(): ReadableStream<Uint8Array>;
}

/** Reads an entry's data. */
export interface EntryReader {
  content(entry: DirectoryEntry): AsyncIterable<Uint8Array>;
  raw(entry: DirectoryEntry): AsyncIterable<Uint8Array>;
}

export function toArchivedEntry(entry: DirectoryEntry, reader: EntryReader): ArchivedEntry {
  const { central, compressedSize, uncompressedSize, localPosition } = entry;
  const name = entryName(central);
  const mode = unixMode(central);
  // A copy: a view would keep a whole block of the directory alive.
  const bytes = Buffer.from(entry.bytes);
  const { centralPosition, relativeOffsetOfLocalHeader } = entry;
  const places = { compressedSize, uncompressedSize, localPosition, centralPosition, relativeOffsetOfLocalHeader };
  const again = (): DirectoryEntry => ({ bytes, central: parseCentralDirectoryHeader(bytes), ...places });
  return {
    name,
    kind: kindOf(name, mode, central.externalFileAttributes),
    method: methodName(central.compressionMethod),
    crc32: central.crc32,
    compressedSize,
    uncompressedSize,
    mode,
    mtime: new Date(modificationTime(central)),
    comment: entryComment(central),
    isEncrypted: (central.generalPurposeBitFlag & FLAG_ENCRYPTED) !== 0,
    offset: localPosition,
    content: () => ReadableStream.from(reader.content(again())),
    raw: () => ReadableStream.from(reader.raw(again())),
  };
}

/** Hosts other than these two have no Unix mode in the upper half of the external attributes (4.4.2, 4.4.15). */
export function unixMode({ versionMadeBy, externalFileAttributes }: ParsedCentralDirectoryHeader): number | undefined {
  const host = versionMadeBy >>> 8;
  return host === HOST_UNIX || host === HOST_MACOS ? externalFileAttributes >>> 16 : undefined;
}

export function kindOf(name: string, mode: number | undefined, attributes: number): ArchivedEntry['kind'] {
  if (name.endsWith('/')) return 'directory';
  if (mode === undefined) return (attributes & MSDOS_DIRECTORY) === 0 ? 'file' : 'directory';
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return 'directory';
    case S_IFLNK:
      return 'symlink';
    case S_IFREG:
    case 0: // some writers store permissions only
      return 'file';
    default:
      return 'other';
  }
}

function methodName(method: number): ArchivedEntry['method'] {
  if (method === METHOD_STORED) return 'store';
  return method === METHOD_DEFLATE ? 'deflate' : method;
}
