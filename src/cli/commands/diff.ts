/** `pzip diff A B`: what differs between archives, directories and manifests. */
import { printable } from '../../common/text.js';
import { type DiffEntry, type Difference, type DiffOptions, diffArchives } from '../../index.js';
import { EXIT_DIFFERENT, EXIT_DONE, EXIT_NOT_COMPARED } from '../exit-codes.js';
import { formatCount } from '../format.js';
import type { LineWriter } from '../line-writer.js';
import { runListing } from '../subcommand.js';
import { DIFF } from '../subcommands.js';
import { errorLine, say, warningLine } from '../terminal.js';
import { UsageError } from '../usage-error.js';

interface Flags extends Pick<DiffOptions, 'check' | 'modes' | 'symlinks'> {
  readonly times?: true;
  readonly exclude?: string[];
  readonly gitignore?: true;
  readonly dirEntries: boolean;
  readonly prefix?: string;
  readonly stripComponents?: number;
  readonly threads?: number;
  readonly json?: true;
  readonly quiet?: true;
}

/** @returns the exit code, as that of diff(1) */
export function diff(argv: readonly string[]): Promise<number> {
  const exits = { closedByReader: EXIT_DIFFERENT, failure: EXIT_NOT_COMPARED };
  return runListing<Flags>(DIFF, argv, exits, ({ flags, operands }, output) => {
    const [a, b, ...rest] = operands;
    if (a === undefined || b === undefined || rest.length > 0) {
      throw new UsageError(
        'pzip diff compares two: archives, directories or manifests, such as pzip diff site.zip dist/',
      );
    }
    return compare(a, b, flags, output);
  });
}

interface Totals {
  added: number;
  removed: number;
  changed: number;
  failed: number;
}

async function compare(a: string, b: string, flags: Flags, output: LineWriter): Promise<number> {
  const { json: isJson = false, quiet: isQuiet = false, dirEntries, ...options } = flags;
  const totals: Totals = { added: 0, removed: 0, changed: 0, failed: 0 };
  const result = diffArchives(a, b, {
    ...options,
    directoryEntries: dirEntries ? undefined : false,
    onWarning: ({ message }) => say(warningLine(message)),
  });
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

/** To the second. Undefined for an invalid date, such as month 0. */
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
