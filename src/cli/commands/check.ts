/** `pzip check ARCHIVE...`: whether archives are sound, and which readers break on those that are not. */
import { parseArgs } from 'node:util';
import { printable, quote } from '../../common/text.js';
import { type ArchiveCheck, checkArchive, type Finding, PzipError } from '../../index.js';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from '../exit-codes.js';
import { formatBytes, formatCount } from '../format.js';
import { LineWriter } from '../line-writer.js';
import { errorLine, say } from '../terminal.js';
import { explainUsage, UsageError } from '../usage-error.js';

const HELP = `Usage: pzip check [options] <archive>...

Reads ZIP archives whole, on all cores, and reports what breaks a rule of the
format: damage, ambiguous records, dangerous names, and what some readers refuse.
One line for each finding: archive, offset, severity, entry, what was seen, and
the rule with the readers that break on it. Exit code 1 if there are errors.

  -q, --quiet       print nothing but errors (with --strict, also warnings)
      --strict      exit with 1 on warnings, too
      --json        one JSON object a line: an archive, its findings, its totals
      --threads N   worker threads (default: one for each core)
`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  quiet: { type: 'boolean', short: 'q' },
  strict: { type: 'boolean' },
  json: { type: 'boolean' },
  threads: { type: 'string' },
} as const;

interface CheckCommand {
  readonly archives: readonly string[];
  readonly isQuiet: boolean;
  readonly isStrict: boolean;
  readonly isJson: boolean;
  readonly threads: number | undefined;
}

/** @returns the exit code: 1 if there is an error in an archive, or one cannot be read */
export async function check(argv: readonly string[]): Promise<number> {
  const output = new LineWriter(process.stdout);
  try {
    const command = parse(argv);
    let isSound = true;
    if (command === 'help') await output.write(HELP);
    else for (const path of command.archives) isSound = (await checkOne(path, command, output)) && isSound;
    await output.end();
    return isSound ? EXIT_DONE : EXIT_FAILED;
  } catch (error) {
    // Whoever read the findings has seen enough of them.
    if (output.isClosedByReader(error)) return EXIT_FAILED;
    await output.end().catch(() => {});
    say(errorLine(explain(error)));
    return isUsage(error) ? EXIT_USAGE : EXIT_FAILED;
  }
}

/** @throws UsageError */
function parse(argv: readonly string[]): CheckCommand | 'help' {
  const parsed = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: false, tokens: true });
  const { values, positionals, tokens } = parsed;
  if (values.help === true) return 'help';
  for (const token of tokens) {
    if (token.kind === 'option' && !Object.hasOwn(OPTIONS, token.name)) {
      throw new UsageError(`unknown option '${token.rawName}' of pzip check`);
    }
  }
  if (positionals.length === 0) throw new UsageError('no archive given: pzip check site.zip');
  return {
    archives: positionals,
    isQuiet: values.quiet === true,
    isStrict: values.strict === true,
    isJson: values.json === true,
    threads: threadsOf(values.threads),
  };
}

function threadsOf(value: string | boolean | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^\d{1,4}$/.test(value)) return Number(value);
  throw new UsageError(`--threads takes a number (got ${quote(String(value))})`);
}

/** @returns whether nothing is wrong with it that this command calls an error */
async function checkOne(path: string, command: CheckCommand, output: LineWriter): Promise<boolean> {
  const { isQuiet, isStrict, isJson, threads } = command;
  const found = checkArchive(path, { threads });
  if (isJson && !isQuiet) await output.write(`${JSON.stringify({ archive: path })}\n`);
  try {
    for await (const finding of found) {
      if (isQuiet && !isStrict && finding.severity === 'warning') continue;
      await output.write(`${isJson ? JSON.stringify(factsOf(path, finding)) : line(path, finding)}\n`);
    }
  } catch (error) {
    if (!(error instanceof PzipError) || error.code === 'PZIP_USAGE') throw error;
    // The other archives are checked nevertheless.
    await output.end();
    say(errorLine(error.message));
    return false;
  }
  if (!isQuiet) await output.write(`${isJson ? totals(found) : closingLine(path, found)}\n`);
  return found.errorCount === 0 && (!isStrict || found.warningCount === 0);
}

function factsOf(path: string, { rule, severity, entryName, offset, message, affects }: Finding): object {
  return { archive: path, rule, severity, entryName, offset, message, affects };
}

/** As compilers write their messages. */
function line(path: string, { rule, severity, entryName, offset, message, affects }: Finding): string {
  const entry = entryName === undefined ? '' : ` ${quote(entryName)}:`;
  const readers = affects.map(({ readers, how }) => `${readers} ${how}`).join('; ');
  return `${printable(path)}:${offset}: ${severity}:${entry} ${message} [${rule}: ${readers}]`;
}

function totals({ entryCount, uncompressedSize, errorCount, warningCount }: ArchiveCheck): string {
  return JSON.stringify({
    totals: { entries: entryCount, uncompressedSize, errors: errorCount, warnings: warningCount },
  });
}

function closingLine(path: string, { entryCount, uncompressedSize, errorCount, warningCount }: ArchiveCheck): string {
  const size = `${formatCount(entryCount, 'entry', 'entries')}, ${formatBytes(uncompressedSize)}`;
  const isClean = errorCount + warningCount === 0;
  const errors = formatCount(errorCount, 'error', 'errors');
  const warnings = formatCount(warningCount, 'warning', 'warnings');
  return `${printable(path)}: ${size}: ${isClean ? 'nothing wrong' : `${errors}, ${warnings}`}`;
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return explainUsage(error);
  return error instanceof Error ? error.message : String(error);
}

function isUsage(error: unknown): boolean {
  return error instanceof UsageError || (error instanceof PzipError && error.code === 'PZIP_USAGE');
}
