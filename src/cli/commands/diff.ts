/** `pzip diff A B`: what differs between archives, directories and manifests. */

import { parseArgs } from 'node:util';
import { InvalidArgumentError } from 'commander';
import { printable } from '../../common/text.js';
import { type DiffEntry, type Difference, type DiffOptions, diffArchives, PzipError } from '../../index.js';
import { sayDetails } from '../debug.js';
import { EXIT_DIFFERENT, EXIT_DONE, EXIT_NOT_COMPARED } from '../exit-codes.js';
import { formatCount } from '../format.js';
import { LineWriter } from '../line-writer.js';
import { toNumberOfComponents, toNumberOfThreads } from '../option-values.js';
import { errorLine, say, warningLine } from '../terminal.js';
import { explainUsage, UsageError } from '../usage-error.js';

const HELP = `Usage: pzip diff [options] <a> <b>

  pzip diff site.zip dist/       an archive against its tree
  pzip diff old.zip new.zip      two archives
  pzip diff site.zip SHA256SUMS  an archive against a manifest

Lists what differs: '+ name' is only in B, '- name' only in A, and
'~ name (what)' differs in content, mode, link target or kind. Each side is a
ZIP archive, a directory or a manifest, as sha256sum writes it or pzip's JSON.

      --times                 compare modification times, too
      --check HOW             content (default), or crc: trust CRC-32 and size
      --modes HOW             a directory's modes: keep (default), keep-special,
                              normalize, a+rX; ignore compares none
  -x, --exclude PATTERN       leave out what matches, as in a .gitignore
      --gitignore             leave out what git ignores in a directory
      --symlinks HOW          a directory's: keep (default), follow, skip, error
  -D, --no-dir-entries        do not compare directories themselves
      --prefix DIR            put DIR before the names of a directory's files
      --strip-components N    remove N components from names in archives
      --threads N             use at most N worker threads
      --json                  one JSON object a line
  -q, --quiet                 print no differences; stop at the first one

Names of a directory are relative to it. If all names on the other side begin
with 'dist/', those of the directory dist/ do, too.

Exit codes: 0 equal, 1 different, 2 not compared: usage error or failure.
`;

/** @returns the exit code, as that of diff(1) */
export async function diff(argv: readonly string[]): Promise<number> {
  const output = new LineWriter(process.stdout);
  try {
    const command = parse(argv);
    if (command === 'help') {
      await output.write(HELP);
      await output.end();
      return EXIT_DONE;
    }
    return await compare(command, output);
  } catch (error) {
    // What a reader such as head(1) has seen enough of is a difference.
    if (output.isClosedByReader(error)) return EXIT_DIFFERENT;
    await output.end().catch(() => {});
    say(errorLine(explain(error)));
    sayDetails(error);
    return EXIT_NOT_COMPARED;
  }
}

interface DiffCommand {
  readonly a: string;
  readonly b: string;
  readonly options: DiffOptions;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
}

const FLAGS = {
  times: { type: 'boolean' },
  check: { type: 'string' },
  modes: { type: 'string' },
  exclude: { type: 'string', short: 'x', multiple: true },
  gitignore: { type: 'boolean' },
  symlinks: { type: 'string' },
  'no-dir-entries': { type: 'boolean', short: 'D' },
  prefix: { type: 'string' },
  'strip-components': { type: 'string' },
  threads: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws UsageError */
function parse(argv: readonly string[]): DiffCommand | 'help' {
  const { values, positionals } = parsed(argv);
  if (values.help) return 'help';
  const [a, b, ...rest] = positionals;
  if (a === undefined || b === undefined || rest.length > 0) {
    throw new UsageError(
      'pzip diff compares two: archives, directories or manifests, such as pzip diff site.zip dist/',
    );
  }
  const { 'strip-components': components, threads } = values;
  const options: DiffOptions = {
    times: values.times,
    check: oneOf('--check', values.check, ['content', 'crc']),
    modes: oneOf('--modes', values.modes, ['keep', 'keep-special', 'normalize', 'a+rX', 'ignore']),
    exclude: values.exclude,
    gitignore: values.gitignore,
    symlinks: oneOf('--symlinks', values.symlinks, ['keep', 'follow', 'skip', 'error']),
    directoryEntries: values['no-dir-entries'] ? false : undefined,
    prefix: values.prefix,
    stripComponents:
      components === undefined ? undefined : number('--strip-components', components, toNumberOfComponents),
    threads: threads === undefined ? undefined : number('--threads', threads, toNumberOfThreads),
  };
  return { a, b, options, isJson: values.json === true, isQuiet: values.quiet === true };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const flag = /^Unknown option '([^']*)'/.exec(message)?.[1];
    throw new UsageError(flag === undefined ? `pzip diff: ${message}` : `unknown option '${flag}' of pzip diff`);
  }
}

function oneOf<const T extends string>(flag: string, value: string | undefined, choices: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  for (const choice of choices) if (choice === value) return choice;
  throw new UsageError(`${flag} is one of ${choices.join(', ')}, and not '${value}'`);
}

function number(flag: string, value: string, parseValue: (value: string) => number): number {
  try {
    return parseValue(value);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`${flag} '${value}' is invalid: ${error.message}`);
  }
}

interface Totals {
  added: number;
  removed: number;
  changed: number;
  failed: number;
}

async function compare({ a, b, options, isJson, isQuiet }: DiffCommand, output: LineWriter): Promise<number> {
  const totals: Totals = { added: 0, removed: 0, changed: 0, failed: 0 };
  const result = diffArchives(a, b, { ...options, onWarning: ({ message }) => say(warningLine(message)) });
  if (isJson && !isQuiet) await output.write(`${JSON.stringify({ a, b })}\n`);
  for await (const difference of result) {
    totals[difference.change]++;
    const { error } = difference;
    if (error !== undefined) say(errorLine(error.message));
    if (isQuiet && error === undefined) break;
    if (isQuiet || (error !== undefined && !isJson)) continue;
    await output.write(`${isJson ? JSON.stringify(toJson(difference)) : line(difference)}\n`);
  }
  const { equalCount } = result;
  if (isJson && !isQuiet) await output.write(`${JSON.stringify({ totals: { ...totals, equal: equalCount } })}\n`);
  await output.end();
  if (!isQuiet) say(closingLine(totals, equalCount));
  if (totals.failed > 0) return EXIT_NOT_COMPARED;
  return totals.added + totals.removed + totals.changed > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

function line({ change, name, aspects, a, b }: Difference): string {
  if (change === 'failed') return '';
  const what = aspects.map((aspect) => {
    if (aspect === 'mode') return `mode ${octal(a)} → ${octal(b)}`;
    if (aspect === 'kind') return `${a?.kind} → ${b?.kind}`;
    return aspect === 'mtime' ? `mtime ${time(a)} → ${time(b)}` : aspect;
  });
  return `${SIGNS[change]} ${printable(name)}${what.length > 0 ? ` (${what.join(', ')})` : ''}`;
}

function toJson({ change, name, aspects, a, b, error }: Difference): object {
  const failure = error === undefined ? undefined : { code: error.code, message: error.message };
  const differs = aspects.length > 0 ? aspects : undefined;
  return { change, name, differs, a: entryToJson(a), b: entryToJson(b), error: failure };
}

function entryToJson(entry: DiffEntry | undefined): object | undefined {
  if (entry === undefined) return undefined;
  const { kind, size, mode } = entry;
  return { kind, size, mode: mode === undefined ? undefined : octal(entry), mtime: time(entry) };
}

function octal(entry: DiffEntry | undefined): string {
  return `0${(entry?.mode ?? 0).toString(8).padStart(3, '0')}`;
}

/** To the second. Undefined for a date that is none, such as month 0. */
function time(entry: DiffEntry | undefined): string | undefined {
  const mtime = entry?.mtime;
  if (mtime === undefined || Number.isNaN(mtime.getTime())) return undefined;
  return mtime.toISOString().replace(/\.\d+/, '');
}

function closingLine(totals: Totals, equalCount: number): string {
  const equal = `${formatCount(equalCount, 'entry', 'entries')} equal`;
  const counts = Object.entries(totals).filter(([, count]) => count > 0);
  return [equal, ...counts.map(([change, count]) => `${count} ${change === 'failed' ? 'not compared' : change}`)].join(
    ', ',
  );
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return explainUsage(error);
  return error instanceof PzipError || error instanceof Error ? error.message : String(error);
}
