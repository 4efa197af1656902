/** The bar on a terminal. The library is loaded when there is something to show, which a short run never has. */
import type { Bar } from 'cli-progress';
import type { Progress } from '../index.js';
import { formatBytes } from './format.js';

export class ProgressBar {
  #bar: Bar | undefined;
  #isLoading = false;
  #isClosed = false;

  update(progress: Progress): void {
    if (this.#isClosed) return;
    const bar = this.#bar;
    if (bar === undefined) {
      void this.#load();
      return;
    }
    bar.setTotal(Math.max(progress.bytesFound, 1));
    bar.update(progress.bytesRead, {
      read: formatBytes(progress.bytesRead),
      // While the walk goes on, the total is no total yet.
      total: progress.isTotalKnown ? formatBytes(progress.bytesFound) : '…',
      entry: progress.currentEntry ?? '',
    });
  }

  /** Makes room for a line of text; the bar comes again below it. */
  clear(): void {
    if (this.#bar !== undefined) process.stderr.write('\r\x1b[K');
  }

  close(): void {
    this.#isClosed = true;
    this.#bar?.stop();
    this.#bar = undefined;
  }

  async #load(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const { default: cliProgress } = await import('cli-progress');
    if (this.#isClosed) return;
    this.#bar = new cliProgress.SingleBar({
      format: '{bar} {percentage}% {read} of {total}, {duration_formatted}, ETA {eta_formatted}',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 30,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
    });
    this.#bar.start(1, 0, { read: '0 bytes', total: '…', entry: '' });
  }
}
