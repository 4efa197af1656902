/**
 * What is known of an entry when its headers are due. Bytes are already encoded; numbers are already clamped.
 */
export interface EntryFacts {
  /** UTF-8; a directory's ends in `/`. */
  readonly fileName: Uint8Array;
  /** UTF-8, empty for none. */
  readonly fileComment: Uint8Array;
  /** st_mode of stat(2): the type bits and the permission bits. */
  readonly mode: number;
  readonly lastModFileTime: number;
  readonly lastModFileDate: number;
  /** Seconds since 1970 UTC for the extended timestamp (0x5455); undefined leaves that field out. */
  readonly unixTime: number | undefined;
  readonly compressionMethod: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  /** Offset of the local header from the start of the archive; it has no part in the local header itself. */
  readonly relativeOffsetOfLocalHeader: number;
  /** The CRC and the sizes follow the data in a data descriptor. Deflate only. */
  readonly hasDataDescriptor: boolean;
  /**
   * The local header carries the ZIP64 sizes whatever they turn out to be: it is written before the sizes are known and
   * they may reach 4 GiB (APPNOTE 4.3.9.2).
   */
  readonly reservesZip64: boolean;
}
