/** Random access to an archive, in a file or in memory. The length of every read is checked against the size. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PzipError, quote } from '../common/errors.js';
import { explainReadError, hasCode } from '../common/file-errors.js';
import { Pace } from '../common/pace.js';
import { invalid } from './archive-error.js';

export interface RandomAccess {
  /** For messages; undefined for bytes in memory. */
  readonly path: string | undefined;
  /** Bytes. */
  readonly size: number;
  /**
   * Exactly `length` bytes. The caller bounds `length`; a read beyond the end allocates nothing.
   *
   * @throws PzipError PZIP_ARCHIVE_INVALID if the archive ends earlier, PZIP_SOURCE_UNREADABLE, or PZIP_CLOSED
   */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** An archive that can be checked for changes since it was opened. */
export interface ArchiveAccess extends RandomAccess {
  /** For positional reads on other threads, until it is closed; undefined for bytes in memory. */
  readonly descriptor: number | undefined;
  /** @throws PzipError PZIP_SOURCE_CHANGED if the file's size or mtime has changed since it was opened */
  checkUnchanged(): Promise<void>;
}

/** Does not wait for the writer of a FIFO. Windows has no such flag. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** @throws PzipError PZIP_SOURCE_MISSING, PZIP_SOURCE_UNREADABLE, or PZIP_SOURCE_UNSUPPORTED for what is not a regular file */
export async function openFile(path: string): Promise<ArchiveAccess> {
  let file: FileHandle;
  try {
    file = await open(path, OPEN_FLAGS);
  } catch (error) {
    throw openFailure(path, error);
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw notRegular(path);
    return new FileAccess(path, file, stats);
  } catch (error) {
    await file.close();
    throw error instanceof PzipError ? error : openFailure(path, error);
  }
}

/** @param bytes must not change while the archive is open */
export function openBytes(bytes: Uint8Array): ArchiveAccess {
  return new MemoryAccess(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

class FileAccess implements ArchiveAccess {
  readonly path: string;
  readonly size: number;
  readonly descriptor: number;
  readonly #file: FileHandle;
  readonly #mtimeMs: number;
  #isClosed = false;

  constructor(path: string, file: FileHandle, { size, mtimeMs }: Stats) {
    this.path = path;
    this.size = size;
    this.descriptor = file.fd;
    this.#file = file;
    this.#mtimeMs = mtimeMs;
  }

  async read(position: number, length: number): Promise<Buffer> {
    rejectBeyondEnd(this, position, length);
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let filled = 0; filled < length; ) {
      const bytesRead = await this.#readSome(bytes, filled, position + filled);
      // The file was truncated after it was opened.
      if (bytesRead === 0) throw endsAt(this.path, position + filled);
      filled += bytesRead;
    }
    return bytes;
  }

  async #readSome(bytes: Buffer, filled: number, position: number): Promise<number> {
    if (this.#isClosed) throw closed(this.path);
    try {
      return (await this.#file.read(bytes, filled, bytes.length - filled, position)).bytesRead;
    } catch (cause) {
      if (this.#isClosed) throw closed(this.path);
      const message = `The archive ${quote(this.path)} cannot be read at offset ${position}: ${explainReadError(cause)}`;
      throw new PzipError('PZIP_SOURCE_UNREADABLE', message, { path: this.path, offset: position, cause });
    }
  }

  async checkUnchanged(): Promise<void> {
    if (this.#isClosed) throw closed(this.path);
    const { size, mtimeMs } = await this.#file.stat();
    if (size === this.size && mtimeMs === this.#mtimeMs) return;
    const message = `The archive ${quote(this.path)} was written while pzip read it; try again when it is complete`;
    throw new PzipError('PZIP_SOURCE_CHANGED', message, { path: this.path });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#file.close();
  }
}

class MemoryAccess implements ArchiveAccess {
  readonly path = undefined;
  readonly descriptor = undefined;
  readonly size: number;
  readonly #bytes: Buffer;
  /** Reads of a file yield to the event loop by themselves. */
  readonly #pace = new Pace();
  #isClosed = false;

  constructor(bytes: Buffer) {
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  async read(position: number, length: number): Promise<Buffer> {
    if (this.#pace.isDue) await this.#pace.turn();
    if (this.#isClosed) throw closed(undefined);
    rejectBeyondEnd(this, position, length);
    // A copy, as with a file: the caller's bytes are not shared.
    const bytes = Buffer.allocUnsafeSlow(length);
    this.#bytes.copy(bytes, 0, position, position + length);
    return bytes;
  }

  async checkUnchanged(): Promise<void> {}

  async close(): Promise<void> {
    this.#isClosed = true;
  }
}

function rejectBeyondEnd({ path, size }: RandomAccess, position: number, length: number): void {
  if (position < 0) throw invalid(path, 'it is too short for a ZIP archive');
  if (position + length > size) throw endsAt(path, size);
}

function endsAt(path: string | undefined, position: number): PzipError {
  return invalid(path, `it ends at ${position}`, { offset: position });
}

function closed(path: string | undefined): PzipError {
  const archive = path === undefined ? 'The archive' : `The archive ${quote(path)}`;
  return new PzipError('PZIP_CLOSED', `${archive} is closed`, { path });
}

function notRegular(path: string): PzipError {
  return new PzipError('PZIP_SOURCE_UNSUPPORTED', `${quote(path)} is not a regular file`, { path });
}

function openFailure(path: string, cause: unknown): PzipError {
  if (hasCode(cause, 'ENOENT', 'ENOTDIR')) {
    return new PzipError('PZIP_SOURCE_MISSING', `${quote(path)} does not exist`, { path, cause });
  }
  if (hasCode(cause, 'ENXIO')) return notRegular(path); // a socket
  return new PzipError('PZIP_SOURCE_UNREADABLE', `Cannot open ${quote(path)}: ${explainReadError(cause)}`, {
    path,
    cause,
  });
}
