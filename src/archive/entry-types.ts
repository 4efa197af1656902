/** The public types of entries that a caller adds. */
import type { CompressionLevel } from '../common/level.js';
import type { StreamContent } from '../sources/stream-content.js';

export interface EntryOptions {
  /**
   * Permission bits, such as 0o755; owner read is always added. Only this option sets setuid, setgid and sticky bits.
   * @default the file's; 0o644 for a buffer, 0o755 for a directory
   */
  mode?: number | undefined;
  /** Modification time. @default the file's; otherwise 1980-01-01, so that the same calls give the same archive */
  mtime?: Date | undefined;
  comment?: string | undefined;
}

export interface FileEntryOptions extends EntryOptions {
  /** @default the archive's */
  level?: CompressionLevel | undefined;
  /** Same as `level: 0`. */
  store?: boolean | undefined;
}

/** Content in memory; a string is encoded as UTF-8. */
export type EntryContent = string | ArrayBufferView | ArrayBufferLike | Blob;

export interface StreamEntryOptions extends FileEntryOptions {
  /** Length of the stream in bytes, if known. Any other length is an error, PZIP_SIZE_MISMATCH. */
  size?: number | undefined;
  /**
   * Upper estimate of the length in bytes, if the size is unknown. From 4 GiB on, an archive that is a stream announces 64-bit sizes,
   * which bsdtar needs to read the entry from a pipe. Many readers cannot read a shorter entry with them from a pipe: Java's,
   * unzipper, Perl's Archive::Zip.
   * @default less than 4 GiB; a longer stream is readable through the central directory
   */
  sizeHint?: number | undefined;
}

/** An entry as an object, for addEntries(): its name, exactly one field for its kind, and its options. */
export type ArchiveEntry = FileEntry | DataEntry | StreamEntry | DirectoryEntry | SymlinkEntry;

export interface FileEntry extends FileEntryOptions {
  name: string;
  /** Of a file, or of what a link leads to. */
  path: string | URL;
}

export interface DataEntry extends FileEntryOptions {
  name: string;
  data: EntryContent;
}

export interface StreamEntry extends StreamEntryOptions {
  name: string;
  /** Called when the entry's turn comes. */
  stream: () => StreamContent | Promise<StreamContent>;
}

export interface DirectoryEntry extends EntryOptions {
  name: string;
  directory: true;
}

export interface SymlinkEntry extends EntryOptions {
  name: string;
  /** The link's target, as stored. */
  linkTarget: string;
}
