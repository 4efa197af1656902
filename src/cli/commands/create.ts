/** One archive, or the list of what would go into it, from the command line to the exit code. */
import { fstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { usableDirectory } from '../../common/working-directory.js';
import {
  type ArchiveEntry,
  type ArchiveResult,
  type CreateArchiveOptions,
  createArchive,
  type PreviewedEntry,
  PzipError,
  type PzipErrorCode,
  type PzipWarning,
  preview,
} from '../../index.js';
import type { CommandLine } from '../arguments.js';
import type { CiReport } from '../ci/ci-report.js';
import { printDetails } from '../debug.js';
import { EXIT_DONE, EXIT_FAILED, EXIT_SKIPPED, EXIT_USAGE } from '../exit-codes.js';
import { isClosedByReader, isOutputFailure, outputFailure } from '../output-error.js';
import { presetLine } from '../presets.js';
import { Report } from '../report.js';
import { Interrupted, type SignalWatch } from '../signals.js';
import { inWordsOfLimits, sayLargest } from '../size-limits.js';
import { type Dates, datesOfArchive } from '../source-date-epoch.js';
import { standardInput, standardOutput } from '../standard-streams.js';
import { errorLine, say } from '../terminal.js';
import { explainUsage, UsageError } from '../usage-error.js';
import { validateArguments } from '../validate-arguments.js';

/**
 * @param watch ends the work at a signal; left out for a list, which leaves nothing behind
 * @returns the exit code
 */
export async function run(command: CommandLine, watch: SignalWatch | undefined): Promise<number> {
  let ci: CiReport | undefined;
  try {
    ci = await openCiReport(command);
    return await archiveOrList(command, watch, ci);
  } catch (error) {
    if (watch !== undefined && error instanceof Interrupted) return await watch.die(error.signal);
    if (ci?.failed(codeOf(error), explain(error)) !== true) say(errorLine(explain(error)));
    if (error instanceof PzipError) sayLargest(error);
    printDetails(error);
    return isUsage(error, command) ? EXIT_USAGE : EXIT_FAILED;
  }
}

async function archiveOrList(
  command: CommandLine,
  watch: SignalWatch | undefined,
  ci: CiReport | undefined,
): Promise<number> {
  const notice = validateArguments(command);
  const options = await completeOptions(command);
  const output = command.archive !== '-' ? command.archive : command.isDryRun ? process.stdout : standardOutput();
  const countTotal = () => countBytes(preview(command.inputs, { ...options, output }));
  const report = new Report(command, { countTotal });
  if (watch !== undefined) watch.onForced = () => report.close();
  try {
    if (notice !== undefined) report.notice(notice);
    if (command.preset !== undefined) report.notice(presetLine(command.preset));
    const { shard } = options;
    if (command.shardOrigin !== undefined) {
      report.notice(`part ${shard?.index} of ${shard?.count}: ${command.shardOrigin}`);
    }
    await watch?.ready;
    const listened = {
      ...options,
      ...reportsOf(options),
      ...(watch === undefined ? {} : { signal: watch.signal }),
      onWarning: (warning: PzipWarning) => {
        const inWords = { ...warning, message: inCommandsWords(warning.message) };
        report.warning(inWords);
        ci?.onWarning(inWords);
      },
    };
    if (command.isDryRun) {
      const { printList } = await import('./preview.js');
      const list = preview(command.inputs, { ...listened, output });
      report.listed(await printList(list, resolve(options.cwd ?? '.')), list);
    } else {
      const result = await createArchive(output, command.inputs, { ...listened, ...listenersOf(report, ci) });
      report.done(result);
      await reportSizeChanges(command, result);
      ci?.done(result);
    }
    return report.hasSkipped ? EXIT_SKIPPED : EXIT_DONE;
  } finally {
    report.close();
  }
}

export async function reportSizeChanges(
  { options, isQuiet }: CommandLine,
  { sizeChanges }: ArchiveResult,
): Promise<void> {
  if (sizeChanges === undefined || isQuiet) return;
  const { sizeChangeLines } = await import('../size-changes.js');
  for (const line of sizeChangeLines(sizeChanges, String(options.sizeOf))) say(line);
}

/** @returns undefined unless a CI system gets a report; not of a list */
async function openCiReport(command: CommandLine): Promise<CiReport | undefined> {
  const { ci: system, dotenv, options, isDryRun, isVerbose } = command;
  if (system === undefined || isDryRun) return undefined;
  if (isVerbose) say(`pzip: reporting to ${system}`);
  const { CiReport } = await import('../ci/ci-report.js');
  const { json = options.jsonLines } = options;
  const report = typeof json === 'string' && json !== '-' ? resolve(json) : undefined;
  return new CiReport({ system, dotenv, report, environment: process.env, print: say });
}

function listenersOf(report: Report, ci: CiReport | undefined): ReturnType<Report['listeners']> {
  const listeners = report.listeners();
  if (ci === undefined) return listeners;
  return {
    ...listeners,
    onEntry: (entry) => {
      listeners.onEntry?.(entry);
      ci.onEntry(entry);
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof PzipError ? error.code : 'PZIP_FAILED';
}

/** Standard output stands for `-`. */
function reportsOf({ json, jsonLines }: CommandLine['options']): Pick<CreateArchiveOptions, 'json' | 'jsonLines'> {
  return {
    ...(json === '-' ? { json: standardOutput() } : {}),
    ...(jsonLines === '-' ? { jsonLines: standardOutput() } : {}),
  };
}

/** The options of the command line, with dates of the environment, names of a list and standard input. */
export async function completeOptions(command: CommandLine): Promise<CommandLine['options']> {
  // A plan has its own dates.
  const dates = command.options.plan === undefined ? datesOfArchive(command.options.reproducible === true) : {};
  const more = await moreInputs(command, dates);
  const cwd = directoryOf(command, more.filesFrom ?? []);
  return { ...dates, ...command.options, ...(cwd === undefined ? {} : { cwd }), ...more };
}

/** Where inputs start from; a working directory that is gone matters only to paths that start there. */
function directoryOf({ archive, inputs, options }: CommandLine, listed: readonly string[]): string | undefined {
  const archives = archive === '-' ? [] : [archive];
  if (options.cwd === undefined)
    return checkedDirectory([...archives, ...inputs, ...ignoreFilesOf(options), ...listed]);
  checkedDirectory([...archives, options.cwd]);
  return options.cwd;
}

function checkedDirectory(paths: readonly string[]): string | undefined {
  const usable = usableDirectory(undefined, paths);
  if ('problem' in usable) throw new UsageError(usable.problem);
  // What matches patterns asks for it although it does not need it.
  if (usable.cwd !== undefined) process.chdir(usable.cwd);
  return usable.cwd;
}

interface MoreInputs extends Pick<CreateArchiveOptions, 'entries' | 'entriesAsInputs'> {
  readonly filesFrom?: readonly string[];
}

/** What the selection is to be made from, besides the inputs: the names of a list, and standard input. */
async function moreInputs(command: CommandLine, dates: Dates): Promise<MoreInputs> {
  const { filesFrom, isNullSeparated, stdinName, stdinSize } = command;
  const entries =
    stdinName === undefined
      ? {}
      : { entries: [entryOfStandardInput(stdinName, stdinSize, dates)], entriesAsInputs: true };
  if (filesFrom === undefined) return entries;
  const { readList } = await import('../read-list.js');
  return { ...entries, filesFrom: await readList(filesFrom, isNullSeparated) };
}

/** Dated like a file that was made just now, which the same dates apply to. */
function entryOfStandardInput(name: string, size: number | undefined, dates: Dates): ArchiveEntry {
  const { mtime, latestMtime = new Date() } = dates;
  const now = Math.min(Date.now(), latestMtime.getTime());
  const stream = standardInput();
  return {
    name,
    stream: () => stream,
    sizeHint: size ?? sizeOfRedirectedFile(),
    mtime: mtime ?? new Date(now),
  };
}

/** Bytes of the file that standard input is redirected from; 0 for anything else. It may be read in part, or grow. */
function sizeOfRedirectedFile(): number {
  const stats = fstatSync(STANDARD_INPUT);
  return stats.isFile() ? stats.size : 0;
}

const STANDARD_INPUT = 0;

async function* countBytes(entries: AsyncIterable<PreviewedEntry>): AsyncGenerator<number> {
  for await (const { size = 0 } of entries) yield size;
}

/** Usage errors that the library finds. */
const USAGE_CODES: readonly PzipErrorCode[] = ['PZIP_USAGE', 'PZIP_COMMENT_INVALID'];

function isUsage(error: unknown, { options }: CommandLine): boolean {
  if (error instanceof UsageError) return true;
  if (!(error instanceof PzipError)) return false;
  const { code, path } = error;
  // A prefix is the one name that is nothing's yet.
  const isPrefix = code === 'PZIP_NAME_INVALID' && error.path === undefined && error.entryName === undefined;
  const from = options.cwd ?? '.';
  const isIgnoreFile =
    path !== undefined && ignoreFilesOf(options).some((file) => [file, resolve(from, file)].includes(path));
  return USAGE_CODES.includes(code) || isPrefix || isIgnoreFile;
}

function ignoreFilesOf({ ignoreFiles = [] }: CommandLine['options']): readonly string[] {
  return [ignoreFiles].flat().map(String);
}

/** The library names its options as a program gives them. */
export function inCommandsWords(message: string): string {
  return inWordsOfLimits(message)
    .replaceAll("`engine: 'zlib'`", '--engine zlib')
    .replace('names in the archive are relative to `cwd`', 'names are relative to the working directory (-C)')
    .replaceAll('set `onDuplicate`', 'use --on-duplicate')
    .replace(/; exclude or `allow` (it|them)$/, '; exclude or --allow $1')
    .replaceAll('its names are NUL-separated', 'its names are NUL-separated (use -z)');
}

export function explain(error: unknown): string {
  if (error instanceof UsageError) return explainUsage(error);
  if (error instanceof PzipError) return inCommandsWords(error.message);
  if (isClosedByReader(error)) return 'the reader closed the pipe before the end of the archive';
  // An archive in a file explains itself.
  if (isOutputFailure(error)) return outputFailure('the archive', error);
  return error instanceof Error ? error.message : String(error);
}
