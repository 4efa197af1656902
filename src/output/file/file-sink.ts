/**
 * An archive in a file: written beside the target under a temporary name, then renamed over it. Even if the process is killed,
 * the target is the old archive or the complete new one. A new archive that replaces an old one is synced before it is
 * renamed, so a power failure loses neither.
 */
import { existsSync } from 'node:fs';
import { quote } from '../../common/errors.js';
import type { PzipWarning, PzipWarningCode } from '../../common/warnings.js';
import type { FileIdentity, RewritableSink, Scratch, Sink } from '../sink.js';
import { takeName } from './atomic-file.js';
import { outputFailed } from './explain.js';
import { OwnFiles } from './own-files.js';
import { takeOver } from './permissions.js';
import { removeLeftovers } from './remove-leftovers.js';
import { hasSameBytes } from './same-bytes.js';
import { ScratchFile } from './scratch.js';
import { findTarget, type OutputTarget } from './target.js';
import { TemporaryFile } from './temporary.js';
import { TemporaryArchive } from './temporary-archive.js';

export interface FileSinkOptions {
  /** Whether a file that has the archive's name, at the start or at the end, may be replaced. @default true */
  readonly replace?: boolean | undefined;
  /** Whether the archive is synced before it is renamed. @default if it replaces a file */
  readonly flush?: boolean | undefined;
  /** Whether a file with the same bytes stays as it is, and the archive is discarded. @default false */
  readonly writeIfChanged?: boolean | undefined;
  /** Called with warnings and notices. */
  readonly warn?: (warning: PzipWarning) => void;
}

export class FileSink implements Sink {
  readonly rewritable: RewritableSink;
  readonly returnsBuffers = true;
  readonly queues = true;
  readonly broken: Promise<never>;
  readonly #path: string;
  readonly #target: string;
  readonly #temporary: TemporaryFile;
  readonly #archive: TemporaryArchive;
  readonly #own: OwnFiles;
  readonly #mayReplace: boolean;
  /** Undefined if it depends on whether a file has the archive's name at the end. */
  readonly #flush: boolean | undefined;
  readonly #warn: (warning: PzipWarning) => void;
  /** Work beside the writing: permissions are copied from the old archive, leftovers of earlier runs removed. */
  readonly #preparations: Promise<unknown>;
  #scratch: ScratchFile | undefined;
  readonly #writeIfChanged: boolean;
  #isOpen = true;
  #isUnchanged = false;
  #isDiscarded = false;

  private constructor(place: OutputTarget, temporary: TemporaryFile, options: FileSinkOptions) {
    const { path, target, found } = place;
    this.#path = path;
    this.#target = target;
    this.#temporary = temporary;
    this.#mayReplace = options.replace ?? true;
    this.#flush = options.flush;
    this.#writeIfChanged = options.writeIfChanged ?? false;
    this.#warn = options.warn ?? (() => {});
    this.#own = new OwnFiles(
      found === undefined ? [temporary.identity] : [temporary.identity, found],
      [target, temporary.path],
      (other) => this.#noticeOtherName(other),
    );
    this.#archive = new TemporaryArchive(temporary.file, path, options.flush ?? found !== undefined);
    this.rewritable = this.#archive;
    this.broken = this.#archive.broken;
    this.#preparations = Promise.all([this.#copyPermissions(place), removeLeftovers(target)]);
    this.#preparations.catch(() => {});
  }

  /**
   * @param output the archive's path, as the user gave it, or the target that was found for it
   * @throws PzipError PZIP_OUTPUT_FAILED if no archive can be created there, PZIP_OUTPUT_EXISTS
   */
  static open(output: string | OutputTarget, options: FileSinkOptions = {}): FileSink {
    const place = typeof output === 'string' ? findTarget(output, options.replace ?? true) : output;
    try {
      // A new archive gets what the umask leaves of 0666; one that replaces another, the permissions of that.
      const temporary = new TemporaryFile(place.target, place.found === undefined ? 0o666 : 0o600);
      return new FileSink(place, temporary, options);
    } catch (error) {
      throw outputFailed(place.path, error);
    }
  }

  /** Whether the file that was there has the same bytes, and has stayed. */
  get isUnchanged(): boolean {
    return this.#isUnchanged;
  }

  isOutput(stats: FileIdentity, path: string): boolean {
    return this.#own.has(stats, path);
  }

  write(buffers: readonly Uint8Array[]): Promise<void> {
    return this.#archive.write(buffers);
  }

  /** See ScratchFile. */
  async openScratch(): Promise<Scratch | undefined> {
    this.#scratch = ScratchFile.create(this.#target, (error) => outputFailed(this.#path, error));
    await this.#scratch?.hide();
    return this.#scratch;
  }

  async finish(check?: (path: string) => Promise<void>): Promise<void> {
    const isSynced = await this.#complete();
    // Not wrapped: the check has its own message, and a listener's exception is the caller's.
    await check?.(this.#temporary.path);
    // Another program may have created a file there during the check.
    if (!isSynced && this.#flush === undefined && this.#replaces()) await this.#archive.sync();
    await this.#close();
    if (this.#isUnchanged && !this.#isDiscarded) {
      await this.#temporary.remove();
      this.#temporary.forget();
      return;
    }
    // In the same step as the renaming: a discarded archive never takes its name.
    if (this.#isDiscarded) throw outputFailed(this.#path, new Error('it was discarded before it had its name'));
    takeName(this.#temporary, {
      path: this.#path,
      target: this.#target,
      mayReplace: this.#mayReplace,
      notice: (message) => this.#notice('PZIP_TEMPORARY_FILE', message),
    });
  }

  /**
   * Waits until everything is in the file, sets its permissions, and syncs it where that is required.
   *
   * @returns whether it was synced, or need not be
   */
  async #complete(): Promise<boolean> {
    await this.#archive.written();
    await this.#preparations;
    this.#isUnchanged = this.#writeIfChanged && (await hasSameBytes(this.#temporary.path, this.#target));
    if (this.#isUnchanged) return true;
    const isSynced = this.#flush ?? this.#replaces();
    if (isSynced) await this.#archive.sync();
    return isSynced;
  }

  /** Checked at the end: a file may have been created there since the beginning. */
  #replaces(): boolean {
    return this.#mayReplace && existsSync(this.#target);
  }

  async #copyPermissions({ path, target, found }: OutputTarget): Promise<void> {
    if (found === undefined) return;
    try {
      const message = await takeOver(this.#temporary.file, this.#temporary.path, found, target);
      if (message !== undefined) this.#notice('PZIP_OUTPUT_MODE', message);
    } catch (error) {
      throw outputFailed(path, error);
    }
  }

  async discard(): Promise<void> {
    this.#isDiscarded = true;
    this.#archive.stop();
    // Before the close where the system allows it: closing waits for a write or a sync that is under way.
    const isRemoved = await this.#temporary.remove();
    await this.#close().catch(() => {});
    if (!isRemoved) await this.#temporary.remove();
    this.#temporary.forget();
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#scratch?.close().catch(() => {});
    try {
      await this.#temporary.close();
    } catch (error) {
      throw outputFailed(this.#path, error);
    }
  }

  /** The old archive is left out under every name; if that is not the output's, the user may not expect it. */
  #noticeOtherName(path: string): void {
    const message = `${quote(path)} is the archive that is replaced, under another name, and is left out`;
    this.#notice('PZIP_OUTPUT_LINKED', message, path);
  }

  #notice(code: PzipWarningCode, message: string, path = this.#path): void {
    this.#warn({ code, severity: 'notice', message, path });
  }
}
