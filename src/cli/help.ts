/** What --help prints: one screen, grouped, from the table of options. */
import { OPTION_GROUPS, type OptionRow } from './options-table.js';

const HEAD = `Usage: pzip [options] <archive> <inputs...>            e.g. pzip site.zip dist/
Inputs are files, directories with all in them, 'patterns' and '!patterns'.
'-' as the archive is standard output, as an input standard input.
`;

/** Columns of a line, indentation included, up to where the descriptions begin. */
const LEFT_WIDTH = 37;

export function helpText(): string {
  const groups = OPTION_GROUPS.map(({ title, rows }) => `${title}:\n${rows.map(helpLine).join('\n')}`);
  return `${HEAD}${groups.join('\n')}\n`;
}

function helpLine({ options, help }: OptionRow): string {
  const left = `  ${options.map(({ flags }) => plainFlags(flags)).join(', ')}`;
  return `${left.padEnd(LEFT_WIDTH - 1)} ${help ?? options[0]?.about ?? ''}`;
}

/** `-x, --exclude PATTERN` for commander's `-x, --exclude <PATTERN>`. */
export function plainFlags(flags: string): string {
  return flags.replace(/[<>]/g, '');
}
