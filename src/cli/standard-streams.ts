/**
 * Standard input and output, whatever they are. Node puts an empty stream or a black hole in the place of a descriptor that
 * is neither file, pipe, socket nor terminal (a block device, a directory), and opens /dev/null for one that is closed.
 */
import { createReadStream, createWriteStream, fstatSync, readFileSync, type Stats } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { UsageError } from './usage-error.js';

const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;

/** @throws UsageError where nothing can be read from it */
export function standardInput(): Readable {
  const stats = statStandard(STANDARD_INPUT, 'input');
  return isNodes(stats) ? process.stdin : createReadStream('', { fd: STANDARD_INPUT, autoClose: false });
}

/** @throws UsageError where no archive can be written to it */
export function standardOutput(): Writable {
  const stats = statStandard(STANDARD_OUTPUT, 'output');
  return isNodes(stats) ? process.stdout : createWriteStream('', { fd: STANDARD_OUTPUT, autoClose: false });
}

function statStandard(descriptor: number, name: 'input' | 'output'): Stats {
  const stats = fstatSync(descriptor);
  if (stats.isDirectory())
    throw new UsageError(`standard ${name} is a directory; redirect it from or to a file or a pipe`);
  if (isReplacement(descriptor, stats))
    throw new UsageError(`standard ${name} is closed; redirect it from or to a file or a pipe`);
  return stats;
}

/** Whether Node has a stream for it. */
function isNodes(stats: Stats): boolean {
  return stats.isFile() || stats.isFIFO() || stats.isSocket() || stats.isCharacterDevice();
}

/** Linux's number of /dev/null. */
const NULL_DEVICE = 0x103;

const READ_AND_WRITE = 2;

/**
 * Whether it is the /dev/null that Node opens in the place of a closed descriptor: for reading and writing, where a shell's
 * redirection opens it for one of the two.
 */
function isReplacement(descriptor: number, stats: Stats): boolean {
  if (process.platform !== 'linux' || !stats.isCharacterDevice() || stats.rdev !== NULL_DEVICE) return false;
  try {
    const flags = /^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1];
    return (Number.parseInt(flags ?? '0', 8) & 3) === READ_AND_WRITE;
  } catch {
    return false;
  }
}
