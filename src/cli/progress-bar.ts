/**
 * The bar on a terminal. The library is loaded when there is something to show, which a short run never has.
 *
 * The archive finds its files little by little while it is made, so what there is to do is known only near the end. For a
 * bar that tells how far it is, a run that takes its time is looked over once more, ahead of the archive.
 */
import type { Bar } from 'cli-progress';
import type { Progress } from '../index.js';
import { formatBytes } from './format.js';
import { hasColour, standardError } from './terminal.js';

/** Milliseconds after which a run is long enough to be worth a bar, and a second look at the files. */
const DELAY = 400;

/** Columns of the bar itself, on a terminal wide enough for it. */
const BAR_WIDTH = 30;

/** Columns of what stands beside it, when the numbers are at their longest, and a space. */
const TEXT_WIDTH = 50;

/** A shorter bar shows nothing that the percentage does not say. */
const LEAST_BAR_WIDTH = 8;

interface Payload {
  readonly done?: string;
  readonly total?: string | undefined;
  readonly verb?: string;
}

export class ProgressBar {
  readonly #countTotal: (() => AsyncIterable<number>) | undefined;
  readonly #startedAt = performance.now();
  #bar: Bar | undefined;
  #isLoading = false;
  #isClosed = false;
  /** Bytes that were counted; undefined as long as there is more to count. */
  #total: number | undefined;

  /** @param countTotal finds all files and gives their bytes, bit by bit */
  constructor(countTotal?: () => AsyncIterable<number>) {
    this.#countTotal = countTotal;
  }

  update(progress: Progress): void {
    if (this.#isClosed || performance.now() - this.#startedAt < DELAY) return;
    const bar = this.#bar;
    if (bar === undefined) {
      void this.#load(progress.isTotalKnown);
      return;
    }
    const { phase, bytesRead, bytesWritten, bytesVerified } = progress;
    if (phase === 'verifying') this.#draw(bar, bytesVerified, bytesWritten, 'read back');
    else this.#draw(bar, bytesRead, progress.isTotalKnown ? progress.bytesFound : this.#total, 'read');
  }

  /** Makes room for a line of text; the bar comes again below it. */
  clear(): void {
    if (this.#bar !== undefined) standardError().write('\r\x1b[K');
  }

  close(): void {
    this.#isClosed = true;
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #describe({ progress, eta }: { progress: number; eta: number }, { done, total, verb }: Payload): string[] {
    if (done === undefined) return [];
    const elapsed = formatTime((performance.now() - this.#startedAt) / 1000);
    if (total === undefined) return [`${done} ${verb}`, elapsed];
    const left = Number.isFinite(eta) && eta > 0 ? [`${formatTime(eta)} left`] : [];
    return [`${Math.floor(100 * progress)} %`, `${done} of ${total} ${verb}`, elapsed, ...left];
  }

  /** Without a total, only what was done is shown. */
  #draw(bar: Bar, done: number, total: number | undefined, verb: string): void {
    const isKnown = total !== undefined && total > 0;
    bar.setTotal(isKnown ? Math.max(total, done) : 1);
    bar.update(isKnown ? done : 0, { done: formatBytes(done), total: isKnown ? formatBytes(total) : undefined, verb });
  }

  async #load(isTotalKnown: boolean): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const { default: cliProgress } = await import('cli-progress');
    if (this.#isClosed) return;
    const colour = hasColour();
    this.#bar = new cliProgress.SingleBar({
      format: (_, params, payload: Payload) => {
        const columns = standardError().columns ?? 80;
        const width = payload.total === undefined ? 0 : Math.min(BAR_WIDTH, columns - TEXT_WIDTH);
        const hasBar = width >= LEAST_BAR_WIDTH;
        const text = joinFitting(this.#describe(params, payload), columns - 1 - (hasBar ? width + 1 : 0));
        if (!hasBar) return text;
        const filled = Math.floor(params.progress * width);
        const bar = `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
        return `${colour ? `\x1b[36m${bar}\x1b[39m` : bar} ${text}`;
      },
      stream: standardError(),
      // Signals are for the command to handle, which takes the bar away then.
      gracefulExit: false,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
      // The estimate looks back over as many updates as come in a few seconds.
      etaBuffer: 50,
    });
    this.#bar.start(1, 0);
    if (!isTotalKnown) await this.#count();
  }

  /** A failure here is ignored: the archive meets the same one, and reports it. */
  async #count(): Promise<void> {
    let total = 0;
    try {
      for await (const bytes of this.#countTotal?.() ?? []) {
        if (this.#isClosed) return;
        total += bytes;
      }
      this.#total = total;
    } catch {
      this.#total = undefined;
    }
  }
}

/** As many of the parts, the first ones, as there is room for. */
function joinFitting(parts: readonly string[], columns: number): string {
  let text = '';
  for (const part of parts) {
    const longer = text === '' ? part : `${text}, ${part}`;
    if (longer.length > columns) break;
    text = longer;
  }
  return text;
}

/** `0:07`, `12:34`, `1:02:03`. */
function formatTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':').replace(/^0/, '');
}
