/** Warns of a fallback to another engine or level, once per archive, when there is something to compress. */

import { fewerThreads, type PzipWarning } from '../common/warnings.js';
import type { EngineChoice } from '../deflate/create-engine.js';
import { MAX_ZLIB_LEVEL } from '../deflate/zlib-engine.js';

export class EngineWarnings {
  readonly #choice: EngineChoice;
  readonly #warn: (warning: PzipWarning) => void;
  #hasWarned = false;

  constructor(choice: EngineChoice, warn: (warning: PzipWarning) => void) {
    this.#choice = choice;
    this.#warn = warn;
  }

  /** @param level at which an entry is about to be compressed */
  compressing(level: number): void {
    const { name, fallbackReason } = this.#choice;
    if (this.#hasWarned || name === 'wasm' || level === 0) return;
    if (fallbackReason !== undefined) this.#warnOnce('PZIP_ENGINE_FALLBACK', fallbackMessage(fallbackReason));
    else if (level > MAX_ZLIB_LEVEL) this.#warnOnce('PZIP_LEVEL_LOWERED', LEVEL_MESSAGE);
  }

  /** @param cause why not all threads can be started; not reported if it is also the reason of the fallback */
  fewerThreads(cause: Error): void {
    if (cause.message !== this.#choice.fallbackReason) this.#warn(fewerThreads(cause));
  }

  #warnOnce(code: PzipWarning['code'], message: string): void {
    this.#hasWarned = true;
    this.#warn({ code, severity: 'warning', message, path: '' });
  }
}

function fallbackMessage(reason: string): string {
  const instead = "Node's zlib compresses instead, more slowly and at level 9 at most";
  return `The engine 'wasm' cannot run here (${reason}): ${instead}; use \`engine: 'zlib'\` to ask for that`;
}

const LEVEL_MESSAGE =
  "The engine 'zlib' has no level 10: it compresses at 9; leave the engine out for the smallest archive";
