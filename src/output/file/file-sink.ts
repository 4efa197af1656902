/**
 * An archive in a file: written beside the target under a temporary name, then renamed over it. Whoever opens the target,
 * and whatever kills the process, finds the old archive or the complete new one. Where there is an old one, the new one is
 * on the disk before it takes its place, so that a failure of power costs neither.
 */
import {
  type BigIntStats,
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { PzipError, quote } from '../../common/errors.js';
import type { PzipWarning, PzipWarningCode } from '../../common/warnings.js';
import type { FileIdentity, RewritableSink, Scratch, Sink } from '../sink.js';
import { hasCode, outputExists, outputFailed } from './explain.js';
import { type ExactIdentity, isFile } from './identity.js';
import { takeOver } from './permissions.js';
import { removeLeftovers } from './remove-leftovers.js';
import { findTarget, type OutputTarget } from './target.js';
import { TemporaryFile } from './temporary.js';
import { WriteQueue, writeAll } from './write-queue.js';

/** How file systems say that they know no hard links. */
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

export interface FileSinkOptions {
  /** Whether a file that has the archive's name already, now or in the end, gives way. @default true */
  readonly replace?: boolean | undefined;
  /** Whether the archive is on the disk when it takes its name. @default where a file has that name already */
  readonly flush?: boolean | undefined;
  /** What to tell the user besides the result. */
  readonly warn?: (warning: PzipWarning) => void;
}

export class FileSink implements Sink, RewritableSink {
  readonly rewritable = this;
  readonly returnsBuffers = true;
  readonly queues = true;
  readonly broken: Promise<never>;
  readonly #path: string;
  readonly #target: string;
  readonly #temporary: TemporaryFile;
  readonly #queue: WriteQueue;
  readonly #own: readonly ExactIdentity[];
  readonly #mayReplace: boolean;
  /** Undefined where that depends on what has the archive's name in the end. */
  readonly #flush: boolean | undefined;
  readonly #warn: (warning: PzipWarning) => void;
  /** What goes on beside the writing: permissions are taken over, leftovers removed. */
  readonly #preparations: Promise<unknown>;
  #scratch: TemporaryFile | undefined;
  #isOpen = true;
  #isDiscarded = false;
  #hasToldOfOtherName = false;

  private constructor({ path, target, found }: OutputTarget, temporary: TemporaryFile, options: FileSinkOptions) {
    this.#path = path;
    this.#target = target;
    this.#temporary = temporary;
    this.#mayReplace = options.replace ?? true;
    this.#flush = options.flush;
    this.#warn = options.warn ?? (() => {});
    this.#own = found === undefined ? [temporary.identity] : [temporary.identity, found];
    this.#queue = new WriteQueue(temporary.file, {
      flushesAlong: options.flush ?? found !== undefined,
      flush: () => this.#sync(),
      toError: (error) => outputFailed(path, error),
    });
    this.broken = this.#queue.broken;
    this.#preparations = Promise.all([found && this.#takeOver(found), removeLeftovers(target)]);
    this.#preparations.catch(() => {});
  }

  /**
   * @param output the archive's path, as the user gave it, or what is known of it already
   * @throws PzipError PZIP_OUTPUT_FAILED where no archive can be made there, PZIP_OUTPUT_EXISTS
   */
  static open(output: string | OutputTarget, options: FileSinkOptions = {}): FileSink {
    const place = typeof output === 'string' ? findTarget(output, options.replace ?? true) : output;
    try {
      // A new archive has what the umask leaves of 0666; one that replaces another takes over what that has.
      const temporary = new TemporaryFile(place.target, place.found === undefined ? 0o666 : 0o600);
      return new FileSink(place, temporary, options);
    } catch (error) {
      throw outputFailed(place.path, error);
    }
  }

  isOutput(stats: FileIdentity, path: string): boolean {
    if (!this.#own.some((own) => isFile(own, stats, path))) return false;
    this.#tellOfOtherName(path);
    return true;
  }

  write(buffers: readonly Uint8Array[]): Promise<void> {
    return this.#queue.write(buffers);
  }

  async rewrite(position: number, buffers: readonly Uint8Array[]): Promise<void> {
    await this.#queue.written();
    const length = await this.#failing(writeAll(this.#temporary.file, buffers, position));
    this.#queue.position = Math.max(this.#queue.position, position + length);
  }

  async read(position: number, into: Uint8Array): Promise<void> {
    await this.#queue.written();
    await this.#failing(this.#temporary.file.read(into, position));
  }

  async truncate(position: number): Promise<void> {
    await this.#queue.written();
    await this.#failing(this.#temporary.file.truncate(position));
    this.#queue.position = position;
  }

  /** A second temporary file beside the archive. Where the system lets it, its name is gone before anything is in it. */
  async openScratch(): Promise<Scratch | undefined> {
    let scratch: TemporaryFile;
    try {
      scratch = new TemporaryFile(this.#target, 0o600);
    } catch {
      // What need not be in memory can be there: whatever keeps a second file from being made is no reason to fail.
      return undefined;
    }
    this.#scratch = scratch;
    await scratch.remove();
    return {
      write: (position, bytes) => this.#failing(scratch.file.write(bytes, position)),
      read: (position, into) => this.#failing(scratch.file.read(into, position)),
    };
  }

  async finish(check?: (path: string) => Promise<void>): Promise<void> {
    const isFlushed = await this.#failing(this.#complete());
    // Not wrapped: the check has words of its own, and a listener's exception is nobody else's.
    await check?.(this.#temporary.path);
    // The check takes a while, in which another program's file may have come to be there.
    if (!isFlushed && this.#flush === undefined && this.#replaces()) await this.#failing(this.#sync());
    await this.#failing(this.#close());
    try {
      if (this.#isDiscarded) throw new Error('it was given up before it had its name');
      // In one step with the question above: an archive that was given up never takes its name all the same.
      if (this.#mayReplace) renameSync(this.#temporary.path, this.#target);
      else this.#takeFreeName();
      this.#temporary.forget();
    } catch (error) {
      throw this.#isGone(error) ? temporaryGone(this.#path, error) : outputFailed(this.#path, error, this.#replaces());
    }
  }

  /**
   * Has all that was written in the file, with its permissions, and on the disk where that is to be.
   *
   * @returns whether it is on the disk
   */
  async #complete(): Promise<boolean> {
    await this.#queue.written();
    await this.#queue.flushed();
    await this.#preparations;
    const isFlushed = this.#flush ?? this.#replaces();
    if (isFlushed) await this.#sync();
    return isFlushed;
  }

  /** Asked at the end: what was not there at the beginning may be by now. */
  #replaces(): boolean {
    return this.#mayReplace && existsSync(this.#target);
  }

  async #takeOver(old: BigIntStats): Promise<void> {
    const { file, path } = this.#temporary;
    const message = await takeOver(file, path, old, this.#target);
    if (message !== undefined) this.#notice('PZIP_OUTPUT_MODE', message);
  }

  /** Takes the name unless it has been taken since: rename(2) would replace, link(2) refuses. */
  #takeFreeName(): void {
    const { path } = this.#temporary;
    try {
      linkSync(path, this.#target);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) throw outputExists(this.#path);
      if (!NO_HARD_LINKS.some((code) => hasCode(error, code))) throw error;
      this.#claimName();
      return;
    }
    try {
      unlinkSync(path);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#notice(
        'PZIP_TEMPORARY_FILE',
        `The archive is complete, but ${quote(path)} could not be removed: ${reason}`,
      );
    }
  }

  /** Where there are no hard links (FAT, some network shares) an empty file takes the name first: no other run gets it. */
  #claimName(): void {
    let claimed: ExactIdentity;
    try {
      const descriptor = openSync(this.#target, 'wx');
      claimed = fstatSync(descriptor, { bigint: true });
      closeSync(descriptor);
    } catch (error) {
      throw hasCode(error, 'EEXIST') ? outputExists(this.#path) : error;
    }
    try {
      renameSync(this.#temporary.path, this.#target);
    } catch (error) {
      removeIfSame(this.#target, claimed);
      throw error;
    }
  }

  async discard(): Promise<void> {
    this.#isDiscarded = true;
    this.#queue.stop();
    // Before the close where the system lets it: that waits for a write or a sync that is under way.
    const isRemoved = await this.#temporary.remove();
    await this.#close().catch(() => {});
    if (!isRemoved) await this.#temporary.remove();
    this.#temporary.forget();
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
      await this.#temporary.file.datasync();
    } catch (error) {
      if (!hasCode(error, 'ERR_ACCESS_DENIED')) throw error;
    }
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#closeScratch().catch(() => {});
    await this.#temporary.close();
  }

  async #closeScratch(): Promise<void> {
    await this.#scratch?.close();
    await this.#scratch?.remove();
    this.#scratch?.forget();
  }

  /** Whether the name could not be given because another program has removed or moved the temporary file. */
  #isGone(error: unknown): boolean {
    return hasCode(error, 'ENOENT') && !existsSync(this.#temporary.path);
  }

  /** The old archive stays out under any name; where that is not the one that was given, the user may not expect it. */
  #tellOfOtherName(path: string): void {
    if (this.#hasToldOfOtherName) return;
    try {
      const realPath = realpathSync(path);
      if (realPath === this.#target || realPath === this.#temporary.path) return;
    } catch {
      return;
    }
    this.#hasToldOfOtherName = true;
    const message = `${quote(path)} is the archive that is replaced, under another name, and stays out`;
    this.#notice('PZIP_OUTPUT_LINKED', message, path);
  }

  #notice(code: PzipWarningCode, message: string, path = this.#path): void {
    this.#warn({ code, severity: 'notice', message, path });
  }
}

function removeIfSame(path: string, identity: ExactIdentity): void {
  try {
    if (isFile(identity, statSync(path), path)) unlinkSync(path);
  } catch {
    // It is another one's now, or the file system fails: nothing of ours to remove.
  }
}

function temporaryGone(path: string, cause: unknown): PzipError {
  const message = `Cannot write ${path}: another program has removed the temporary file or moved its folder meanwhile; try again`;
  return new PzipError('PZIP_OUTPUT_FAILED', message, { path, cause });
}
