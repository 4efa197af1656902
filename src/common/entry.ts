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
  /** Set for an entry of another archive, whose data is copied as it is stored there. */
  readonly copied?: CopiedEntry;
}

/** An entry as another archive stores it. */
export interface CopiedEntry {
  readonly archive: CopiedArchive;
  /** Its header in that archive's central directory, whole; a view of a block of the directory. */
  readonly centralHeader: Uint8Array;
  /** Bytes from the start of that archive to the local header. */
  readonly localPosition: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
}

/** An archive that entries are copied from. It is open until the archive that they go into is complete. */
export interface CopiedArchive {
  /** As the caller named it, for messages; undefined for bytes in memory. */
  readonly path: string | undefined;
  /** Position among the archives that are inputs, from 0: decides between entries of one name. */
  readonly rank: number;
  /**
   * Reads entries of at most MAX_PIECE_LENGTH compressed bytes each.
   *
   * @throws PzipError PZIP_ARCHIVE_INVALID where a local header and the central directory disagree
   */
  readAll(entries: readonly CopiedEntry[]): Promise<StoredEntry[]>;
  /** Reads the local header of an entry of any size. */
  locate(entry: CopiedEntry): Promise<LocatedEntry>;
}

/** What an entry's header in the central directory says besides its name and its sizes (APPNOTE 4.3.12). */
export interface CopiedHeader {
  readonly versionMadeBy: number;
  readonly versionNeededToExtract: number;
  readonly generalPurposeBitFlag: number;
  readonly compressionMethod: number;
  readonly lastModFileTime: number;
  readonly lastModFileDate: number;
  readonly crc32: number;
  readonly internalFileAttributes: number;
  readonly externalFileAttributes: number;
  readonly extraField: Buffer;
}

/** What both headers say. */
export interface HeaderFacts {
  readonly central: CopiedHeader;
  readonly localExtraField: Buffer;
  /** Whether the local header has a zip64 field although a data descriptor or small sizes make it unnecessary. */
  readonly reservesZip64: boolean;
}

export interface StoredEntry extends HeaderFacts {
  /** The compressed bytes. */
  readonly data: Uint8Array;
}

export interface LocatedEntry extends HeaderFacts {
  /** The compressed bytes, in pieces. */
  readonly data: () => AsyncIterable<Uint8Array>;
}

interface ContentFacts extends SourceFacts {
  /** 0 stores, 1 to 10 deflates; the archive's own level where it is left out. */
  readonly level?: number | undefined;
  /** Set if only a range of the content goes in, as an entry that merging joins with the others. */
  readonly fragment?: Fragment | undefined;
}

/** A range of a large entry that several machines compress. */
export interface Fragment {
  /** Bytes of the content before it; a multiple of the length of a chunk. */
  readonly start: number;
  /** Where it ends: such a multiple, or the end of the content. */
  readonly end: number;
  /** Called once it is written. */
  onWritten(outcome: FragmentOutcome): void;
}

/** What merging must know of a fragment besides its bytes. */
export interface FragmentOutcome {
  /** Chunks at its start that are not framed as deflate: the data itself. */
  readonly rawChunks: number;
  /** Of the range of the content. */
  readonly crc32: number;
  /** Of the 32 KiB before the range, as the first chunk was compressed with; undefined if it was compressed without. */
  readonly dictionaryCrc32: number | undefined;
  /** Of the last 32 KiB of the range. */
  readonly tailCrc32: number | undefined;
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

/** A file of another archive. */
export interface ArchivedSource extends SourceFacts {
  readonly kind: 'archived';
  readonly copied: CopiedEntry;
}

export type Source = FileSource | BytesSource | StreamSource | DirectorySource | SymlinkSource | ArchivedSource;

/** What a batch can hold. */
export type SmallSource = Exclude<Source, StreamSource | ArchivedSource>;

/** A source whose data is copied: a file, a directory or a link of another archive. */
export type CopiedSource = Source & { readonly copied: CopiedEntry };

export function isCopied(source: Source): source is CopiedSource {
  return source.copied !== undefined;
}

/** One entry of the finished archive. */
export interface WrittenEntry {
  readonly name: string;
  /** A number for an entry that was copied from another archive, compressed by another method (APPNOTE 4.4.5). */
  readonly method: 'store' | 'deflate' | number;
  readonly crc32: number;
  /** Bytes. */
  readonly compressedSize: number;
  /** Bytes. */
  readonly uncompressedSize: number;
  /** Bytes from the start of the archive to the entry's local file header. */
  readonly offset: number;
}

/** Bytes of content, a link's text among it, of a fragment those of its range; undefined for a stream of unknown length. */
export function contentSize(source: Source): number | undefined {
  if ('fragment' in source && source.fragment !== undefined) return source.fragment.end - source.fragment.start;
  switch (source.kind) {
    case 'file':
    case 'stream':
      return source.size;
    case 'bytes':
      return source.bytes.length;
    case 'symlink':
      return source.target.length;
    case 'archived':
      return source.copied.uncompressedSize;
    case 'directory':
      return 0;
  }
}
