/**
 * The types of an entry at each station of its journey: a Source is found or handed over, a CompressedEntry or a Piece
 * comes back from a worker thread, a WrittenEntry is what the archive's directory says of it.
 */

interface SourceFacts {
  /** The name in the archive, `/`-separated; a directory's ends in `/`. Already checked, or made by rule. */
  readonly name: string;
  /** st_mode of stat(2): the type bits and the permission bits, as they are to be written. */
  readonly mode: number;
  /** Milliseconds since 1970 UTC, with stat's fraction: it is compared to notice that a file has changed. */
  readonly mtimeMs: number;
  /** `mtimeMs` is the first of a second that has not begun: a double has no room for the last nanoseconds before it. */
  readonly isTimeRoundedUp?: boolean;
  /** Milliseconds since 1970 UTC to write into the headers in place of `mtimeMs`. */
  readonly givenMtimeMs?: number | undefined;
  readonly comment?: string | undefined;
  /** Where it was found, absolute; undefined for what a caller made up. */
  readonly path?: string;
}

interface ContentFacts extends SourceFacts {
  /** 0 stores, 1 to 10 deflates; the archive's own level where it is left out. */
  readonly level?: number | undefined;
}

/** A regular file. A worker thread opens and reads it. */
export interface FileSource extends ContentFacts {
  readonly kind: 'file';
  readonly path: string;
  /** Bytes, when the file was selected. */
  readonly size: number;
  /** The file's identity: the file that is read must be the one that was selected. */
  readonly dev: number;
  readonly ino: number;
  /** Of its inode's last change, in milliseconds: what a program that sets `mtimeMs` back cannot set. */
  readonly ctimeMs: number;
  /** Whether a symbolic link at the path is followed, because the caller wants that. */
  readonly isFollowed: boolean;
}

/** Content in memory. The caller's buffer is only read, and must stay as it is until the entry is written. */
export interface BytesSource extends ContentFacts {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}

/** Content that can be read once, when it is the entry's turn. */
export interface StreamSource extends ContentFacts {
  readonly kind: 'stream';
  /** Bytes, if the caller gave a length; any other length is an error. */
  readonly size: number | undefined;
  /** Bytes, about, where the size is not known. */
  readonly sizeHint?: number | undefined;
  /** Called once. */
  open(): Promise<ContentReader>;
}

export interface ContentReader {
  /** The next bytes, which are the reader's until the next call; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Releases the source of the bytes, even during a read. Never throws. */
  cancel(reason: unknown): void;
}

export interface DirectorySource extends SourceFacts {
  readonly kind: 'directory';
}

export interface SymlinkSource extends SourceFacts {
  readonly kind: 'symlink';
  /** The link's text, as readlink(2) gives its bytes. */
  readonly target: Uint8Array;
}

export type Source = FileSource | BytesSource | StreamSource | DirectorySource | SymlinkSource;

/** One entry of the finished archive. */
export interface WrittenEntry {
  readonly name: string;
  readonly method: 'store' | 'deflate';
  readonly crc32: number;
  /** Bytes. */
  readonly compressedSize: number;
  /** Bytes. */
  readonly uncompressedSize: number;
  /** Bytes from the start of the archive to the entry's local file header. */
  readonly offset: number;
}

/** Bytes of content, a link's text among it; undefined for a stream of unknown length. */
export function contentSize(source: Source): number | undefined {
  switch (source.kind) {
    case 'file':
    case 'stream':
      return source.size;
    case 'bytes':
      return source.bytes.length;
    case 'symlink':
      return source.target.length;
    case 'directory':
      return 0;
  }
}
