/** Errors of `--max-size` and `--max-unpacked`, of pzip and of `pzip merge`. */
import { printable } from '../common/text.js';
import type { PzipError } from '../index.js';
import { say } from './terminal.js';

/** The library names its options as a program gives them. */
export function inWordsOfLimits(message: string): string {
  return message
    .replace('more than `maxSize`', 'more than --max-size')
    .replace('more than `maxUnpacked`', 'more than --max-unpacked');
}

/** Lists the largest entries of an archive that is too large: bytes and name. */
export function sayLargest({ largest = [] }: PzipError): void {
  for (const { name, size } of largest) say(`${String(size).padStart(14)}  ${printable(name)}`);
}
