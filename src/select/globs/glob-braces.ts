/**
 * Brace expansion like bash's: `{a,b}`, `{1..9}`, `{01..10..3}`, `{a..e}`, nested; braces around neither a list nor a range are
 * literal. Expansions are counted before the pattern is expanded.
 */
import { PzipError, quote } from '../../common/errors.js';

/** A limit of expansions: bash takes seconds and gigabytes for a pattern that expands to millions. */
const MAX_EXPANSIONS = 10_000;

/** Characters of all expansions together: a long pattern must not be copied ten thousand times. */
const MAX_EXPANDED_LENGTH = 4_000_000;

/** Limit of nested braces; each level is a recursive call. */
const MAX_DEPTH = 100;

type Part = string | Braces;
type Sequence = readonly Part[];

interface Braces {
  /** Of a list. */
  readonly alternatives: readonly Sequence[];
  readonly range: Range | undefined;
}

interface Range {
  readonly first: number;
  readonly step: number;
  readonly count: number;
  readonly format: (value: number) => string;
}

/** @throws PzipError PZIP_USAGE for a pattern that stands for too many others */
export function expandBraces(pattern: string): string[] {
  if (!pattern.includes('{')) return [pattern];
  const sequence = parse(pattern, 0, pattern.length, matchingBraces(pattern), 0);
  if (countOf(sequence) > MAX_EXPANSIONS) throw tooMany(pattern);
  const budget = { length: MAX_EXPANDED_LENGTH, pattern };
  return expand(sequence, budget);
}

export function tooMany(pattern: string): PzipError {
  const message = `The pattern ${quote(pattern)} stands for more than ${MAX_EXPANSIONS.toLocaleString('en')} others; use a wildcard, or several patterns`;
  return new PzipError('PZIP_USAGE', message, { path: pattern });
}

/** The end of each `{` that has a `}`, found in one pass. */
function matchingBraces(pattern: string): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index];
    if (character === '\\') index++;
    else if (character === '{') open.push(index);
    else if (character === '}') {
      const start = open.pop();
      if (start !== undefined) ends.set(start, index);
    }
  }
  return ends;
}

function parse(pattern: string, from: number, to: number, ends: ReadonlyMap<number, number>, depth: number): Sequence {
  if (depth > MAX_DEPTH) throw tooMany(pattern);
  const parts: Part[] = [];
  let textFrom = from;
  for (let index = from; index < to; index++) {
    const character = pattern[index];
    if (character === '\\') {
      index++;
      continue;
    }
    const end = character === '{' ? ends.get(index) : undefined;
    // `${` begins a shell variable, which bash does not expand as braces.
    if (end === undefined || end >= to || pattern[index - 1] === '$') continue;
    const commas = commasIn(pattern, index + 1, end, ends);
    const range = commas.length === 0 ? parseRange(pattern.slice(index + 1, end)) : undefined;
    // Neither a list nor a range: the braces are literal, and the text between them is parsed as usual.
    if (commas.length === 0 && range === undefined) continue;
    parts.push(pattern.slice(textFrom, index));
    const bounds = [index, ...commas, end];
    const alternatives =
      range !== undefined
        ? []
        : bounds.slice(1).map((bound, at) => parse(pattern, (bounds[at] ?? 0) + 1, bound, ends, depth + 1));
    parts.push({ alternatives, range });
    index = end;
    textFrom = end + 1;
  }
  parts.push(pattern.slice(textFrom, to));
  return parts;
}

function commasIn(pattern: string, from: number, to: number, ends: ReadonlyMap<number, number>): number[] {
  const commas: number[] = [];
  for (let index = from; index < to; index++) {
    const character = pattern[index];
    if (character === '\\') index++;
    else if (character === '{') index = ends.get(index) ?? index;
    else if (character === ',') commas.push(index);
  }
  return commas;
}

function parseRange(text: string): Range | undefined {
  const numbers = /^(-?\d{1,15})\.\.(-?\d{1,15})(?:\.\.(-?\d{1,15}))?$/.exec(text);
  if (numbers !== null) {
    const [, first = '', last = '', step = '1'] = numbers;
    const isPadded = /^-?0\d/.test(first) || /^-?0\d/.test(last);
    const width = isPadded ? Math.max(first.length, last.length) : 0;
    return rangeOf(Number(first), Number(last), Number(step), (value) => padded(value, width));
  }
  const letters = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d{1,15}))?$/.exec(text);
  if (letters === null) return undefined;
  const [, first = '', last = '', step = '1'] = letters;
  // Between `Z` and `a` there are characters that are special in patterns.
  return rangeOf(first.charCodeAt(0), last.charCodeAt(0), Number(step), (code) =>
    String.fromCharCode(code).replace(/[[\]\\]/, '\\$&'),
  );
}

function rangeOf(first: number, last: number, step: number, format: (value: number) => string): Range {
  const size = Math.abs(step) || 1;
  return {
    first,
    step: first <= last ? size : -size,
    count: Math.floor(Math.abs(last - first) / size) + 1,
    format,
  };
}

function padded(value: number, width: number): string {
  const digits = String(Math.abs(value));
  return value < 0 ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0');
}

function countOf(sequence: Sequence): number {
  let count = 1;
  for (const part of sequence) {
    if (typeof part === 'string') continue;
    count *= part.range?.count ?? part.alternatives.reduce((sum, alternative) => sum + countOf(alternative), 0);
  }
  return count;
}

function expand(sequence: Sequence, budget: { length: number; readonly pattern: string }): string[] {
  let texts = [''];
  for (const part of sequence) {
    if (typeof part === 'string') {
      if (part !== '') texts = texts.map((text) => text + part);
    } else {
      const choices =
        part.range === undefined
          ? part.alternatives.flatMap((alternative) => expand(alternative, budget))
          : valuesOf(part.range);
      texts = texts.flatMap((text) => choices.map((choice) => text + choice));
    }
    for (const text of texts) budget.length -= text.length;
    if (budget.length < 0) throw tooMany(budget.pattern);
  }
  return texts;
}

function valuesOf({ first, step, count, format }: Range): string[] {
  return Array.from({ length: count }, (_, index) => format(first + index * step));
}
