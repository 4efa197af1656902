import { messageText } from './text.js';

/** Everything that can go wrong by name. docs/errors.md gives the cause and the remedy of each. */
export type PzipErrorCode =
  | 'PZIP_USAGE' // a call or a command line that cannot mean anything
  | 'PZIP_CLOSED' // add*() after close(), or close() twice
  | 'PZIP_NAME_INVALID' // a name that readers refuse or that could escape the folder it is extracted to
  | 'PZIP_NAME_DUPLICATE' // two sources for one name
  | 'PZIP_NAME_CONFLICT' // a file where another entry needs a directory: `a` beside `a/b`
  | 'PZIP_NOTHING_MATCHED' // an input, or the whole selection, that came out empty
  | 'PZIP_ENTRY_MISSING' // a name that the option `required` asks for
  | 'PZIP_SOURCE_MISSING'
  | 'PZIP_SOURCE_UNREADABLE'
  | 'PZIP_SOURCE_CHANGED' // a file that changed between being selected and being read to its end
  | 'PZIP_SOURCE_UNSUPPORTED' // a socket, a device, a FIFO
  | 'PZIP_TOO_LARGE' // more bytes than `maxSize` or `maxUnpacked`
  | 'PZIP_SIZE_MISMATCH' // a stream that gives more or fewer bytes than its `size` promised
  | 'PZIP_COMPRESS_FAILED'
  | 'PZIP_OUTPUT_FAILED'
  | 'PZIP_OUTPUT_EXISTS' // something has the archive's name, and is not to be replaced
  | 'PZIP_VERIFY_FAILED' // the finished archive does not read back as it was written
  | 'PZIP_ARCHIVE_INVALID' // an archive that is read does not keep to the format
  | 'PZIP_ARCHIVE_UNSUPPORTED' // an archive that is read uses encryption, another compression method or several disks
  | 'PZIP_MANIFEST_INVALID' // a list of checksums that is compared is no such list
  | 'PZIP_PARTS_MISMATCH' // parts that do not make one archive: one is missing, or they are of different files
  | 'PZIP_STRICT' // a warning, where every warning is to be an error
  | 'PZIP_COMMENT_INVALID';

export interface SizedEntry {
  /** Name in the archive. */
  readonly name: string;
  /** Bytes: compressed if the archive is too large, uncompressed if its content is. */
  readonly size: number;
}

export interface PzipErrorDetails {
  /** The entry's name in the archive. */
  entryName?: string | undefined;
  /** The path in the file system, as the user gave it or as it was found. */
  path?: string | undefined;
  /** Bytes from the start of the archive that is read to what is wrong with it. */
  offset?: number | undefined;
  /** The ten largest entries of an archive that is too large, the largest first. */
  largest?: readonly SizedEntry[] | undefined;
  /** The error underneath: of the file system, of the engine, of a stream. */
  cause?: unknown;
}

/**
 * Every error that pzip itself raises; errors of the file system, of an engine or of a stream arrive as its `cause`.
 *
 * The message is safe to print, whatever names are in it: one line, control and invisible characters escaped, nothing that
 * a CI system takes for a command. `path`, `entryName` and `cause` are as they are.
 */
export class PzipError extends Error {
  override readonly name = 'PzipError';
  readonly code: PzipErrorCode;
  readonly entryName: string | undefined;
  readonly path: string | undefined;
  readonly offset: number | undefined;
  readonly largest: readonly SizedEntry[] | undefined;

  constructor(code: PzipErrorCode, message: string, details: PzipErrorDetails = {}) {
    super(messageText(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.entryName = details.entryName;
    this.path = details.path;
    this.offset = details.offset;
    this.largest = details.largest;
  }
}

export { quote } from './text.js';
