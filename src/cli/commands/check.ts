/** `pzip check ARCHIVE...`: checks archives against the format rules and names the affected readers. */
import { printable, quote } from '../../common/text.js';
import { type ArchiveCheck, checkArchive, type Finding, PzipError } from '../../index.js';
import { EXIT_DONE, EXIT_FAILED } from '../exit-codes.js';
import { formatBytes, formatCount } from '../format.js';
import type { LineWriter } from '../line-writer.js';
import { runListing } from '../subcommand.js';
import { CHECK } from '../subcommands.js';
import { errorLine, say } from '../terminal.js';
import { UsageError } from '../usage-error.js';

interface Flags {
  readonly strict?: true;
  readonly json?: true;
  readonly threads?: number;
  readonly quiet?: true;
}

/** @returns the exit code: 1 if there is an error in an archive, or one cannot be read */
export function check(argv: readonly string[]): Promise<number> {
  return runListing<Flags>(CHECK, argv, { closedByReader: EXIT_FAILED }, async ({ flags, operands }, output) => {
    if (operands.length === 0) throw new UsageError('no archive given: pzip check site.zip');
    let isSound = true;
    for (const path of operands) isSound = (await checkOne(path, flags, output)) && isSound;
    return isSound ? EXIT_DONE : EXIT_FAILED;
  });
}

/** @returns whether nothing is wrong with it that this command calls an error */
async function checkOne(path: string, flags: Flags, output: LineWriter): Promise<boolean> {
  const { threads, quiet: isQuiet = false, strict: isStrict = false, json: isJson = false } = flags;
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
