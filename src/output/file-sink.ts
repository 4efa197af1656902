/**
 * An archive in a file: written beside the target under a temporary name, then renamed over it. Whoever opens the target,
 * and whatever kills the process, finds the old archive or the complete new one. Where there is an old one, the new one is
 * on the disk before it takes its place, so that a failure of power costs neither.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlink,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PzipError } from '../errors.js';
import { OpenFile } from './open-file.js';
import type { FileIdentity, RewritableSink, Scratch, Sink } from './sink.js';

/** How file systems say that they know no hard links. */
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Bytes of the longest file name that file systems commonly take. */
const MAX_NAME_LENGTH = 255;

/**
 * Bytes after which what has been written is sent on its way to the disk while more is compressed: 150 MB written at once
 * took 170 to 230 ms to flush at the end, the last 32 MB take 40.
 */
const FLUSH_INTERVAL = 32 * 1024 * 1024;

/**
 * Bytes that are written with one call where more is waiting. 2 MiB were no faster; with 4 the system took 0.3 s more for 435
 * MB, looking for pages of that size (Linux 6.18, ext4).
 */
const MAX_GATHERED = 1024 * 1024;

/** Temporary files of archives that are not finished: a process that exits in the middle of one leaves nothing behind. */
const removeOnExit = new Set<string>();
process.on('exit', () => {
  for (const path of removeOnExit) rmSync(path, { force: true });
});

export interface FileSinkOptions {
  /** Whether a file that has the archive's name already, now or in the end, gives way. @default true */
  readonly replace?: boolean | undefined;
  /** Whether the archive is on the disk when it takes its name. @default where a file has that name already */
  readonly flush?: boolean | undefined;
}

interface ArchivePlace {
  /** As the user gave it. */
  readonly path: string;
  readonly target: string;
  readonly temporaryPath: string;
  readonly mayReplace: boolean;
  readonly flush: boolean | undefined;
}

export class FileSink implements Sink, RewritableSink {
  readonly rewritable = this;
  readonly returnsBuffers = true;
  readonly queues = true;
  readonly broken: Promise<never>;
  readonly #path: string;
  readonly #temporaryPath: string;
  readonly #own: readonly FileIdentity[];
  readonly #target: string;
  readonly #file: OpenFile;
  readonly #mayReplace: boolean;
  /** Undefined where that depends on what has the archive's name in the end. */
  readonly #flush: boolean | undefined;
  /** Whether what is written is sent on to the disk at once: a flush at the end is to find little left. */
  readonly #flushesAlong: boolean;
  #queue: QueuedWrite[] = [];
  /** Under way as long as there is something to write. */
  #draining: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  #tellFailure: (error: unknown) => void = () => {};
  /** Where what has been written ends. */
  #position = 0;
  #unflushed = 0;
  #flushing: Promise<void> | undefined;
  #flushFailure: { error: unknown } | undefined;
  #scratch: { readonly path: string; readonly file: OpenFile } | undefined;
  #isOpen = true;
  #isDiscarded = false;

  private constructor(
    { path, target, temporaryPath, mayReplace, flush }: ArchivePlace,
    file: OpenFile,
    own: readonly FileIdentity[],
    flushesAlong: boolean,
  ) {
    this.#path = path;
    this.#target = target;
    this.#temporaryPath = temporaryPath;
    this.#mayReplace = mayReplace;
    this.#flush = flush;
    this.#flushesAlong = flushesAlong;
    this.#file = file;
    this.#own = own;
    this.broken = new Promise((_, reject) => {
      this.#tellFailure = reject;
    });
    this.broken.catch(() => {});
  }

  /**
   * @param path the archive's, as the user gave it
   * @throws PzipError PZIP_OUTPUT_FAILED where no archive can be made there, PZIP_OUTPUT_EXISTS
   */
  static open(path: string, options: FileSinkOptions = {}): FileSink {
    const { replace: mayReplace = true, flush } = options;
    const target = resolveTarget(path);
    const replaced = statIfThere(target);
    if (replaced !== undefined && !mayReplace) throw outputExists(path);
    const temporaryPath = join(dirname(target), temporaryName(basename(target)));
    let file: OpenFile | undefined;
    try {
      // A new archive takes the permissions of the one it replaces; else what the umask leaves of 0666.
      file = OpenFile.create(temporaryPath, replaced === undefined ? 0o666 : 0o600);
      removeOnExit.add(temporaryPath);
      if (replaced !== undefined) setMode(file, temporaryPath, replaced.mode & 0o777);
      const own = [file.stat(), ...(replaced === undefined ? [] : [replaced])];
      const place = { path, target, temporaryPath, mayReplace, flush };
      return new FileSink(place, file, own, flush ?? replaced !== undefined);
    } catch (error) {
      if (file !== undefined) {
        file.closeSync();
        rmSync(temporaryPath, { force: true });
        removeOnExit.delete(temporaryPath);
      }
      throw outputFailed(path, error);
    }
  }

  isOutput({ dev, ino }: FileIdentity): boolean {
    return this.#own.some((own) => own.dev === dev && own.ino === ino);
  }

  write(buffers: readonly Uint8Array[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure.error);
        return;
      }
      this.#queue.push({ buffers, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && !this.#isDiscarded) {
      const writes = takeFirst(this.#queue, MAX_GATHERED);
      try {
        const buffers = writes.flatMap((write) => write.buffers);
        const length = await writeAll(this.#file, buffers, this.#position);
        this.#position += length;
        this.#unflushed += length;
      } catch (error) {
        this.#failure = { error: outputFailed(this.#path, error) };
        this.#tellFailure(this.#failure.error);
        for (const { reject } of [...writes, ...this.#queue.splice(0)]) reject(this.#failure.error);
        break;
      }
      for (const { resolve } of writes) resolve();
      if (this.#flushesAlong && this.#unflushed >= FLUSH_INTERVAL) this.#flushInBackground();
    }
    this.#draining = undefined;
  }

  /** Waits for what is queued. */
  async #written(): Promise<void> {
    await this.#draining;
    if (this.#failure) throw this.#failure.error;
  }

  async rewrite(position: number, buffers: readonly Uint8Array[]): Promise<void> {
    await this.#written();
    const length = await this.#failing(writeAll(this.#file, buffers, position));
    this.#position = Math.max(this.#position, position + length);
  }

  async read(position: number, into: Uint8Array): Promise<void> {
    await this.#written();
    await this.#failing(this.#file.read(into, position));
  }

  async truncate(position: number): Promise<void> {
    await this.#written();
    await this.#failing(this.#file.truncate(position));
    this.#position = position;
  }

  /** A second temporary file beside the archive. Where the system lets it, its name is gone before anything is in it. */
  async openScratch(): Promise<Scratch | undefined> {
    const path = join(dirname(this.#target), temporaryName(basename(this.#target)));
    let file: OpenFile;
    try {
      file = OpenFile.create(path, 0o600);
    } catch {
      // What need not be in memory can be there: whatever keeps a second file from being made is no reason to fail.
      return undefined;
    }
    removeOnExit.add(path);
    await remove(path);
    this.#scratch = { path, file };
    return {
      write: (position, bytes) => this.#failing(file.write(bytes, position)),
      read: (position, into) => this.#failing(file.read(into, position)),
    };
  }

  async finish(check?: (path: string) => Promise<void>): Promise<void> {
    try {
      await this.#written();
      await this.#flushing;
      if (this.#flushFailure) throw this.#flushFailure.error;
      const isFlushed = this.#flush ?? this.#replaces();
      if (isFlushed) await this.#sync();
      await check?.(this.#temporaryPath);
      // The check takes a while, in which somebody else's file may have come to be there.
      if (!isFlushed && this.#flush === undefined && this.#replaces()) await this.#sync();
      await this.#close();
      if (this.#isDiscarded) throw new Error('it was given up before it had its name');
      // In one step with the question above: an archive that was given up never takes its name all the same.
      if (this.#mayReplace) renameSync(this.#temporaryPath, this.#target);
      else this.#takeFreeName();
      removeOnExit.delete(this.#temporaryPath);
    } catch (error) {
      throw error instanceof PzipError ? error : outputFailed(this.#path, error);
    }
  }

  /** Asked at the end: what was not there at the beginning may be by now. */
  #replaces(): boolean {
    return this.#mayReplace && existsSync(this.#target);
  }

  /** Takes the name unless it has been taken since: rename(2) would replace, link(2) refuses. */
  #takeFreeName(): void {
    try {
      linkSync(this.#temporaryPath, this.#target);
      unlinkSync(this.#temporaryPath);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) throw outputExists(this.#path);
      if (!NO_HARD_LINKS.some((code) => hasCode(error, code))) throw error;
      this.#claimName();
      renameSync(this.#temporaryPath, this.#target);
    }
  }

  /** Where there are no hard links (FAT, some network shares) an empty file takes the name first: nobody else gets it. */
  #claimName(): void {
    try {
      closeSync(openSync(this.#target, 'wx'));
    } catch (error) {
      throw hasCode(error, 'EEXIST') ? outputExists(this.#path) : error;
    }
  }

  async discard(): Promise<void> {
    this.#isDiscarded = true;
    // Before the close where the system lets it: that waits for a write or a sync that is under way.
    const isRemoved = await remove(this.#temporaryPath);
    await this.#close().catch(() => {});
    if (!isRemoved) await remove(this.#temporaryPath);
    removeOnExit.delete(this.#temporaryPath);
  }

  async #failing<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw outputFailed(this.#path, error);
    }
  }

  /** Node's permission model (seen with 26) takes the call away; the system writes the file back in its own time then. */
  async #sync(): Promise<void> {
    try {
      await this.#file.datasync();
    } catch (error) {
      if (!hasCode(error, 'ERR_ACCESS_DENIED')) throw error;
    }
  }

  /** An error is kept for finish(): the system tells of it once, and a second flush would say that all is well. */
  #flushInBackground(): void {
    if (this.#flushing !== undefined) return;
    this.#unflushed = 0;
    this.#flushing = this.#sync()
      .catch((error: unknown) => {
        this.#flushFailure ??= { error };
      })
      .finally(() => {
        this.#flushing = undefined;
      });
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#closeScratch().catch(() => {});
    await this.#file.close();
  }

  async #closeScratch(): Promise<void> {
    if (this.#scratch === undefined) return;
    const { path, file } = this.#scratch;
    await file.close();
    await remove(path);
    removeOnExit.delete(path);
  }
}

/** Not by its path, where somebody else may have put a link, unless Node's permission model takes the other way away. */
function setMode(file: OpenFile, path: string, mode: number): void {
  try {
    file.chmod(mode);
  } catch (error) {
    if (!hasCode(error, 'ERR_ACCESS_DENIED')) throw error;
    chmodSync(path, mode);
  }
}

interface QueuedWrite {
  readonly buffers: readonly Uint8Array[];
  resolve(): void;
  reject(error: unknown): void;
}

/** Takes off the first ones, as many as are together no longer than that, but one at least. */
function takeFirst(queue: QueuedWrite[], maxLength: number): QueuedWrite[] {
  let count = 0;
  let length = 0;
  for (const { buffers } of queue) {
    length += totalLength(buffers);
    if (count > 0 && length > maxLength) break;
    count++;
  }
  return queue.splice(0, count);
}

/** @returns how many bytes that were */
async function writeAll(file: OpenFile, buffers: readonly Uint8Array[], position: number): Promise<number> {
  let start = position;
  const end = start + (await file.writeSome(buffers, position));
  // A disk that is all but full takes a part; writing the rest tells why.
  for (const buffer of buffers) {
    const written = Math.min(Math.max(0, end - start), buffer.length);
    if (written < buffer.length) await file.write(buffer.subarray(written), start + written);
    start += buffer.length;
  }
  return start - position;
}

function totalLength(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0);
}

/** @returns whether it was there, and is no more */
function remove(path: string): Promise<boolean> {
  return new Promise((resolve) => unlink(path, (error) => resolve(error === null)));
}

/** Whether an archive of this path goes to a regular file, new or old, and not to a device or a named pipe. */
export function isRegularTarget(path: string): boolean {
  const found = statIfThere(path);
  return found === undefined || found.isFile() || found.isDirectory();
}

/** Links that lead to one another, up to which Linux follows them, too. */
const MAX_LINKS = 40;

/** A symbolic link keeps standing where it stands: the file that it leads to is the one to replace. */
function resolveTarget(path: string): string {
  let target = resolve(path);
  for (let followed = 0; followed <= MAX_LINKS; followed++) {
    const found = statIfThere(target);
    if (found?.isDirectory()) {
      throw new PzipError('PZIP_OUTPUT_FAILED', `${path} is a directory: name the archive inside it`, { path });
    }
    const link = readIfLink(target);
    if (link === undefined) return target;
    if (found !== undefined) return realpathSync(target);
    target = resolve(dirname(target), link);
  }
  throw new PzipError('PZIP_OUTPUT_FAILED', `${path} is a link that leads to itself: name another archive`, { path });
}

function readIfLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Nobody else's: should it be taken all the same, nothing is overwritten. (To load node:crypto for it takes 3 ms.) */
function temporaryName(name: string): string {
  const number = Math.floor(Math.random() * 2 ** 48);
  const suffix = `.${number.toString(16).padStart(12, '0')}.pzip-tmp`;
  let stem = name;
  while (Buffer.byteLength(stem) + suffix.length + 1 > MAX_NAME_LENGTH) stem = stem.slice(0, -1);
  return `.${stem}${suffix}`;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function outputExists(path: string): PzipError {
  const message = `${path} exists and is not to be replaced: remove it, or give the archive another name`;
  return new PzipError('PZIP_OUTPUT_EXISTS', message, { path });
}

function outputFailed(path: string, error: unknown): PzipError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const message = `Cannot write ${path}: ${explain(code, error)}`;
  return new PzipError('PZIP_OUTPUT_FAILED', message, { path, cause: error });
}

function explain(code: string | undefined, error: unknown): string {
  switch (code) {
    case 'ENOENT':
      return 'the folder it should go to does not exist; create it first';
    case 'ENOTDIR':
      return 'part of its path is a file, not a folder';
    case 'EACCES':
    case 'EPERM':
      return 'no permission to create a file in that folder';
    case 'EROFS':
      return 'that file system is read-only';
    case 'ENOSPC':
      return 'the disk is full; free some space or write the archive somewhere else';
    case 'EDQUOT':
      return 'the disk quota is used up; free some space or write the archive somewhere else';
    case 'EFBIG':
      return 'the file system, or a limit set for this process, does not allow a file this large';
    case 'ENAMETOOLONG':
      return 'the name is too long';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
