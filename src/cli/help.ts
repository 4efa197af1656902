/** What -h and --help print, from the table of options: one line an option, or all there is to know of each. */

import { OPTION_GROUPS, type OptionGroup, type OptionSpec } from './options-table.js';
import { SUBCOMMANDS } from './subcommands.js';

const HEAD = `Usage: pzip [options] <archive> <inputs...>

  pzip site.zip dist/                    archive a directory
  pzip -C dist site.zip .                archive its contents, without its name
  pzip out.zip 'src/**' '!**/*.test.ts'  archive by pattern
  pzip --from out.zip out.zip -x '*.map' delete entries

Other commands (pzip COMMAND --help explains each):

${SUBCOMMANDS.map(({ name, summary }) => `  pzip ${name.padEnd(34)}${summary}`).join('\n')}

Inputs are files, directories with their contents, patterns and !patterns.
Use - for stdout (as the archive) or stdin (as an input).
`;

const WIDTH = 80;

/** Columns up to where the descriptions of -h begin: the widest option, and two. */
const LEFT_WIDTH = 31;

const INDENTATION = '        ';

/** @param isLong for --help */
export function helpText(isLong: boolean): string {
  const end = isLong
    ? "Exit codes: 0 done, 1 failed, 2 usage error, 3 done but files were skipped.\nSee also 'man pzip'.\n"
    : 'pzip --help has the details.\n';
  return [HEAD, ...OPTION_GROUPS.map((group) => groupText(group, isLong)), end].join('\n');
}

function groupText({ title, options }: OptionGroup, isLong: boolean): string {
  return `${title}:\n${options.map((option) => (isLong ? longHelp(option) : shortHelp(option))).join('')}`;
}

function shortHelp({ flags, about }: OptionSpec): string {
  return `${aligned(flags).padEnd(LEFT_WIDTH)}${about}\n`;
}

function longHelp({ flags, about, details, choices, repeats }: OptionSpec): string {
  const sentences = [
    `${about[0]?.toUpperCase()}${about.slice(1)}.`,
    choices && !details ? `One of ${choices.join(', ')}.` : '',
    details ?? '',
    repeats ? 'May be repeated.' : '',
  ];
  return `  ${plainFlags(flags)}\n${wrapped(sentences.filter((text) => text !== '').join(' '))}\n\n`;
}

/** `  -x, --exclude PATTERN`, and long options without a short one below the long ones. */
function aligned(flags: string): string {
  const plain = plainFlags(flags);
  return `  ${plain.startsWith('--') ? `    ${plain}` : plain}`;
}

function wrapped(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (INDENTATION.length + last.length + 1 + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => INDENTATION + line).join('\n');
}

/** `-x, --exclude PATTERN` for commander's `-x, --exclude <PATTERN>`. */
export function plainFlags(flags: string): string {
  return flags.replace(/[<>]/g, '');
}
