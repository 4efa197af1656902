/** What diff knows of an entry, wherever it comes from: an archive, a directory or a manifest. */
import type { EndOfArchive } from '../reader/end-records.js';

export type EntryKind = 'file' | 'directory' | 'symlink' | 'other';

export interface Facts {
  /** `/`-separated; a directory's ends in `/`. */
  readonly name: string;
  readonly kind: EntryKind;
  /** Bytes of content; undefined where they are not known. */
  readonly size?: number | undefined;
  /** Of the content, as an archive's directory gives it. */
  readonly crc32?: number | undefined;
  /** Permission bits, with setuid, setgid and sticky; undefined where they are not known. */
  readonly mode?: number | undefined;
  /** Milliseconds since 1970 UTC; undefined where it is not known. */
  readonly mtimeMs?: number | undefined;
  /** The time is one of MS-DOS, in steps of two seconds. */
  readonly isTimeCoarse?: boolean;
  readonly content?: ContentPlace | undefined;
}

/** Where content is to be found. A symlink's content is its target. */
export type ContentPlace = EntryPlace | FilePlace | BytesPlace | HashPlace;

/** In an archive. */
export interface EntryPlace {
  readonly kind: 'entry';
  /** The whole central header. */
  readonly header: Buffer;
  /** Of the local header, from the start of the file. */
  readonly localPosition: number;
}

/** A file that was selected: what is read must be that file. */
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

/** Content that is known by its SHA-256 alone. */
export interface HashPlace {
  readonly kind: 'hash';
  readonly sha256: Buffer;
}

/** What a thread needs to read an archive's entries. */
export interface ArchivePlace {
  /** Absolute. */
  readonly path: string;
  readonly end: EndOfArchive;
}

/** One side of a comparison. */
export interface Operand {
  /** Whether it has entries for directories at all; a list of checksums has not. */
  readonly listsDirectories: boolean;
  /** Where there is none, modes are not compared. */
  readonly archive: ArchivePlace | undefined;
  /** The entries in the order of their names, some at a time. Batches may be empty. */
  batches(): AsyncGenerator<readonly Facts[], void, undefined>;
  close(): Promise<void>;
}

/** The name that is compared for a name as it stands; undefined leaves the entry out. */
export type NameRule = (name: string) => string | undefined;
