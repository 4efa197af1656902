/** The manual page pzip(1), written from the table of options when the package is built. */
import { OPTION_GROUPS, type OptionSpec } from './options-table.js';
import type { Subcommand } from './subcommand.js';
import { SUBCOMMANDS } from './subcommands.js';

/** @param version of the package */
export function manPage(version: string): string {
  const entries = OPTION_GROUPS.flatMap(({ title, options }) => [`.SS ${roff(title)}`, ...options.map(optionEntry)]);
  return `${[
    `.TH PZIP 1 "" "pzip ${version}" "User Commands"`,
    '.SH NAME',
    'pzip \\- create a ZIP archive on all CPU cores',
    ...SYNOPSIS,
    ...DESCRIPTION,
    '.SH OPTIONS',
    'A long option takes its value as the next argument or after an equals sign.',
    'Options may appear anywhere. Arguments after',
    '.B \\-\\-',
    'are never options.',
    ...entries,
    '.SH OTHER COMMANDS',
    ...SUBCOMMANDS.flatMap(subcommandEntry),
    ...REST,
  ].join('\n')}\n`;
}

function optionEntry({ flags, about, details, repeats, choices }: Omit<OptionSpec, 'completes'>): string {
  const names = flags
    .split(', ')
    .map((flag) => {
      const [name = '', value] = flag.split(/ (?=<)/);
      const argument = value === undefined ? '' : ` \\fI${roff(value.replace(/[<>]/g, ''))}\\fR`;
      return `\\fB${roff(name)}\\fR${argument}`;
    })
    .join(', ');
  const sentence = `${about[0]?.toUpperCase()}${about.slice(1)}.`;
  const more = [
    choices && !details ? `One of ${choices.join(', ')}.` : undefined,
    details,
    repeats ? 'May be repeated.' : undefined,
  ];
  return ['.TP', names, ...[sentence, ...more].filter((text) => text !== undefined).map(paragraph)].join('\n');
}

function subcommandEntry({ name, usage, about, options, notes = '' }: Subcommand): string[] {
  const usageLine = `\\fBpzip ${name}\\fR ${roff(usage.replace(/[<>]/g, ''))}`;
  const lines = (text: string): string[] => ['.nf', ...text.split('\n').map(paragraph), '.fi'];
  return [
    `.SS ${usageLine}`,
    ...lines(about),
    ...options.map((option) => optionEntry(option)),
    ...(notes === '' ? [] : ['.PP', ...lines(notes)]),
  ];
}

/** Escapes backslashes, and hyphens that a reader may copy: roff typesets a plain one as U+2010. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}

/** A point or a quote at the start of a line begins a roff request. */
function paragraph(text: string): string {
  return roff(text).replace(/^[.']/, '\\&$&');
}

const SYNOPSIS = [
  '.SH SYNOPSIS',
  '.B pzip',
  '.RI [ options ]',
  '.I archive',
  '.IR input ...',
  '.br',
  ...SUBCOMMANDS.flatMap(({ name, usage }) => [`.B pzip ${name}`, roff(usage.replace(/[<>]/g, '')), '.br']),
  '.B pzip completion',
  '.RB { bash | zsh | fish }',
];

const DESCRIPTION = [
  '.SH DESCRIPTION',
  '.B pzip',
  'creates a ZIP archive of files, directories with their contents, and files that match patterns.',
  'It compresses on all CPU cores; the bytes of the archive do not depend on their number.',
  '.PP',
  'An input that exists is taken literally.',
  'Otherwise it may be a pattern for file names',
  '(\\fB*\\fR and \\fB?\\fR within a directory, \\fB**\\fR across directories, \\fB{a,b}\\fR, \\fB[a\\-z]\\fR).',
  'A pattern that begins with \\fB!\\fR excludes what it matches from all inputs.',
  'Each input and each pattern must match something.',
  'Names in the archive are the given paths, relative to the working directory, without a leading',
  '.BR ./ ,',
  '.B ../',
  'or',
  '.BR / .',
  'Entries are sorted by the bytes of their names.',
  '.PP',
  'The archive is written to a temporary file next to the target and renamed when complete:',
  'the target is the old archive or the complete new one.',
  'The archive',
  '.B \\-',
  'is standard output. The input',
  '.B \\-',
  'is standard input, which becomes one entry.',
  '.PP',
  'The flags',
  '.BR \\-r ", " \\-y " and " \\-X',
  'of',
  '.BR zip (1)',
  'are accepted and have no effect: pzip does this by default.',
  '.PP',
  'All messages go to standard error. The list of',
  '.B \\-\\-dry\\-run',
  'goes to standard output.',
];

const REST = [
  '.SH EXIT STATUS',
  '.TP',
  '.B 0',
  'The archive is complete.',
  '.TP',
  '.B 1',
  'The archive was not written. Nothing is left behind, and an existing archive is unchanged.',
  '.TP',
  '.B 2',
  'Usage error: nothing was done.',
  '.TP',
  '.B 3',
  'The archive is complete except for the files reported as skipped, with',
  '.BR \\-\\-skip\\-unreadable .',
  '.TP',
  '.BR 129 ", " 130 ", " 143',
  'SIGHUP, SIGINT or SIGTERM ended pzip within two seconds, and nothing is left behind (these are the exit codes that shells report).',
  'If pzip does not end in time, it is killed (137).',
  '.PP',
  '.B pzip diff',
  'exits with 0 if both sides are equal, 1 if they differ, and 2 if something could not be compared.',
  '.SH ENVIRONMENT',
  '.TP',
  '.B SOURCE_DATE_EPOCH',
  'Seconds since 1970 UTC. Newer timestamps are clamped to it; with',
  '.B \\-\\-reproducible',
  'all timestamps are set to it.',
  '.TP',
  '.B NO_COLOR',
  'If set, output has no colours.',
  '.SH EXAMPLES',
  '.TP',
  '.B pzip site.zip dist/',
  'Archive a directory.',
  '.TP',
  '.B pzip \\-C dist site.zip .',
  'Archive the contents of a directory, without its name.',
  '.TP',
  '.B git ls\\-files \\-z | pzip \\-z \\-\\-files\\-from \\- src.zip',
  'Archive the files that git tracks.',
  '.TP',
  '.B pzip \\-\\-gitignore \\-x \\(aq*.test.js\\(aq \\-\\-prefix app\\-1.2/ app.zip .',
  'Archive what git does not ignore, except for the tests, under a directory.',
  '.TP',
  '.B pzip \\-\\-reproducible \\-T release.zip dist/',
  'Create the same bytes on every machine, and verify the archive before renaming it.',
  '.TP',
  '.B pzip \\-\\-first mimetype \\-\\-level\\-for mimetype=0 \\-C book book.epub .',
  'Create an EPUB, whose first entry is stored.',
  '.TP',
  '.B pzip diff site.zip dist/',
  'Compare an archive with a directory; see',
  '.BR "pzip diff \\-\\-help" .',
  '.SH SEE ALSO',
  '.BR zip (1),',
  '.BR unzip (1),',
  '.BR gitignore (5)',
];
