/** One archive, or the list of what would go into it, from the command line to the exit code. */
import { fstatSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type ArchiveEntry,
  type CreateArchiveOptions,
  createArchive,
  type PreviewedEntry,
  PzipError,
  type PzipErrorCode,
  type PzipWarning,
  previewArchive,
} from '../index.js';
import type { CommandLine } from './arguments.js';
import { EXIT_BY_SIGNAL, EXIT_DONE, EXIT_FAILED, EXIT_SKIPPED, EXIT_USAGE, type StoppingSignal } from './exit-codes.js';
import { refuseMistakes } from './mistakes.js';
import { Report } from './report.js';
import { type Dates, datesOfArchive } from './source-date-epoch.js';
import { errorLine, say, standardOutput } from './terminal.js';
import { explainUsage, UsageError } from './usage-error.js';

/** @returns the exit code */
export async function run(command: CommandLine): Promise<number> {
  try {
    return await archiveOrList(command);
  } catch (error) {
    if (error instanceof Interrupted) {
      say(errorLine('interrupted: there is no new archive'));
      return EXIT_BY_SIGNAL[error.signal];
    }
    say(errorLine(explain(error)));
    return isUsage(error) ? EXIT_USAGE : EXIT_FAILED;
  }
}

class Interrupted extends Error {
  constructor(readonly signal: StoppingSignal) {
    super(`interrupted by ${signal}`);
  }
}

async function archiveOrList(command: CommandLine): Promise<number> {
  const dates = datesOfArchive(command.options.reproducible === true);
  const notice = refuseMistakes(command);
  const options = { ...dates, ...command.options, ...(await moreInputs(command, dates)) };
  const interruption = new AbortController();
  const stopListening = listenForSignals(interruption);
  const output = command.archive === '-' ? standardOutput() : command.archive;
  const report = new Report(command, () => countBytes(previewArchive(output, command.inputs, options)));
  try {
    if (notice !== undefined) report.notice(notice);
    const told = {
      ...options,
      signal: interruption.signal,
      onWarning: (warning: PzipWarning) => report.warning({ ...warning, message: inCommandsWords(warning.message) }),
    };
    if (command.isDryRun) {
      const { printList } = await import('./dry-run.js');
      const counts = { ignored: 0, skipped: 0 };
      const preview = previewArchive(output, command.inputs, told, counts);
      report.listed(await printList(preview, resolve(command.options.cwd ?? '.')), counts);
    } else {
      report.done(await createArchive(output, command.inputs, { ...told, ...report.listeners() }));
    }
    return report.hasSkipped ? EXIT_SKIPPED : EXIT_DONE;
  } finally {
    report.close();
    stopListening();
    // Whatever happened, a standard input that nobody closes must not keep the process.
    if (command.stdinName !== undefined) process.stdin.destroy();
  }
}

type MoreInputs = Pick<CreateArchiveOptions, 'filesFrom' | 'entries' | 'entriesAsInputs'>;

/** What the selection is to be made from, besides the inputs: the names of a list, and standard input. */
async function moreInputs(command: CommandLine, dates: Dates): Promise<MoreInputs> {
  const { filesFrom, isNullSeparated, stdinName, stdinSize } = command;
  const entries =
    stdinName === undefined ? {} : { entries: [standardInput(stdinName, stdinSize, dates)], entriesAsInputs: true };
  if (filesFrom === undefined) return entries;
  const { readList } = await import('./read-list.js');
  return { ...entries, filesFrom: await readList(filesFrom, isNullSeparated) };
}

/** Dated like a file that was made just now, which the same dates apply to. */
function standardInput(name: string, size: number | undefined, dates: Dates): ArchiveEntry {
  const { lastModified, latestModified = new Date() } = dates;
  const now = Math.min(Date.now(), latestModified.getTime());
  return {
    name,
    stream: () => process.stdin,
    sizeHint: size ?? sizeOfRedirectedFile(),
    lastModified: lastModified ?? new Date(now),
  };
}

/** Bytes of the file that standard input comes from; 0 where it is none. It may have been read in part, or grow. */
function sizeOfRedirectedFile(): number {
  const stats = fstatSync(STANDARD_INPUT);
  return stats.isFile() ? stats.size : 0;
}

const STANDARD_INPUT = 0;

async function* countBytes(preview: AsyncIterable<PreviewedEntry[]>): AsyncGenerator<number> {
  for await (const entries of preview) {
    let bytes = 0;
    for (const { size = 0 } of entries) bytes += size;
    yield bytes;
  }
}

const SIGNALS: readonly StoppingSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The first signal stops the work in good order; a second one finds the default handlers in place, and ends it at once. */
function listenForSignals(interruption: AbortController): () => void {
  const stop = (signal: NodeJS.Signals): void => {
    stopListening();
    for (const known of SIGNALS) if (known === signal) interruption.abort(new Interrupted(known));
  };
  const stopListening = (): void => {
    for (const signal of SIGNALS) process.off(signal, stop);
  };
  for (const signal of SIGNALS) process.once(signal, stop);
  return stopListening;
}

/** Errors of options are told by the library as well as here. */
const USAGE_CODES: readonly PzipErrorCode[] = ['PZIP_USAGE', 'PZIP_COMMENT_INVALID'];

function isUsage(error: unknown): boolean {
  return error instanceof UsageError || (error instanceof PzipError && USAGE_CODES.includes(error.code));
}

/** The library names its options as a program gives them. */
function inCommandsWords(message: string): string {
  return message.replaceAll("`engine: 'zlib'`", '--engine zlib');
}

/** What a stream says of its own errors is meant for programmers; an archive in a file explains itself. */
const STREAM_FAILURES = new Map([
  ['EPIPE', 'whoever reads the archive went away before its end'],
  ['ENOSPC', 'the archive cannot be written: the disk is full; free some space or write it somewhere else'],
]);

function explain(error: unknown): string {
  if (error instanceof UsageError) return explainUsage(error);
  if (error instanceof PzipError) return inCommandsWords(error.message);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return STREAM_FAILURES.get(code) ?? (error instanceof Error ? error.message : String(error));
}
