/** `pzip plan -o PLAN INPUTS...`: the list of an archive, for machines that create parts of it. */
import { createPlan, type PzipWarning } from '../../index.js';
import { parseArguments } from '../arguments.js';
import { EXIT_DONE } from '../exit-codes.js';
import { formatBytes, formatCount } from '../format.js';
import { Interrupted, SignalWatch } from '../signals.js';
import { printHelp, reportFailure } from '../subcommand.js';
import { PLAN } from '../subcommands.js';
import { say, warningLine } from '../terminal.js';
import { UsageError } from '../usage-error.js';
import { completeOptions } from './create.js';

/** @returns the exit code */
export async function plan(argv: readonly string[]): Promise<number> {
  let watch: SignalWatch | undefined;
  try {
    const { output, others } = withoutOutput(argv);
    // The options are those of the command that creates an archive, whose first operand is the archive.
    const command = parseArguments([output ?? 'plan', ...others]);
    if (typeof command === 'string') {
      await printHelp(PLAN);
      return EXIT_DONE;
    }
    if (output === undefined) throw new UsageError('name the plan to write: pzip plan -o plan.json dist/');
    watch = new SignalWatch(false);
    await watch.ready;
    const { isQuiet, inputs } = command;
    const options = await completeOptions(command);
    const { entryCount, contentSize } = await createPlan(output, inputs, {
      ...options,
      signal: watch.signal,
      onWarning: ({ message }: PzipWarning) => {
        if (!isQuiet) say(warningLine(message));
      },
    });
    if (!isQuiet) say(`${formatCount(entryCount, 'entry', 'entries')} planned, ${formatBytes(contentSize)}`);
    return EXIT_DONE;
  } catch (error) {
    if (watch !== undefined && error instanceof Interrupted) return await watch.die(error.signal);
    return reportFailure(PLAN, error);
  } finally {
    watch?.close();
  }
}

function withoutOutput(argv: readonly string[]): { output: string | undefined; others: readonly string[] } {
  const at = argv.findIndex((argument) => argument === '-o' || argument === '--output');
  if (at >= 0) return { output: argv[at + 1], others: [...argv.slice(0, at), ...argv.slice(at + 2)] };
  const joined = argv.find((argument) => argument.startsWith('--output='));
  return { output: joined?.slice('--output='.length), others: argv.filter((argument) => argument !== joined) };
}
