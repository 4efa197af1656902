/** The properties of an entry that are compared, for all kinds of sides: archive, directory or manifest. */
import type { EndOfArchive } from '../reader/end-records.js';

export type EntryKind = 'file' | 'directory' | 'symlink' | 'other';

export interface Facts {
  /** `/`-separated; a directory's ends in `/`. */
  readonly name: string;
  readonly kind: EntryKind;
  /** Content size in bytes; undefined if unknown. */
  readonly size?: number | undefined;
  /** CRC-32 of the content, from an archive's directory. */
  readonly crc32?: number | undefined;
  /** Permission bits, with setuid, setgid and sticky; undefined if unknown. */
  readonly mode?: number | undefined;
  /** Milliseconds since 1970 UTC; undefined if unknown. */
  readonly mtimeMs?: number | undefined;
  /** The time has the two-second steps of MS-DOS. */
  readonly isTimeCoarse?: boolean;
  readonly content?: ContentPlace | undefined;
}

/** The location of content. A symlink's content is its target. */
export type ContentPlace = EntryPlace | FilePlace | BytesPlace | HashPlace;

/** In an archive. */
export interface EntryPlace {
  readonly kind: 'entry';
  /** The complete central directory header. */
  readonly header: Buffer;
  /** Of the local header, from the start of the file. */
  readonly localPosition: number;
}

/** A selected file. The file that is read must be the same. */
export interface FilePlace {
  readonly kind: 'file';
  readonly path: string;
  readonly size: number;
  readonly dev: number;
  readonly ino: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly isFollowed: boolean;
}

export interface BytesPlace {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}

/** Content of which only the SHA-256 is known. */
export interface HashPlace {
  readonly kind: 'hash';
  readonly sha256: Buffer;
}

/** The data that a thread needs to read an archive's entries. */
export interface ArchivePlace {
  /** Absolute. */
  readonly path: string;
  readonly end: EndOfArchive;
}

/** One side of a comparison. */
export interface Operand {
  /** Whether the side can have entries for directories; a list of checksums cannot. */
  readonly listsDirectories: boolean;
  /** Without one, modes are not compared. */
  readonly archive: ArchivePlace | undefined;
  /** The entries in the order of their names, in batches, which may be empty. */
  batches(): AsyncGenerator<readonly Facts[], void, undefined>;
  close(): Promise<void>;
}

/** Maps a name to the one that is compared; undefined excludes the entry. */
export type NameRule = (name: string) => string | undefined;
