/** Text on its way to a terminal or a log: nothing in a name moves the cursor, and colour only where it is wanted. */
import { fstatSync } from 'node:fs';
import { printable } from '../common/text.js';

/** Writes one line to standard error. A reader that went away does not matter: the work goes on. */
export function say(line: string): void {
  standardError().write(`${line}\n`);
}

let isListening = false;

/** Node's stream, which takes 2 ms to load: only with the first line. */
export function standardError(): NodeJS.WriteStream {
  // The reader may be gone: a line that cannot be written is dropped.
  // Node pipes each thread's standard error to this stream, and warns of a leak where it has more than ten listeners.
  if (!isListening) process.stderr.setMaxListeners(0).on('error', () => {});
  isListening = true;
  return process.stderr;
}

/** Resolves when all lines are written, or cannot be. */
export async function saidAll(): Promise<void> {
  if (!isListening || process.stderr.writableLength === 0) return;
  await new Promise((resolve) => process.stderr.on('error', resolve).on('close', resolve).write('', resolve));
}

/** Whether standard error is a terminal, found out without loading the stream. */
export function isTerminal(): boolean {
  return fstatSync(STANDARD_ERROR).isCharacterDevice() && standardError().isTTY && process.env.TERM !== 'dumb';
}

const STANDARD_ERROR = 2;

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
  return !process.env.NO_COLOR && isTerminal();
}

function coloured(text: string, colour: string): string {
  return hasColour() ? `\x1b[${colour}m${text}\x1b[0m` : text;
}
