/**
 * What the limits of this process leave, asked before something is taken of it. V8 reserves addresses generously, and where
 * it gets none it ends the process without a word; threads that take the last descriptors leave none to read files with.
 */
import { readdirSync, readFileSync } from 'node:fs';

const MIB = 2 ** 20;

/** What V8 reserves for a WebAssembly memory of any size, so that it need not check addresses: 8 or 10 GiB (Node 20 to 26). */
export const MEMORY_ADDRESSES = 10 * 1024 * MIB;

/** A worker thread takes 590 MiB: its heap, the heap's code and its stack (Node 20 to 26). */
export const THREAD_ADDRESSES = 640 * MIB;

/** Kept for the heap of this thread, for buffers, and for libuv's four threads with 64 MiB each. */
const ADDRESSES_KEPT = 512 * MIB;

/** A worker thread takes four for its event loop, and opens one file at a time. */
export const THREAD_DESCRIPTORS = 6;

/** Kept for the archive, its scratch file, directories, lists and what the program opens meanwhile. */
const DESCRIPTORS_KEPT = 12;

/** With more than that nobody counts: Node has made the soft limit the hard one. */
const MANY_DESCRIPTORS = 4096;

/** Why there is no memory for the engine, or no thread. */
export const NO_ADDRESSES = 'the limit of address space (ulimit -v) leaves no room for it';
export const NO_DESCRIPTORS = 'the limit of open files (ulimit -n) leaves none for it';

export interface Room {
  /** Bytes. */
  readonly addresses: number;
  readonly descriptors: number;
}

const UNLIMITED: Room = { addresses: Number.POSITIVE_INFINITY, descriptors: Number.POSITIVE_INFINITY };

/** Infinity where there is no limit, and where the system does not tell. */
export function roomLeft(): Room {
  // Other systems have no limit of addresses, or do not keep to it.
  if (process.platform !== 'linux') return UNLIMITED;
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    return {
      addresses: addressRoom(softLimit(limits, 'address space')),
      descriptors: descriptorRoom(softLimit(limits, 'open files')),
    };
  } catch {
    return UNLIMITED;
  }
}

function softLimit(limits: string, what: string): number {
  const line = new RegExp(`^Max ${what} +(\\d+)`, 'm').exec(limits);
  return line === null ? Number.POSITIVE_INFINITY : Number(line[1]);
}

function addressRoom(limit: number): number {
  if (limit === Number.POSITIVE_INFINITY) return limit;
  const taken = /^VmSize:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1'));
  return limit - Number(taken?.[1]) * 1024 - ADDRESSES_KEPT;
}

function descriptorRoom(limit: number): number {
  if (limit > MANY_DESCRIPTORS) return Number.POSITIVE_INFINITY;
  return limit - readdirSync('/proc/self/fd').length - DESCRIPTORS_KEPT;
}
