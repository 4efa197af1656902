/** What the command says, all of it on standard error: warnings, a line an entry, progress, the closing line. */

import { printable } from '../common/text.js';
import type { ArchiveResult, Preview, Progress, PzipWarning, WrittenEntry } from '../index.js';
import type { CommandLine } from './arguments.js';
import type { ListTotals } from './commands/preview.js';
import { formatBytes, formatCount, formatRatio } from './format.js';
import { Heartbeat } from './heartbeat.js';
import { ProgressBar } from './progress-bar.js';
import { isTerminal, say, warningLine } from './terminal.js';

export interface ReportOptions {
  /** See ProgressBar. */
  readonly countTotal?: () => AsyncIterable<number>;
  /** Which of several archives each line is about. */
  readonly label?: string;
}

export class Report {
  readonly #command: CommandLine;
  readonly #label: string;
  readonly #startedAt = performance.now();
  readonly #bar: ProgressBar | undefined;
  readonly #heartbeat: Heartbeat | undefined;
  #skippedSources = 0;

  constructor(command: CommandLine, { countTotal, label }: ReportOptions = {}) {
    this.#command = command;
    this.#label = label === undefined ? '' : `${printable(label)}: `;
    const { isQuiet, isVerbose, isDryRun, showsProgress } = command;
    const isSilent = isQuiet || isVerbose || isDryRun || !showsProgress;
    if (isSilent) return;
    if (isTerminal()) this.#bar = new ProgressBar(countTotal);
    else this.#heartbeat = new Heartbeat();
  }

  /** Whether files were skipped, which the exit code reports. */
  get hasSkipped(): boolean {
    return this.#skippedSources > 0;
  }

  /** The listeners that the output needs, and no others. */
  listeners(): { onProgress?: (progress: Progress) => void; onEntry?: (entry: WrittenEntry) => void } {
    const shown = this.#bar ?? this.#heartbeat;
    return {
      ...(shown === undefined ? {} : { onProgress: (progress) => shown.update(progress) }),
      ...(this.#command.isVerbose ? { onEntry: (entry) => this.#line(entryLine(entry)) } : {}),
    };
  }

  /** A file that was left out is named under --quiet too: the exit code alone would not say which. */
  warning({ code, message }: PzipWarning): void {
    const isSkipped = code === 'PZIP_SOURCE_SKIPPED';
    if (isSkipped) this.#skippedSources++;
    if (isSkipped || !this.#command.isQuiet) this.#say(warningLine(`${this.#label}${message}`));
  }

  notice(message: string): void {
    if (!this.#command.isQuiet) this.#say(warningLine(`${this.#label}${message}`));
  }

  /** The closing line of a list. */
  listed({ entries, bytes }: ListTotals, { ignoredCount, skippedCount }: Preview): void {
    if (this.#command.isQuiet) return;
    const parts = [
      formatCount(entries, 'entry', 'entries'),
      ...counted(ignoredCount, 'ignored'),
      ...counted(skippedCount, 'skipped'),
      formatBytes(bytes),
      'nothing written',
    ];
    this.#line(parts.join(', '));
  }

  done(result: ArchiveResult): void {
    this.close();
    if (this.#command.isQuiet) return;
    const { entryCount, storedCount, ignoredCount, skippedCount, bytesRead, bytesWritten, threads, engine } = result;
    const { reuse, verify } = this.#command.options;
    const all = formatCount(entryCount, 'entry', 'entries');
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const stored = storedCount === 0 ? '' : ` (${formatCount(storedCount, 'stored', 'stored')})`;
    const parts = [
      `${all}${stored}`,
      ...(reuse === undefined ? [] : [`${formatCount(result.reusedCount, 'file', 'files')} reused`]),
      ...counted(ignoredCount, 'ignored'),
      ...counted(skippedCount, 'skipped'),
      `${formatBytes(bytesRead)} → ${formatBytes(bytesWritten)} (${formatRatio(bytesWritten, bytesRead)})`,
      `${seconds.toFixed(2)} s`,
      `${(bytesRead / 1e6 / seconds).toFixed(0)} MB/s`,
      formatCount(Math.max(threads, 1), 'thread', 'threads'),
      ...(this.#command.isVerbose ? [`deflate engine: ${engine}`] : []),
      ...(this.#command.isVerbose && result.contentId !== undefined ? [`content id: ${result.contentId}`] : []),
      ...(verify === true ? ['read back'] : []),
      ...(result.isChanged ? [] : ['unchanged']),
      ...(result.sha256 === undefined ? [] : [`sha256 ${result.sha256}`]),
    ];
    this.#line(parts.join(', '));
  }

  /** Takes the bar off the terminal, however things went. */
  close(): void {
    this.#bar?.close();
    this.#heartbeat?.close();
  }

  #line(text: string): void {
    this.#say(`${this.#label}${text}`);
  }

  #say(line: string): void {
    this.#bar?.clear();
    say(line);
  }
}

function counted(count: number, what: string): string[] {
  return count === 0 ? [] : [formatCount(count, what, what)];
}

/** Columns that line up below a terabyte; the name, of any length, comes last. */
function entryLine({ name, method, compressedSize, uncompressedSize }: WrittenEntry): string {
  if (name.endsWith('/')) return `${' '.repeat(40)}${printable(name)}`;
  const sizes = `${formatBytes(uncompressedSize).padStart(9)} → ${formatBytes(compressedSize).padStart(9)}`;
  return `${String(method).padEnd(8)}${sizes} ${formatRatio(compressedSize, uncompressedSize).padStart(8)}  ${printable(name)}`;
}
