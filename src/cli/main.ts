/** The command: argv in, an exit code out. What it can do, a program can do through the same public functions. */
import { CommanderError } from 'commander';
import { createArchive, PzipError } from '../index.js';
import { parseArguments } from './arguments.js';
import { Report } from './report.js';

export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

/** As shells count: 128 and the signal's number. */
const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

class Interrupted extends Error {
  constructor(readonly signal: keyof typeof EXIT_BY_SIGNAL) {
    super(`interrupted by ${signal}`);
  }
}

export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await run(argv);
  } catch (error) {
    if (error instanceof Interrupted) return EXIT_BY_SIGNAL[error.signal];
    // commander has said what is wrong, or printed the help or the version that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE;
    process.stderr.write(`pzip: ${explain(error)}\n`);
    return error instanceof PzipError && error.code === 'PZIP_USAGE' ? EXIT_USAGE : EXIT_FAILED;
  }
}

async function run(argv: readonly string[]): Promise<number> {
  const command = parseArguments(argv);
  const report = new Report(command);
  const interruption = new AbortController();
  const stopListening = listenForSignals(interruption);
  try {
    const output = command.archive === '-' ? process.stdout : command.archive;
    const result = await createArchive(output, command.inputs, {
      ...command.options,
      signal: interruption.signal,
      onWarning: (warning) => report.warning(warning),
      ...report.listeners(),
    });
    report.done(result);
    return EXIT_DONE;
  } finally {
    report.close();
    stopListening();
  }
}

/** The first signal stops the work in good order; a second one finds the default handlers in place, and ends it at once. */
function listenForSignals(interruption: AbortController): () => void {
  const signals: (keyof typeof EXIT_BY_SIGNAL)[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const stop = (signal: NodeJS.Signals): void => {
    stopListening();
    for (const known of signals) if (known === signal) interruption.abort(new Interrupted(known));
  };
  const stopListening = (): void => {
    for (const signal of signals) process.off(signal, stop);
  };
  for (const signal of signals) process.once(signal, stop);
  return stopListening;
}

function explain(error: unknown): string {
  if (error instanceof PzipError) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') {
    return 'whoever reads the archive went away before its end';
  }
  return error instanceof Error ? error.message : String(error);
}
