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
    'Options may appear anywhere. What follows',
    '.B \\-\\-',
    'is never an option.',
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

/** A hyphen that is to be typed, and a point or a quote at the head of a line, mean something else to roff. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}

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
  'creates a ZIP archive of files, directories with everything in them, and what patterns match.',
  'It compresses on all CPU cores; the bytes of the archive do not depend on how many there are.',
  '.PP',
  'An input that exists is taken literally.',
  'Otherwise it may be a pattern for file names',
  '(\\fB*\\fR and \\fB?\\fR within a directory, \\fB**\\fR across directories, \\fB{a,b}\\fR, \\fB[a\\-z]\\fR).',
  'A pattern that begins with \\fB!\\fR excludes what it matches from all inputs.',
  'Each input and each pattern must find something.',
  'Names in the archive are as given, relative to the working directory, without a leading',
  '.BR ./ ,',
  '.B ../',
  'or',
  '.BR / .',
  'Entries are sorted by the bytes of their names.',
  '.PP',
  'The archive is written to a temporary file beside it and renamed when complete:',
  'the path holds the old archive or the complete new one.',
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
  'are accepted; they are the default here.',
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
  'The archive was written without the files that were reported as skipped, with',
  '.BR \\-\\-skip\\-unreadable .',
  '.TP',
  '.BR 129 ", " 130 ", " 143',
  'As a shell reports it: pzip died of a signal (SIGHUP, SIGINT, SIGTERM), within two seconds and with nothing left behind.',
  'If it does not end in time, it is killed (137).',
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
  'A directory, under its name.',
  '.TP',
  '.B pzip \\-C dist site.zip .',
  'The contents of a directory, without its name.',
  '.TP',
  '.B git ls\\-files \\-z | pzip \\-z \\-\\-files\\-from \\- src.zip',
  'What git tracks.',
  '.TP',
  '.B pzip \\-\\-gitignore \\-x \\(aq*.test.js\\(aq \\-\\-prefix app\\-1.2/ app.zip .',
  'What git does not ignore, without the tests, in a directory of the archive.',
  '.TP',
  '.B pzip \\-\\-reproducible \\-T release.zip dist/',
  'The same bytes on every machine, verified before the archive takes its name.',
  '.TP',
  '.B pzip \\-\\-first mimetype \\-\\-level\\-for mimetype=0 \\-C book book.epub .',
  'An EPUB, whose first entry is stored.',
  '.TP',
  '.B pzip diff site.zip dist/',
  'What differs between an archive and a directory; see',
  '.BR "pzip diff \\-\\-help" .',
  '.SH SEE ALSO',
  '.BR zip (1),',
  '.BR unzip (1),',
  '.BR gitignore (5)',
];
