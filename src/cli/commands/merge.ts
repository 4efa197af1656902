/** `pzip merge OUT ARCHIVE...`: concatenates the entries of archives without recompressing. */
import { type MergeOptions, mergeArchives, mergeRanges, type PzipWarning } from '../../index.js';
import { EXIT_DONE } from '../exit-codes.js';
import { formatBytes, formatCount } from '../format.js';
import { LineWriter } from '../line-writer.js';
import { Interrupted, SignalWatch } from '../signals.js';
import { standardOutput } from '../standard-streams.js';
import { parseSubcommand, printHelp, reportFailure } from '../subcommand.js';
import { MERGE } from '../subcommands.js';
import { say, warningLine } from '../terminal.js';
import { UsageError } from '../usage-error.js';

interface Flags {
  readonly onDuplicate?: NonNullable<MergeOptions['onDuplicate']>;
  readonly comment?: string;
  readonly test?: true;
  readonly clobber: boolean;
  readonly maxSize?: number;
  readonly maxUnpacked?: number;
  readonly quiet?: true;
  readonly ranges?: true;
  readonly tail?: string;
  readonly minRange?: number;
}

/** @returns the exit code */
export async function merge(argv: readonly string[]): Promise<number> {
  let watch: SignalWatch | undefined;
  try {
    const command = parseSubcommand<Flags>(MERGE, argv);
    if (command === undefined) {
      await printHelp(MERGE);
      return EXIT_DONE;
    }
    if (command.flags.ranges || command.flags.tail !== undefined || command.flags.minRange !== undefined) {
      return await printRanges(command.operands, command.flags);
    }
    const [output, ...inputs] = command.operands;
    if (output === undefined || inputs.length === 0) {
      throw new UsageError('no archives given: pzip merge out.zip a.zip b.zip');
    }
    watch = new SignalWatch(false);
    await watch.ready;
    await mergeInto(output, inputs, command.flags, watch.signal);
    return EXIT_DONE;
  } catch (error) {
    if (watch !== undefined && error instanceof Interrupted) return await watch.die(error.signal);
    return reportFailure(MERGE, error);
  } finally {
    watch?.close();
  }
}

/** @returns the exit code */
async function printRanges(parts: readonly string[], { ranges, tail, minRange, ...others }: Flags): Promise<number> {
  if (!ranges || tail === undefined) {
    throw new UsageError('ranges take both options: pzip merge --ranges --tail tail.bin part-*.zip');
  }
  if (others.comment !== undefined || others.onDuplicate !== undefined || others.test || !others.clobber) {
    throw new UsageError('--ranges creates no archive: -c, -T, --on-duplicate and --no-clobber have no effect');
  }
  if (parts.length === 0) throw new UsageError('name the parts: pzip merge --ranges --tail tail.bin part-*.zip');
  const merged = await mergeRanges(tail, parts, { minRange });
  const output = new LineWriter(process.stdout);
  await output.write(`${JSON.stringify({ format: 'pzip-ranges', version: 1, ...merged }, null, 1)}\n`);
  await output.end();
  return EXIT_DONE;
}

async function mergeInto(
  output: string,
  inputs: readonly string[],
  { onDuplicate, comment, test, clobber, maxSize, maxUnpacked, quiet }: Flags,
  signal: AbortSignal,
): Promise<void> {
  if (output === '-' && process.stdout.isTTY) {
    throw new UsageError('refusing to write an archive to a terminal: name a file, or redirect the output');
  }
  if (output === '-' && test) {
    throw new UsageError('-T cannot be used when writing to stdout');
  }
  const started = performance.now();
  const { entryCount, bytesWritten } = await mergeArchives(output === '-' ? standardOutput() : output, inputs, {
    onDuplicate,
    comment,
    verify: test,
    overwrite: clobber ? undefined : false,
    maxSize,
    maxUnpacked,
    signal,
    onWarning: ({ message }: PzipWarning) => {
      if (!quiet) say(warningLine(message));
    },
  });
  if (quiet) return;
  const counts = `${formatCount(entryCount, 'entry', 'entries')} of ${formatCount(inputs.length, 'archive', 'archives')}`;
  say(`${counts}, ${formatBytes(bytesWritten)}, ${((performance.now() - started) / 1000).toFixed(2)} s`);
}
