/** `pzip build [NAME...]`: the archives that a configuration describes, on one pool of threads and with one limit of memory. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { quote } from '../../common/text.js';
import { createArchive, createPool, type Pool, PzipError, type PzipWarning, preview } from '../../index.js';
import type { CommandLine } from '../arguments.js';
import { type BuildConfig, readConfig } from '../config/read-config.js';
import { printDetails } from '../debug.js';
import { EXIT_DONE, EXIT_FAILED, EXIT_SKIPPED } from '../exit-codes.js';
import { presetLine } from '../presets.js';
import { Report } from '../report.js';
import { Interrupted, SignalWatch } from '../signals.js';
import { sayLargest } from '../size-limits.js';
import { parseSubcommand, printHelp, reportFailure } from '../subcommand.js';
import { BUILD } from '../subcommands.js';
import { errorLine, say } from '../terminal.js';
import { UsageError } from '../usage-error.js';
import { validateArguments } from '../validate-arguments.js';
import { completeOptions, explain, inCommandsWords, reportSizeChanges } from './create.js';
import { printList } from './preview.js';

interface Flags {
  readonly config?: string;
  readonly dryRun?: true;
  readonly verbose?: true;
  readonly quiet?: true;
  readonly threads?: number;
}

/** @returns the exit code */
export async function build(argv: readonly string[]): Promise<number> {
  let watch: SignalWatch | undefined;
  try {
    const parsed = parseSubcommand<Flags>(BUILD, argv);
    if (parsed === undefined) {
      await printHelp(BUILD);
      return EXIT_DONE;
    }
    const { flags, operands } = parsed;
    const config = await readConfig(flags.config);
    const archives = chosen(config, operands, flags);
    process.chdir(config.directory);
    for (const [, command] of archives) validateArguments(command);
    rejectEqualPaths(archives);
    if (flags.dryRun === true) return await listAll(archives);
    watch = new SignalWatch(true);
    await watch.ready;
    return await buildAll(archives, { ...config, threads: flags.threads ?? config.threads }, watch);
  } catch (error) {
    if (watch !== undefined && error instanceof Interrupted) return await watch.die(error.signal);
    return reportFailure(BUILD, error);
  } finally {
    watch?.close();
  }
}

type Named = readonly [string, CommandLine];

/** @throws UsageError for a name that the configuration does not have */
function chosen({ archives }: BuildConfig, names: readonly string[], flags: Flags): Named[] {
  const unknown = names.find((name) => !archives.has(name));
  if (unknown !== undefined) {
    const known = [...archives.keys()].map(quote).join(', ');
    throw new UsageError(`no archive ${quote(unknown)} in the configuration: it has ${known}`);
  }
  const { quiet, verbose, dryRun } = flags;
  const run = { isQuiet: quiet === true, isVerbose: verbose === true, isDryRun: dryRun === true, showsProgress: false };
  return [...archives]
    .filter(([name]) => names.length === 0 || names.includes(name))
    .map(([name, command]) => [name, { ...command, ...run }]);
}

/** Two runs that replace one file would leave the archive of the one that ends last. */
function rejectEqualPaths(archives: readonly Named[]): void {
  const names = new Map<string, string>();
  for (const [name, { archive }] of archives) {
    const path = resolve(archive);
    const other = names.get(path);
    if (other !== undefined) throw new UsageError(`the archives ${quote(other)} and ${quote(name)} have the same path`);
    names.set(path, name);
  }
}

async function listAll(archives: readonly Named[]): Promise<number> {
  let exitCode = EXIT_DONE;
  for (const [name, command] of archives) {
    const report = new Report(command, { label: name });
    say(`${name}: ${command.archive}`);
    const options = await completeOptions(command);
    const list = preview(command.inputs, {
      ...options,
      output: command.archive,
      onWarning: warningsTo(report),
    });
    report.listed(await printList(list, resolve(options.cwd ?? '.')), list);
    if (report.hasSkipped) exitCode = EXIT_SKIPPED;
  }
  return exitCode;
}

/** All are tried, so that one run shows all that is wrong; each is complete or as it was. */
async function buildAll(
  archives: readonly Named[],
  { threads, memory, engine }: Pick<BuildConfig, 'threads' | 'memory' | 'engine'>,
  watch: SignalWatch,
): Promise<number> {
  const pool = createPool({ threads, memory, engine });
  const waiting = [...archives];
  const exitCodes: number[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      exitCodes.push(await buildOne(next, pool, watch));
    }
  };
  try {
    // More at once would only wait for threads, and hold more files open.
    await Promise.all(Array.from({ length: threads ?? availableParallelism() }, work));
  } finally {
    await pool.close();
  }
  return exitCodes.includes(EXIT_FAILED) ? EXIT_FAILED : Math.max(EXIT_DONE, ...exitCodes);
}

async function buildOne([name, command]: Named, pool: Pool, watch: SignalWatch): Promise<number> {
  const report = new Report(command, { label: name });
  try {
    if (command.preset !== undefined) report.notice(presetLine(command.preset));
    const options = await completeOptions(command);
    const result = await createArchive(command.archive, command.inputs, {
      ...options,
      ...report.listeners(),
      pool,
      signal: watch.signal,
      onWarning: warningsTo(report),
    });
    report.done(result);
    await reportSizeChanges(command, result);
    return report.hasSkipped ? EXIT_SKIPPED : EXIT_DONE;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    say(errorLine(`${name}: ${explain(error)}`));
    if (error instanceof PzipError) sayLargest(error);
    printDetails(error);
    return EXIT_FAILED;
  } finally {
    report.close();
  }
}

function warningsTo(report: Report): (warning: PzipWarning) => void {
  return (warning) => report.warning({ ...warning, message: inCommandsWords(warning.message) });
}
