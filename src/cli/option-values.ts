/** Parsers for the values of options. Their messages complete commander's sentence about a wrong value. */
import { InvalidArgumentError } from 'commander';
import { MAX_LEVEL } from '../common/level.js';

export function toNumberOfThreads(value: string): number {
  return toWholeNumber(value, 0, 1024);
}

export function toNumberOfComponents(value: string): number {
  return toWholeNumber(value, 0, 65_535);
}

export function toLevel(value: string): number {
  return toWholeNumber(value, 0, MAX_LEVEL);
}

function toWholeNumber(value: string, least: number, most: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
}

const UNITS = new Map([
  ['', 1],
  ['K', 2 ** 10],
  ['M', 2 ** 20],
  ['G', 2 ** 30],
  ['T', 2 ** 40],
]);

export function toBytes(value: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(value) ?? [];
  const bytes = Math.floor(Number(number) * (UNITS.get(unit.toUpperCase()) ?? Number.NaN));
  if (Number.isSafeInteger(bytes) && bytes >= 1) return bytes;
  throw new InvalidArgumentError('It is a number of bytes, or one with K, M or G behind it, such as 64M.');
}

export function toBytesOrNone(value: string): number {
  return value === '0' ? 0 : toBytes(value);
}

/** Splits at the first '='. A `from` that contains one can use '?' in its place. */
export function toRenaming(value: string): { from: string; to: string } {
  const at = value.indexOf('=');
  if (at >= 1) return { from: value.slice(0, at), to: value.slice(at + 1) };
  throw new InvalidArgumentError("It is an old name and a new one with '=' between them, such as dist=public.");
}

export function toLevelRule(value: string): { pattern: string; level: number } {
  const [, pattern, level] = /^(.+)=(\d+)$/s.exec(value) ?? [];
  if (pattern !== undefined && level !== undefined) return { pattern, level: toLevel(level) };
  throw new InvalidArgumentError("It is a pattern and a level with '=' between them, such as '*.png=0'.");
}
