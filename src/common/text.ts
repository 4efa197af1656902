/**
 * Makes names and paths safe to print or log. Names are untrusted: they must not move a terminal's cursor, end a log line,
 * reverse text, be invisible, or be interpreted as a command by a CI system that reads the log.
 */

/**
 * Controls (C0, C1, DEL), line and paragraph separators, lone surrogates, format characters such as those that change
 * the direction of text, and invisible characters: zero-width characters, fillers, variation selectors, tags, the empty
 * Braille pattern.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * CI systems interpret these anywhere in a line: GitHub and Azure on `##[`, Azure on `##vso[`, TeamCity on
 * `##teamcity[`. (actions/runner ActionCommand.TryParse, azure-pipelines-agent Command.TryParse: both search the line.)
 */
const SECOND_HASH = /(?<=#)#/g;

/** GitHub interprets `::` as a command at the start of a line, after any white space. */
const LEADING_COLONS = /(?<=^|[\s'"(]):(?=:)/g;

/** Buildkite opens and closes groups of a log with these at the start of a line. */
const GROUP_HEADING = /^(\s*)([-+~^])(?=\2\2(?:\s|$))/;

/** Most text: printable ASCII without a CI command. */
const NEEDS_LOOK = /[^\x20-\x7e]|##|::|^ *(?:---|\+\+\+|~~~|\^\^\^)/;

const SHORT_ESCAPES = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * Escapes text to a single harmless line, in the syntax of a shell's `$'…'`. Printable text is unchanged, so escaping twice is
 * the same as once.
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
 * Quotes a path or name for a message. A long one is shortened in the middle; the error's `path` or `entryName` is complete.
 */
export function quote(name: string): string {
  return `'${cutMiddle(printable(name), MAX_QUOTED_LENGTH)}'`;
}

/** Makes a message for an error or warning printable: a single line of limited length. */
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
