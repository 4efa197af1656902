/** Flags and commands that fingers know from zip, 7z and tar: accepted if pzip does that anyway, else answered with pzip's way. */

/** Of zip: go into directories, store links as links, leave out owners and the like. */
export const MEANT_ANYWAY: readonly string[] = ['-r, --recurse-paths', '-y', '-X'];

const TO_DELETE = "to delete entries: pzip out.zip --from out.zip -x 'PATTERN'";
const TO_UPDATE = 'to add or replace entries: pzip out.zip --from out.zip --on-duplicate last FILES';
const NO_ENCRYPTION = 'pzip does not encrypt: encrypt the archive with another program, such as gpg or age';
const ARCHIVE_FIRST = 'the archive is the first argument: pzip out.zip dir/';
const TO_LIST = 'to list an archive: pzip list ARCHIVE';
const TO_TEST = 'to test an archive: pzip check ARCHIVE; to test the new one: -T';
const TO_EXTRACT = 'pzip does not extract: use unzip';

const ANSWERS: Readonly<Record<string, string>> = {
  '-@': 'names from standard input: --files-from -',
  '-d': TO_DELETE,
  '--delete': TO_DELETE,
  '-e': NO_ENCRYPTION,
  '--encrypt': NO_ENCRYPTION,
  '-f': TO_UPDATE,
  '--freshen': TO_UPDATE,
  '-g': TO_UPDATE,
  '--grow': TO_UPDATE,
  '-i': "name what goes in, with patterns if need be: pzip out.zip 'src/**/*.js'",
  '--include': "name what goes in, with patterns if need be: pzip out.zip 'src/**/*.js'",
  '-l': `${TO_LIST}; to list what would be archived: -n`,
  '--list': `${TO_LIST}; to list what would be archived: -n`,
  '-m': 'pzip removes nothing: remove the files yourself once the archive is there',
  '--move': 'pzip removes nothing: remove the files yourself once the archive is there',
  '-o': ARCHIVE_FIRST,
  '--output': ARCHIVE_FIRST,
  '--output-file': ARCHIVE_FIRST,
  '-P': NO_ENCRYPTION,
  '-p': NO_ENCRYPTION,
  '--password': NO_ENCRYPTION,
  '-s': 'pzip writes one file: split it with split(1)',
  '--split-size': 'pzip writes one file: split it with split(1)',
  '-t': TO_TEST,
  '-u': TO_UPDATE,
  '--update': TO_UPDATE,
  '-V': 'the version: --version',
};

/**
 * @param message of commander's
 * @returns undefined where it is about something else
 */
export function explainFlagOfOthers(message: string): string | undefined {
  const flag = /unknown option '(--[\w-]+|-.)/.exec(message)?.[1] ?? '';
  const answer = Object.hasOwn(ANSWERS, flag) ? ANSWERS[flag] : undefined;
  return answer === undefined ? undefined : `unknown option '${flag}': ${answer}`;
}

const COMMANDS: Readonly<Record<string, string>> = {
  l: TO_LIST,
  ls: TO_LIST,
  lst: TO_LIST,
  show: TO_LIST,
  info: TO_LIST,
  t: TO_TEST,
  test: TO_TEST,
  verify: TO_TEST,
  x: TO_EXTRACT,
  extract: TO_EXTRACT,
  unzip: TO_EXTRACT,
  a: ARCHIVE_FIRST,
  add: ARCHIVE_FIRST,
  create: ARCHIVE_FIRST,
  u: TO_UPDATE,
  update: TO_UPDATE,
};

/** @returns the answer to `7z x site.zip` and the like, undefined for a word that is no command of another program */
export function answerToCommand(word: string): string | undefined {
  return Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
}
