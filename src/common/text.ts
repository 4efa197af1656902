/**
 * Names and paths as text that may be printed or logged. Whoever wrote the tree chose its names, and a name must not be
 * able to say anything but itself: not move a terminal's cursor, not end a line of a log, not turn text around, not hide,
 * and not be taken for a command by the CI system that reads the log.
 */

/**
 * Controls (C0, C1, DEL), line and paragraph separators, lone surrogates, format characters such as those that turn the
 * direction of text, and whatever shows nothing: zero-width characters, fillers, variation selectors, tags, the empty
 * Braille pattern.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * CI systems act on these wherever they stand in a line: GitHub and Azure on `##[`, Azure on `##vso[`, TeamCity on
 * `##teamcity[`. (actions/runner ActionCommand.TryParse, azure-pipelines-agent Command.TryParse: both search the line.)
 */
const SECOND_HASH = /(?<=#)#/g;

/** GitHub takes `::` for a command at the start of a line, behind blanks of any kind; a name may stand there. */
const LEADING_COLONS = /(?<=^|[\s'"(]):(?=:)/g;

/** Buildkite opens and closes groups of a log with these at the start of a line. */
const GROUP_HEADING = /^(\s*)([-+~^])(?=\2\2(?:\s|$))/;

/** Nearly all text: printable ASCII that no CI system reads a command in. */
const NEEDS_LOOK = /[^\x20-\x7e]|##|::|^ *(?:---|\+\+\+|~~~|\^\^\^)/;

const SHORT_ESCAPES = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * The text in one line, visible and without effect; escaped as a shell takes it back in `$'…'`. Printable text stays as it
 * is, so that what has been through here may go through again.
 */
export function printable(text: string): string {
  if (!NEEDS_LOOK.test(text)) return text;
  return text
    .replace(HIDDEN, escaped)
    .replace(SECOND_HASH, escaped)
    .replace(LEADING_COLONS, escaped)
    .replace(GROUP_HEADING, (_, blanks: string, sign: string) => blanks + escaped(sign));
}

/**
 * A path or name for a message, in quotes, so that its end is seen. A long one is cut in the middle: the error's `path` or
 * `entryName` holds all of it.
 */
export function quote(name: string): string {
  return `'${cutMiddle(printable(name), MAX_QUOTED_LENGTH)}'`;
}

/** A message for an error or a warning, made of whatever texts: one line, printable, and of a length that a log can hold. */
export function messageText(message: string): string {
  return cutMiddle(printable(message), MAX_MESSAGE_LENGTH);
}

/** Characters. Longer than nearly every path, and short enough that three of them can be read in a log. */
const MAX_QUOTED_LENGTH = 400;

/** Characters. Several quoted names; what is longer comes from other libraries or the system, with a path in it. */
const MAX_MESSAGE_LENGTH = 2000;

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code > 0xffff) return `\\U${hex.padStart(8, '0')}`;
  return SHORT_ESCAPES.get(character) ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`);
}

function cutMiddle(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const half = Math.floor(longest / 2);
  // Half a character is not printable.
  const head = text.slice(0, half).replace(/[\ud800-\udbff]$/, '');
  const tail = text.slice(-half).replace(/^[\udc00-\udfff]/, '');
  return `${head}…(${text.length - head.length - tail.length} more characters)…${tail}`;
}
