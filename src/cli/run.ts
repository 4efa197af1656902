/** One archive, or the list of what would go into it, from the command line to the exit code. */
import { createArchive, previewArchive, PzipError, type PzipErrorCode } from '../index.js';
import { type CommandLine, parseArguments, type Request } from './arguments.js';
import {
  EXIT_BY_SIGNAL,
  EXIT_DONE,
  EXIT_FAILED,
  EXIT_SKIPPED,
  EXIT_USAGE,
  type StoppingSignal,
} from './exit-codes.js';
import { refuseMistakes } from './mistakes.js';
import { Report } from './report.js';
import { datesFromEnvironment } from './source-date-epoch.js';
import { errorLine, say } from './terminal.js';
import { UsageError } from './usage-error.js';

/** @returns the exit code, or what was asked for instead of an archive */
export async function run(argv: readonly string[]): Promise<number | Request> {
  try {
    const command = parseArguments(argv);
    return typeof command === 'string' ? command : await archiveOrList(command);
  } catch (error) {
    if (error instanceof Interrupted) return EXIT_BY_SIGNAL[error.signal];
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
  const inputs = await allInputs(command);
  const notice = refuseMistakes(command);
  const options = { ...datesFromEnvironment(command.options.reproducible === true), ...command.options, ...inputs };
  const interruption = new AbortController();
  const stopListening = listenForSignals(interruption);
  const output = command.archive === '-' ? process.stdout : command.archive;
  const report = new Report(command, () => countBytes(previewArchive(output, command.inputs, options)));
  try {
    if (notice !== undefined) report.notice(notice);
    const told = {
      ...options,
      signal: interruption.signal,
      onWarning: (warning: Parameters<Report['warning']>[0]) => report.warning(warning),
    };
    if (command.isDryRun) {
      const { printList } = await import('./dry-run.js');
      await printList(previewArchive(output, command.inputs, told), report);
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
