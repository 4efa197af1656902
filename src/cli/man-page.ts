/** The manual page pzip(1), written from the table of options when the package is built. */
import { OPTION_GROUPS, type OptionSpec } from './options-table.js';

/** @param version of the package */
export function manPage(version: string): string {
  const options = OPTION_GROUPS.flatMap(({ title, rows }) => [
    `.SS ${roff(title)}`,
    ...rows.flatMap((row) => row.options.map(optionEntry)),
  ]);
  return `${[
    `.TH PZIP 1 "" "pzip ${version}" "User Commands"`,
    '.SH NAME',
    'pzip \\- make a ZIP archive on all cores',
    ...SYNOPSIS,
    ...DESCRIPTION,
    '.SH OPTIONS',
    'A long option takes its value as the next word or behind an equals sign.',
    'Options may stand anywhere; what follows',
    '.B \\-\\-',
    'is no option.',
    ...options,
    ...REST,
  ].join('\n')}\n`;
}

function optionEntry({ flags, about, details, repeats, choices }: OptionSpec): string {
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
  '.B pzip completion',
  '.RB { bash | zsh | fish }',
];

const DESCRIPTION = [
  '.SH DESCRIPTION',
  '.B pzip',
  'makes a ZIP archive of files, of directories with all that is in them, and of what patterns match.',
  'It compresses on all cores; the archive is the same for any number of them.',
  '.PP',
  'An input that exists is taken literally.',
  'Otherwise it may be a pattern for names of files',
  '(\\fB*\\fR and \\fB?\\fR within a directory, \\fB**\\fR across directories, \\fB{a,b}\\fR, \\fB[a\\-z]\\fR),',
  'and one that begins with \\fB!\\fR takes away from what the inputs name.',
  'Each input and each pattern must find something.',
  'Names in the archive are as given, relative to the working directory, without a leading',
  '.BR ./ ,',
  '.B ../',
  'or',
  '.BR / .',
  'Entries are in the order of the bytes of their names.',
  '.PP',
  'The archive is written under a temporary name beside its own and renamed when it is complete:',
  'at every moment there is the old archive or the complete new one.',
  'The archive named',
  '.B \\-',
  'is standard output, and the input',
  '.B \\-',
  'standard input, which becomes one entry.',
  '.PP',
  'The flags',
  '.BR \\-r ", " \\-y " and " \\-X',
  'of',
  '.BR zip (1)',
  'are taken, and ask for what is done anyway.',
  '.PP',
  'Everything that is said goes to standard error, but for the list of',
  '.BR \\-\\-dry\\-run ,',
  'which goes to standard output.',
];

const REST = [
  '.SH EXIT STATUS',
  '.TP',
  '.B 0',
  'The archive is complete.',
  '.TP',
  '.B 1',
  'It failed. Nothing is left behind, and an archive of that name is as it was.',
  '.TP',
  '.B 2',
  'The command line could not mean anything; nothing was done.',
  '.TP',
  '.B 3',
  'The archive is complete but for what could not be read and was named, under',
  '.BR \\-\\-skip\\-unreadable .',
  '.TP',
  '.BR 129 ", " 130 ", " 143',
  'As a shell counts: it died of a signal (hangup, interrupt, termination), within two seconds and with nothing left behind.',
  'Where it cannot be ended in good order, it is killed (137).',
  '.SH ENVIRONMENT',
  '.TP',
  '.B SOURCE_DATE_EPOCH',
  'Seconds since 1970 UTC. No date in the archive is later; with',
  '.B \\-\\-reproducible',
  'all dates are this one.',
  '.TP',
  '.B NO_COLOR',
  'Set to anything, it takes colours away.',
  '.SH EXAMPLES',
  '.TP',
  '.B pzip site.zip dist/',
  'The directory, under its name.',
  '.TP',
  '.B pzip \\-C dist site.zip .',
  'What is in the directory, without its name.',
  '.TP',
  '.B git ls\\-files \\-z | pzip \\-z \\-\\-files\\-from \\- src.zip',
  'What git tracks.',
  '.TP',
  '.B pzip \\-\\-gitignore \\-x \\(aq*.test.js\\(aq \\-\\-prefix app\\-1.2/ app.zip .',
  'What git would not ignore, without the tests, in a directory of its own.',
  '.TP',
  '.B pzip \\-\\-reproducible \\-T release.zip dist/',
  'The same bytes on every machine, read back before the archive takes its name.',
  '.TP',
  '.B pzip \\-\\-first mimetype \\-\\-level\\-for mimetype=0 \\-C book book.epub .',
  'An EPUB, whose first entry is stored.',
  '.SH SEE ALSO',
  '.BR zip (1),',
  '.BR unzip (1),',
  '.BR gitignore (5)',
];
