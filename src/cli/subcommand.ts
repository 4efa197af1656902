/** What `pzip list`, `pzip merge` and the like have in common: their options, their help, and their errors. */
import { Command, CommanderError, Option } from 'commander';
import { PzipError } from '../index.js';
import { printDetails } from './debug.js';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.js';
import { LineWriter } from './line-writer.js';
import { isClosedByReader, isOutputFailure, outputFailure } from './output-error.js';
import { inWordsOfLimits, sayLargest } from './size-limits.js';
import { errorLine, say } from './terminal.js';
import { explainUsage, oneLine, UsageError } from './usage-error.js';

export interface SubcommandOption {
  /** As commander takes them, such as `-c, --comment <TEXT>`. */
  readonly flags: string;
  /** One line. */
  readonly about: string;
  readonly choices?: readonly string[];
  /** May be given again; the values are kept in order. */
  readonly repeats?: boolean;
  /** @throws InvalidArgumentError saying what a value looks like */
  readonly parse?: (value: string) => unknown;
}

export interface Subcommand {
  readonly name: string;
  /** What follows the name, such as `[options] <archive>...`. */
  readonly usage: string;
  /** A few words, for the list of commands. */
  readonly summary: string;
  /** Lines of at most 80 characters. */
  readonly about: string;
  readonly options: readonly SubcommandOption[];
  /** What follows the options in the help. */
  readonly notes?: string;
}

export interface ParsedSubcommand<Flags> {
  readonly flags: Flags;
  readonly operands: readonly string[];
}

/**
 * @param argv what follows the name
 * @returns undefined where help is asked for
 * @throws UsageError
 */
export function parseSubcommand<Flags extends object>(
  { name, options }: Subcommand,
  argv: readonly string[],
): ParsedSubcommand<Flags> | undefined {
  const program = new Command(name)
    .argument('[operands...]')
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  program.addOption(new Option('-h, --help'));
  for (const option of options) program.addOption(toOption(option));
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const message = oneLine(error.message);
    throw new UsageError(/^unknown option '[^']*'$/.test(message) ? `${message} of pzip ${name}` : message);
  }
  const flags = program.opts<Flags & { readonly help?: true }>();
  return flags.help ? undefined : { flags, operands: program.args };
}

function toOption({ flags, choices, repeats, parse = (value): unknown => value }: SubcommandOption): Option {
  const option = new Option(flags);
  if (choices) return option.choices(choices);
  if (repeats) return option.argParser((value, previous: unknown[] = []) => [...previous, parse(value)]);
  return flags.includes('<') ? option.argParser(parse) : option;
}

export function subcommandHelp({ name, usage, about, options, notes }: Subcommand): string {
  const width = Math.max(...options.map(({ flags }) => indented(flags).length)) + 2;
  const lines = options.map((option) => `  ${indented(option.flags).padEnd(width)}${option.about}`);
  const end = notes === undefined ? '' : `\n${notes}\n`;
  return `Usage: pzip ${name} ${usage}\n\n${about}\n\n${lines.join('\n')}\n${end}`;
}

/** Long options line up, whether they have a short form or not. */
function indented(flags: string): string {
  const plain = flags.replace(/[<>]/g, '');
  return plain.startsWith('--') ? `    ${plain}` : plain;
}

/** The exit codes that differ from command to command. */
export interface ListingExits {
  /** For a reader such as head(1), which closes the pipe when it has seen enough. */
  readonly closedByReader: number;
  /** @default as reportFailure() decides */
  readonly failure?: number;
}

/**
 * Runs a command that prints lines on standard output.
 *
 * @returns the exit code
 */
export async function runListing<Flags extends object>(
  command: Subcommand,
  argv: readonly string[],
  exits: ListingExits,
  run: (parsed: ParsedSubcommand<Flags>, output: LineWriter) => Promise<number>,
): Promise<number> {
  const output = new LineWriter(process.stdout);
  try {
    const parsed = parseSubcommand<Flags>(command, argv);
    if (parsed === undefined) await output.write(subcommandHelp(command));
    const exitCode = parsed === undefined ? EXIT_DONE : await run(parsed, output);
    await output.end();
    return exitCode;
  } catch (error) {
    if (output.isClosedByReader(error)) return exits.closedByReader;
    await output.end().catch(() => {});
    const exitCode = reportFailure(command, error);
    return exits.failure ?? exitCode;
  }
}

/** Prints the help of a command on standard output. */
export async function printHelp(command: Subcommand): Promise<void> {
  const output = new LineWriter(process.stdout);
  try {
    await output.write(subcommandHelp(command));
    await output.end();
  } catch (error) {
    if (!output.isClosedByReader(error)) throw error;
  }
}

/** Prints an error. @returns the exit code */
export function reportFailure({ name }: Subcommand, error: unknown): number {
  say(errorLine(explain(error, name)));
  if (error instanceof PzipError) sayLargest(error);
  printDetails(error);
  const isUsage =
    error instanceof UsageError ||
    (error instanceof PzipError && (error.code === 'PZIP_USAGE' || error.code === 'PZIP_COMMENT_INVALID'));
  return isUsage ? EXIT_USAGE : EXIT_FAILED;
}

function explain(error: unknown, name: string): string {
  if (error instanceof UsageError) return explainUsage(error, name);
  if (error instanceof PzipError)
    return inWordsOfLimits(error.message).replace(
      "set `onDuplicate` to 'first' or 'last'",
      'use --on-duplicate first or last',
    );
  if (isClosedByReader(error)) return 'the reader closed the pipe before the end of the archive';
  if (isOutputFailure(error)) return outputFailure('the archive', error);
  return error instanceof Error ? error.message : String(error);
}
