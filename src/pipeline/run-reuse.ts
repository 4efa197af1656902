/**
 * The part of a run that has to do with `reuse`: opens the earlier archive before the first task, and writes the state of the
 * new one when it has its name. Loaded only by runs that reuse.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { quote } from '../common/errors.js';
import { statePathOf } from '../common/state-files.js';
import type { PzipWarning } from '../common/warnings.js';
import { type EngineName, MAX_PIECE_LENGTH } from '../deflate/engine.js';
import { outputVersion } from '../deflate/output-version.js';
import { replaceFile } from '../output/file/replace-file.js';
import { type EarlierArchive, openEarlier } from '../reuse/earlier-archive.js';
import type { ReuseCheck, ReuseTask } from '../reuse/reuse-task.js';
import { encodeState } from '../reuse/state.js';
import { StateRecorder } from '../reuse/state-recorder.js';

export interface ReuseOptions {
  /** Absolute. */
  readonly path: string;
  readonly check: ReuseCheck;
}

export class RunReuse {
  readonly task: ReuseTask;
  /** Undefined for an archive that no state is written of. */
  readonly recorder: StateRecorder | undefined;
  readonly #compressor: string;
  readonly #earlier: EarlierArchive | undefined;
  readonly #warn: (warning: PzipWarning) => void;
  readonly #digest = createHash('sha256');

  private constructor(
    options: ReuseOptions,
    compressor: string,
    earlier: EarlierArchive | undefined,
    records: boolean,
    warn: (warning: PzipWarning) => void,
  ) {
    const { check } = options;
    this.task = { check, records, earlier: earlier?.chunks };
    this.recorder = records ? new StateRecorder(check === 'stat', Date.now()) : undefined;
    this.#compressor = compressor;
    this.#earlier = earlier;
    this.#warn = warn;
  }

  /** @param records whether the new archive gets a state */
  static async open(
    options: ReuseOptions,
    engine: EngineName,
    records: boolean,
    warn: (warning: PzipWarning) => void,
  ): Promise<RunReuse> {
    const compressor = outputVersion(engine);
    const trustsTimes = options.check === 'stat';
    const opened = await openEarlier(options.path, { compressor, chunkLength: MAX_PIECE_LENGTH, trustsTimes });
    if (opened === undefined || 'chunks' in opened) return new RunReuse(options, compressor, opened, records, warn);
    const message = `Nothing of ${quote(options.path)} is reused: ${opened.reason}`;
    warn({ code: 'PZIP_NOT_REUSED', severity: 'notice', message, path: options.path });
    return new RunReuse(options, compressor, undefined, records, warn);
  }

  /** To be called with all of the new archive's central directory headers, in order. */
  readonly onDirectory = (headers: Uint8Array): void => {
    this.#digest.update(headers);
  };

  /** The archive is complete: an error is a notice, and the next run reuses nothing. */
  async writeState(path: string, archiveSize: number, entryCount: number): Promise<void> {
    if (this.recorder?.entryCount !== entryCount) return;
    const state = this.recorder.finish({
      compressor: this.#compressor,
      archiveSize,
      directoryDigest: this.#digest.digest('hex'),
    });
    const statePath = statePathOf(path);
    try {
      await replaceFile(statePath, encodeState(state), statSync(path).mode & 0o666);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `${quote(statePath)} cannot be written (${why}): the next run will reuse nothing`;
      this.#warn({ code: 'PZIP_NOT_REUSED', severity: 'notice', message, path: statePath });
    }
  }

  async close(): Promise<void> {
    await this.#earlier?.close();
  }
}
