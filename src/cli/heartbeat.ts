/** A line now and then where there is no terminal: who watches the log of a long run sees that it lives, and how far it is. */
import type { Progress } from '../index.js';
import { formatBytes, formatCount } from './format.js';
import { say } from './terminal.js';

/**
 * Milliseconds. Long enough that most runs print nothing and an hour's log stays short; short enough that CI systems do not
 * end the job as silent.
 */
const INTERVAL = 5000;

export class Heartbeat {
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #last: Progress | undefined;

  constructor() {
    // A timer of its own: a stalled reader or a slow disk is when a sign of life is wanted most.
    this.#timer = setInterval(() => this.#beat(), INTERVAL).unref();
  }

  update(progress: Progress): void {
    this.#last = progress;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const seconds = `${Math.round((performance.now() - this.#startedAt) / 1000)} s`;
    say(`pzip: ${this.#last === undefined ? 'looking for files' : describe(this.#last)}, ${seconds}`);
  }
}

function describe(progress: Progress): string {
  const { phase, entriesWritten, bytesRead, bytesWritten, bytesFound, isTotalKnown, bytesVerified } = progress;
  if (phase === 'verifying') return `${formatBytes(bytesVerified)} of ${formatBytes(bytesWritten)} read back`;
  const total = isTotalKnown ? ` of ${formatBytes(bytesFound)}` : '';
  const entries = formatCount(entriesWritten, 'entry', 'entries');
  return `${entries}, ${formatBytes(bytesRead)}${total} → ${formatBytes(bytesWritten)}`;
}
