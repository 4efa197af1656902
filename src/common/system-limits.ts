/**
 * The remaining resources of this process, checked before they are used. V8 reserves large address ranges and silently aborts
 * the process if it gets none. Threads that use up the file descriptors leave none for reading files.
 */
import { readdirSync, readFileSync } from 'node:fs';

const MIB = 2 ** 20;

/** What V8 reserves for a WebAssembly memory of any size, so that it need not check addresses: 8 or 10 GiB (Node 20 to 26). */
export const MEMORY_ADDRESSES = 10 * 1024 * MIB;

/** A worker thread takes 590 MiB: its heap, the heap's code and its stack (Node 20 to 26). */
export const THREAD_ADDRESSES = 640 * MIB;

/** Reserved for this thread's heap, for buffers, and for libuv's four threads with 64 MiB each. */
const ADDRESSES_KEPT = 512 * MIB;

/** A worker thread uses four for its event loop, and opens one file at a time. */
export const THREAD_DESCRIPTORS = 6;

/** Reserved for the archive, its scratch file, directories, lists, and files that the program opens. */
const DESCRIPTORS_KEPT = 12;

/** Above this number, descriptors are not counted: Node has raised the soft limit to the hard one. */
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

/** Infinity if there is no limit or it is unknown. */
export function roomLeft(): Room {
  // Other systems have no address space limit, or do not enforce it.
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
