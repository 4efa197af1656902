/** The command line, as data: what commander makes of it, checked as far as it can be without looking at files. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type CompressionLevel, type CreateArchiveOptions, PzipError } from '../index.js';

export interface CommandLine {
  /** A path, or `-` for standard output. */
  readonly archive: string;
  readonly inputs: readonly string[];
  readonly options: CreateArchiveOptions;
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
}

interface Flags {
  readonly level?: CompressionLevel;
  readonly threads?: number;
  readonly memory?: number;
  readonly cwd?: string;
  readonly exclude?: string[];
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/**
 * @param argv what follows the command's own name
 * @throws CommanderError after printing what is wrong, or the help; PzipError PZIP_USAGE
 */
export function parseArguments(argv: readonly string[]): CommandLine {
  const program = makeProgram();
  program.parse(argv, { from: 'user' });
  const [archive = '', ...inputs] = program.args;
  const { level, threads, memory, cwd, exclude, quiet, verbose } = program.opts<Flags>();
  if (archive === '-' && process.stdout.isTTY) {
    throw new PzipError('PZIP_USAGE', 'An archive is not written to a terminal: name a file, or pipe it somewhere');
  }
  return {
    archive,
    inputs,
    options: {
      ...(level === undefined ? {} : { level }),
      ...(threads === undefined ? {} : { threads }),
      ...(memory === undefined ? {} : { memory }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(exclude === undefined ? {} : { exclude }),
    },
    isQuiet: quiet === true,
    isVerbose: verbose === true,
  };
}

function makeProgram(): Command {
  const program = new Command('pzip')
    .usage('[options] <archive> <inputs...>')
    .description('Makes a ZIP archive, on all cores.')
    .argument('<archive>', 'the archive to make, - for standard output')
    .argument('<inputs...>', 'files, directories with all that is in them, and patterns (!pattern excludes)')
    .helpOption('-h, --help', 'show this help')
    .version(version(), '--version', 'show the version')
    .exitOverride()
    .showHelpAfterError('(pzip --help tells more)')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'pzip: ')) });
  for (const level of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const) program.addOption(levelOption(level));
  return program
    .option('-C, --cwd <dir>', 'take inputs, and the names in the archive, relative to DIR')
    .option('-x, --exclude <pattern>', 'leave out what matches, as a line of .gitignore would; may be repeated', append)
    .option('--threads <n>', 'worker threads at most (default: one for each core)', toNumberOfThreads)
    .option(
      '--memory <size>',
      'bytes to hold at a time, such as 64M or 1G (default: 64M, 8M a thread if more)',
      toBytes,
    )
    .option('-q, --quiet', 'say nothing but errors')
    .option('-v, --verbose', 'print a line for each entry');
}

/** `-0` to `-9` are ten options with one value. Two of them stand in the help for all. */
function levelOption(level: CompressionLevel): Option {
  const description = { 0: 'store only', 1: 'fastest', 6: 'the default', 9: 'smallest' }[level as 0 | 1 | 6 | 9];
  const option = new Option(`-${level}`, description).argParser(() => level);
  option.attributeName = () => 'level';
  return description === undefined ? option.hideHelp() : option;
}

function append(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

function toNumberOfThreads(value: string): number {
  const threads = Number(value);
  if (Number.isInteger(threads) && threads >= 1 && threads <= 1024) return threads;
  throw new InvalidArgumentError('It is a whole number from 1 to 1024.');
}

const UNITS = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;

function toBytes(value: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(value);
  const unit = match?.[2]?.toUpperCase();
  const bytes = unit === undefined ? 0 : Math.floor(Number(match?.[1]) * UNITS[unit as keyof typeof UNITS]);
  if (bytes >= 1) return bytes;
  throw new InvalidArgumentError('It is a number of bytes, or one with K, M or G behind it, such as 64M.');
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return version;
}
