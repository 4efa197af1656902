/**
 * Assertions of the debug build (`npm run build:deflate:debug`): bounds of tables, invariants between the parts, and
 * guards between the regions of the memory. The release build is compiled with --noAssert: DEBUG is false at compile
 * time, and nothing of this is in the module.
 *
 * Write `if (DEBUG) assert(...)`, never `assert(...)` alone: --noAssert still evaluates the condition.
 */

import * as map from './memory-map';

export const DEBUG: bool = !ASC_NO_ASSERT;

/** End of the chunk's data. */
let dataEnd: usize = 0;

export function startChecks(end: usize): void {
  dataEnd = end;
}

/** The bytes belong to the dictionary or the data. */
export function assertInput(address: usize, length: usize): void {
  assert(address >= map.INPUT && address <= dataEnd && length <= dataEnd - address, 'bytes outside the chunk');
}

/** The word may be read: it starts in the chunk, or in the 16 zero bytes after it. */
export function assertReadable(address: usize, length: usize): void {
  assert(address >= map.INPUT && address + length <= dataEnd + 16, 'bytes beyond the end of the chunk');
}

/** A match that deflate can express. */
export function assertMatch(length: u32, distance: u32): void {
  assert(length >= 3 && length <= <u32>map.MAX_MATCH_LENGTH, 'length of a match');
  assert(distance >= 1 && distance <= <u32>map.WINDOW_SIZE, 'distance of a match');
}

/** The match repeats what precedes it in the chunk. */
export function assertRepeats(address: usize, length: u32, distance: u32): void {
  assertMatch(length, distance);
  assertInput(address, length);
  assertInput(address - distance, length);
  for (let p = address; p < address + length; p++) {
    assert(load<u8>(p) == load<u8>(p - distance), 'a match of different bytes');
  }
}

/** `length` bytes at `address` lie in a region of `size` bytes. */
export function assertWithin(address: usize, length: usize, region: usize, size: usize): void {
  assert(address >= region && address <= region + size && length <= region + size - address, 'address of a table');
}

/**
 * The position's entry in a chain of `count` entries is its own, as all positions before `insertedEnd` have been
 * inserted, and leads backward.
 */
export function assertEntry(position: u32, chain: usize, count: i32, insertedEnd: u32): void {
  assert(position < insertedEnd && insertedEnd - position <= <u32>count, 'position outside the chain');
  const entry = chain + ((<usize>(position & (count - 1))) << 2);
  assert(load<u32>(entry) < position, 'a chain must lead backward');
}

const GUARD_WORD: u64 = 0xa5a5a5a55a5a5a5a;

/** Fills the guards. */
export function writeGuards(): void {
  visitGuards(true);
}

/** No region was written beyond its end. */
export function checkGuards(): void {
  visitGuards(false);
}

function visitGuards(isWriting: bool): void {
  visitGuard(map.OUTPUT, isWriting);
  visitGuard(map.DISTANCE_SLOTS, isWriting);
  visitGuard(map.DISTANCE_BASES, isWriting);
  visitGuard(map.DISTANCE_EXTRA_BITS, isWriting);
  visitGuard(map.LENGTH_SLOTS, isWriting);
  visitGuard(map.LENGTH_EXTRA_BITS, isWriting);
  visitGuard(map.LENGTH_BASES, isWriting);
  visitGuard(map.ENTROPY, isWriting);
  visitGuard(map.LOGARITHMS, isWriting);
  visitGuard(map.LEVELS, isWriting);
  visitGuard(map.DISTANCE_LIMITS, isWriting);
  visitGuard(map.SEGMENT_HISTOGRAM, isWriting);
  visitGuard(map.BLOCK_HISTOGRAM, isWriting);
  visitGuard(map.CODE_LENGTHS, isWriting);
  visitGuard(map.FIXED_CODE_LENGTHS, isWriting);
  visitGuard(map.CODES, isWriting);
  visitGuard(map.LENGTH_CODES, isWriting);
  visitGuard(map.SCRATCH, isWriting);
  visitGuard(map.HEADER_SCRATCH, isWriting);
  visitGuard(map.SEQUENCES, isWriting);
  visitGuard(map.HEADS4, isWriting);
  visitGuard(map.HEADS3, isWriting);
  visitGuard(map.CHAIN4, isWriting);
  visitGuard(map.CHAIN3, isWriting);
  visitGuard(map.PROBE_HEADS, isWriting);
  visitGuard(map.HASH_HEADS, isWriting);
  visitGuard(map.DELTAS, isWriting);
  visitGuard(map.MATCH_BITS, isWriting);
  visitGuard(map.MAX_USEFUL_DISTANCES, isWriting);
  visitGuard(map.LITERALS, isWriting);
  visitGuard(map.LITERAL_COUNTS, isWriting);
  visitGuard(map.HEADS6, isWriting);
  visitGuard(map.CHAIN6, isWriting);
  visitGuard(map.OPTIMAL_HEADS3, isWriting);
  visitGuard(map.LITERAL_COSTS, isWriting);
  visitGuard(map.LENGTH_COSTS, isWriting);
  visitGuard(map.DISTANCE_COSTS, isWriting);
  visitGuard(map.UNITS, isWriting);
  visitGuard(map.JOINED_HISTOGRAM, isWriting);
  visitGuard(map.ZERO_HISTOGRAM, isWriting);
  visitGuard(map.BLOCK_STARTS, isWriting);
  visitGuard(map.BLOCK_COSTS, isWriting);
  visitGuard(map.MERGED_COSTS, isWriting);
  visitGuard(map.SPLIT_COSTS, isWriting);
  visitGuard(map.SPLIT_FROM, isWriting);
  visitGuard(map.MATCH_STARTS, isWriting);
  visitGuard(map.PATH_COSTS, isWriting);
  visitGuard(map.PATH_CHOICES, isWriting);
  visitGuard(map.ITERATED_SEQUENCES, isWriting);
  visitGuard(map.MATCHES, isWriting);
  visitGuard(map.MEMORY_END, isWriting);
}

/** The guard before a region. */
function visitGuard(region: usize, isWriting: bool): void {
  for (let at = region - map.GUARD; at < region; at += 8) {
    if (isWriting) store<u64>(at, GUARD_WORD);
    else assert(load<u64>(at) == GUARD_WORD, 'a guard was overwritten');
  }
}

/** Where an assertion failed. */
export let failedMessage: usize = 0;
export let failedFile: usize = 0;
export let failedLine: u32 = 0;

/** In place of `abort`, which the module would have to import: see build:deflate:debug in package.json. */
export function fail(message: string | null, file: string | null, line: u32, column: u32): void {
  failedMessage = changetype<usize>(message);
  failedFile = changetype<usize>(file);
  failedLine = line;
  unreachable();
}
