/** Compiles the lines of ignore files, and the caller's own patterns, to pattern sets. */
import { PzipError } from '../../common/errors.js';
import type { Pace } from '../../common/pace.js';
import { MOST_CALLER_COMPONENTS, MOST_COMPONENTS, PatternSet } from './pattern-set.js';
import { toByteString } from './wildmatch.js';

/**
 * Compiles a few of the caller's patterns, each in the syntax of a line of an ignore file.
 *
 * @throws PzipError PZIP_USAGE for too many patterns
 */
export function parsePatterns(lines: readonly string[]): PatternSet {
  const set = new PatternSet(false);
  if (lines.every((line) => set.add(toByteString(line)))) return set;
  throw tooManyPatterns(MOST_COMPONENTS);
}

/**
 * Compiles all of the caller's patterns, and yields to the event loop meanwhile.
 *
 * @throws PzipError PZIP_USAGE for too many patterns
 */
export async function compilePatterns(lines: readonly string[], pace: Pace): Promise<PatternSet> {
  const set = new PatternSet(false, MOST_CALLER_COMPONENTS);
  for (const [index, line] of lines.entries()) {
    if (!set.add(toByteString(line))) throw tooManyPatterns(MOST_CALLER_COMPONENTS);
    if (index % LINES_BETWEEN_LOOKS === 0 && pace.isDue) await pace.turn();
  }
  return set;
}

/** Lines between two checks of the clock, each of which takes as long as a line. */
export const LINES_BETWEEN_LOOKS = 64;

function tooManyPatterns(limit: number): PzipError {
  const message = `There are too many patterns: they have more than ${limit} components between slashes`;
  return new PzipError('PZIP_USAGE', message);
}

/**
 * Compiles an ignore file.
 *
 * @returns undefined for too many patterns
 */
export function parsePatternFile(bytes: Buffer, ignoresCase: boolean): PatternSet | undefined {
  const set = new PatternSet(ignoresCase);
  const text = bytes.toString('latin1', bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0);
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const next = end === -1 ? text.length : end;
    if (!set.add(text.slice(start, text.charCodeAt(next - 1) === CARRIAGE_RETURN ? next - 1 : next))) return undefined;
    start = next + 1;
  }
  return set;
}

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
const CARRIAGE_RETURN = 0x0d;
