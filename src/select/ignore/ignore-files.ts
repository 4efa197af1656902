/** Reads the files in `ignoreFiles`. Unlike a `.gitignore`, they may be pipes: `--ignore-file <(…)`. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { PzipError, quote } from '../../common/errors.js';
import { hasCode } from '../../common/file-errors.js';
import type { Pace } from '../../common/pace.js';
import { decodeText } from '../decode-text.js';
import { unreadable } from '../failures.js';
import { absolutePath } from '../names/entry-names.js';
import { LINES_BETWEEN_LOOKS } from './ignore-patterns.js';
import { LARGEST_PATTERN_FILE, tooLarge } from './pattern-files.js';

const READ_LENGTH = 64 * 1024;

/** Milliseconds between two reads of a pipe without data. */
const LOOK_INTERVAL = 10;

/** @returns its lines without blank ones and comments, decoded by its byte order mark */
export async function readIgnoreFile(
  file: string,
  cwd: string,
  platform: NodeJS.Platform,
  pace: Pace,
): Promise<string[]> {
  const path = absolutePath(cwd, file, platform);
  let bytes: Buffer;
  try {
    bytes = await readAll(path, pace);
  } catch (cause) {
    if (cause instanceof PzipError) throw cause;
    if (hasCode(cause, 'ENOENT')) {
      const message = `The ignore file ${quote(file)} does not exist in ${quote(cwd)}; check its spelling`;
      throw new PzipError('PZIP_SOURCE_MISSING', message, { path, cause });
    }
    throw unreadable(path, cause);
  }
  return patternLines(decodeText(bytes), pace);
}

async function patternLines(text: string, pace: Pace): Promise<string[]> {
  const lines: string[] = [];
  let count = 0;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    const line = text.slice(start, text[end - 1] === '\r' ? end - 1 : end);
    if (line !== '' && !line.startsWith('#')) lines.push(line);
    start = end + 1;
    if (++count % LINES_BETWEEN_LOOKS === 0 && pace.isDue) await pace.turn();
  }
  return lines;
}

/** Never blocks in the system, neither for a writer nor for bytes, so that the event loop can run. */
async function readAll(path: string, pace: Pace): Promise<Buffer> {
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
  try {
    const awaitsWriter = fstatSync(descriptor).isFIFO() && !/^\/(?:dev\/(?:fd|stdin)|proc)\b/.test(path);
    const pieces: Buffer[] = [];
    let length = 0;
    for (;;) {
      if (pace.isDue) await pace.turn();
      const piece = Buffer.allocUnsafe(READ_LENGTH);
      const count = readSome(descriptor, piece);
      if (count === undefined || (count === 0 && length === 0 && awaitsWriter)) {
        await delay(LOOK_INTERVAL);
        await pace.turn();
        continue;
      }
      if (count === 0) return Buffer.concat(pieces);
      pieces.push(piece.subarray(0, count));
      length += count;
      if (length > LARGEST_PATTERN_FILE) throw tooLarge(path);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Undefined if there is no data yet. */
function readSome(descriptor: number, buffer: Buffer): number | undefined {
  try {
    return readSync(descriptor, buffer, 0, buffer.length, null);
  } catch (cause) {
    if (hasCode(cause, 'EAGAIN')) return undefined;
    // The end of a pipe on Windows.
    if (hasCode(cause, 'EOF')) return 0;
    throw cause;
  }
}
