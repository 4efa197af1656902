/**
 * An archive in a file: written beside the target under a temporary name, then renamed over it. Even if the process is killed,
 * the target is the old archive or the complete new one. A new archive that replaces an old one is synced before it is
 * renamed, so a power failure loses neither.
 */
import { quote } from '../../common/errors.js';
import type { PzipWarning, PzipWarningCode } from '../../common/warnings.js';
import type { FileIdentity, RewritableSink, Scratch, Sink } from '../sink.js';
import { Commit, type CommitOptions } from './commit.js';
import { outputFailed } from './explain.js';
import { OwnFiles } from './own-files.js';
import { copyPermissions } from './permissions.js';
import { removeLeftovers } from './remove-leftovers.js';
import { ScratchFile } from './scratch.js';
import { findTarget, type OutputTarget } from './target.js';
import { TemporaryFile } from './temporary.js';
import { TemporaryArchive } from './temporary-archive.js';

export interface FileSinkOptions extends CommitOptions {
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
  readonly #commit: Commit;
  readonly #warn: (warning: PzipWarning) => void;
  /** Work beside the writing: permissions are copied from the old archive, leftovers of earlier runs removed. */
  readonly #preparations: Promise<unknown>;
  #scratch: ScratchFile | undefined;
  #isOpen = true;
  #isDiscarded = false;

  private constructor(place: OutputTarget, temporary: TemporaryFile, options: FileSinkOptions) {
    const { path, target, found } = place;
    this.#path = path;
    this.#target = target;
    this.#temporary = temporary;
    this.#warn = options.warn ?? (() => {});
    this.#own = new OwnFiles(
      found === undefined ? [temporary.identity] : [temporary.identity, found],
      [target, temporary.path],
      (other) => this.#noticeOtherName(other),
    );
    this.#archive = new TemporaryArchive(temporary.file, path, options.flush ?? found !== undefined);
    this.#commit = new Commit(place, temporary, this.#archive, options);
    this.rewritable = this.#archive;
    this.broken = this.#archive.broken;
    const permissions = copyPermissions(place, temporary).then((message) => {
      if (message !== undefined) this.#notice('PZIP_OUTPUT_MODE', message);
    });
    this.#preparations = Promise.all([permissions, removeLeftovers(target)]);
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
    return this.#commit.isUnchanged;
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
    await this.#archive.written();
    await this.#preparations;
    await this.#commit.prepare();
    // Not wrapped: the check has its own message, and a listener's exception is the caller's.
    await check?.(this.#temporary.path);
    await this.#commit.syncIfReplacing();
    await this.#close();
    if (this.isUnchanged && !this.#isDiscarded) {
      await this.#temporary.remove();
      this.#temporary.forget();
      return;
    }
    // In the same step as the renaming: a discarded archive never takes its name.
    if (this.#isDiscarded) throw outputFailed(this.#path, new Error('it was discarded before it had its name'));
    this.#commit.takeName((message) => this.#notice('PZIP_TEMPORARY_FILE', message));
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
