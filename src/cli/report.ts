/** What the command says, all of it on standard error: warnings, a line an entry, a bar on a terminal, the closing line. */
import type { ArchiveResult, Progress, PzipWarning, WrittenEntry } from '../index.js';
import type { CommandLine } from './arguments.js';
import { formatBytes, formatCount, formatRatio } from './format.js';
import { ProgressBar } from './progress-bar.js';

export class Report {
  readonly #command: CommandLine;
  readonly #startedAt = performance.now();
  readonly #bar: ProgressBar | undefined;

  constructor(command: CommandLine) {
    this.#command = command;
    const showsBar = process.stderr.isTTY && !command.isQuiet && !command.isVerbose;
    this.#bar = showsBar ? new ProgressBar() : undefined;
  }

  /** What the archive is to tell as it goes; nothing that is not shown. */
  listeners(): { onProgress?: (progress: Progress) => void; onEntry?: (entry: WrittenEntry) => void } {
    const bar = this.#bar;
    return {
      ...(bar === undefined ? {} : { onProgress: (progress) => bar.update(progress) }),
      ...(this.#command.isVerbose ? { onEntry: (entry) => this.#entry(entry) } : {}),
    };
  }

  warning({ message }: PzipWarning): void {
    if (!this.#command.isQuiet) this.#line(`pzip: ${message}`);
  }

  done(result: ArchiveResult): void {
    this.#bar?.close();
    if (this.#command.isQuiet) return;
    const { entries, bytesRead, bytesWritten, threads } = result;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const parts = [
      formatCount(entries, 'entry', 'entries'),
      `${formatBytes(bytesRead)} → ${formatBytes(bytesWritten)} (${formatRatio(bytesWritten, bytesRead)})`,
      `${seconds.toFixed(2)} s`,
      `${(bytesRead / 1e6 / seconds).toFixed(0)} MB/s`,
      formatCount(Math.max(threads, 1), 'thread', 'threads'),
    ];
    this.#line(parts.join(', '));
  }

  /** Takes the bar off the terminal, however things went. */
  close(): void {
    this.#bar?.close();
  }

  #entry({ name, method, compressedSize, uncompressedSize }: WrittenEntry): void {
    const sizes = name.endsWith('/')
      ? ''
      : `  ${method} ${formatBytes(uncompressedSize)} → ${formatBytes(compressedSize)} (${formatRatio(compressedSize, uncompressedSize)})`;
    this.#line(`${name}${sizes}`);
  }

  #line(text: string): void {
    this.#bar?.clear();
    process.stderr.write(`${printable(text)}\n`);
  }
}

/** A file's name must not move the cursor or change the terminal's colours. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}]/gu, (character) => JSON.stringify(character).slice(1, -1));
}
