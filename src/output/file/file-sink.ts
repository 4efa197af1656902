/**
 * An archive in a file: written beside the target under a temporary name, then renamed over it. Even if the process is killed,
 * the target is the old archive or the complete new one. A new archive that replaces an old one is on the disk before it takes
 * the name, so a power failure loses neither.
 */
import { type BigIntStats, existsSync, realpathSync } from 'node:fs';
import { quote } from '../../common/errors.js';
import { hasCode } from '../../common/file-errors.js';
import type { PzipWarning, PzipWarningCode } from '../../common/warnings.js';
import type { FileIdentity, RewritableSink, Scratch, Sink } from '../sink.js';
import { takeName } from './atomic-file.js';
import { outputFailed } from './explain.js';
import { type ExactIdentity, isFile } from './identity.js';
import { takeOver } from './permissions.js';
import { removeLeftovers } from './remove-leftovers.js';
import { ScratchFile } from './scratch.js';
import { findTarget, type OutputTarget } from './target.js';
import { TemporaryFile } from './temporary.js';
import { WriteQueue, writeAll } from './write-queue.js';

export interface FileSinkOptions {
  /** Whether a file that has the archive's name already, now or in the end, gives way. @default true */
  readonly replace?: boolean | undefined;
  /** Whether the archive is on the disk when it takes its name. @default where a file has that name already */
  readonly flush?: boolean | undefined;
  /** Called with warnings and notices. */
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
  #scratch: ScratchFile | undefined;
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

  /** See ScratchFile. */
  async openScratch(): Promise<Scratch | undefined> {
    this.#scratch = ScratchFile.create(this.#target, (error) => outputFailed(this.#path, error));
    await this.#scratch?.hide();
    return this.#scratch;
  }

  async finish(check?: (path: string) => Promise<void>): Promise<void> {
    const isFlushed = await this.#failing(this.#complete());
    // Not wrapped: the check has its own message, and a listener's exception is the caller's.
    await check?.(this.#temporary.path);
    // Another program may have created a file there during the check.
    if (!isFlushed && this.#flush === undefined && this.#replaces()) await this.#failing(this.#sync());
    await this.#failing(this.#close());
    // In the same step as the renaming: a discarded archive never takes its name.
    if (this.#isDiscarded) throw outputFailed(this.#path, new Error('it was given up before it had its name'));
    takeName(this.#temporary, {
      path: this.#path,
      target: this.#target,
      mayReplace: this.#mayReplace,
      notice: (message) => this.#notice('PZIP_TEMPORARY_FILE', message),
    });
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
    await this.#scratch?.close().catch(() => {});
    await this.#temporary.close();
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
