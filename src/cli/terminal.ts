/** Text on its way to a terminal or a log: nothing in a name moves the cursor, and colour only where it is wanted. */

/**
 * Controls of the terminal, and the characters that turn the direction of text around or end a line: a file's name must
 * not be able to say anything but itself.
 */
const TRICKY = /[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const SHORT_ESCAPES = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** The text in one line, tricky characters as a shell would take them in `$'…'`. */
export function printable(text: string): string {
  return text.replace(TRICKY, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    return SHORT_ESCAPES.get(character) ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`);
  });
}

/** Writes one line to standard error. A reader that went away does not matter: the work goes on. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

const RED = '31';
const YELLOW = '33';

export function errorLine(message: string): string {
  return `${coloured('pzip:', RED)} ${printable(message)}`;
}

export function warningLine(message: string): string {
  return `${coloured('pzip:', YELLOW)} ${printable(message)}`;
}

/** https://no-color.org: set to anything but nothing, it takes colour away. */
export function hasColour(): boolean {
  return process.stderr.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}

function coloured(text: string, colour: string): string {
  return hasColour() ? `\x1b[${colour}m${text}\x1b[0m` : text;
}
