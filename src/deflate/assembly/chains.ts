/**
 * Hash chains: for each position, the nearest earlier one whose first four (or five) bytes have the same hash, and the
 * nearest earlier one for three bytes. They are zlib's `prev[]` and libdeflate's `next_tab`.
 *
 * Positions are inserted some thousand ahead of the parser, in a loop without unpredictable branches, where the cache
 * misses overlap. Insertion in the parser, as zlib and libdeflate do it, would wait for each miss: where a match ends
 * decides where the parser goes on.
 *
 * Invariants: positions below `insertedEnd` are in the chains, or were skipped on purpose. The parser may follow the
 * chain of any position up to LOOK_AHEAD beyond its own, for example of one inside a match, to find what continues
 * beyond its end. Insertion reads up to eight bytes at a position, so up to seven beyond the data's end.
 */

import { assertEntry, assertInput, DEBUG } from './debug';
import { FACTOR, hash3, hash4, hashProduct, positionBias } from './match-common';
import { CHAIN_COUNT, CHAIN3, CHAIN3_COUNT, CHAIN4, HASH4_BITS, HEADS3, HEADS4, INPUT } from './memory-map';

/**
 * How far ahead of its own position the parser uses the chains. It defers a match 255 times at most, by one or two
 * positions, each time for a longer match. Then it looks two positions ahead, inside the match found there.
 */
export const LOOK_AHEAD: usize = 1024;

/** Positions inserted at a time. 512 are 1 % slower at level 6; 1024 and 8192 are no faster. */
export const BLOCK_LENGTH: usize = 2048;

/** End of what is in the chains. */
export let insertedEnd: usize = 0;

/** How many bytes are hashed, and whether there is a second chain for three bytes. */
export const HASH_4_AND_3: i32 = 0;
export const HASH_4: i32 = 1;
export const HASH_5: i32 = 2;
let chainKind: i32 = HASH_4_AND_3;

/** The top bits of a product with these depend on the first four, or five, of eight bytes only. */
const FACTOR_4: u64 = (<u64>FACTOR) << 32;
const FACTOR_5: u64 = 0x9e3779b185ebca87 << 24;

export function startChains(kind: i32): void {
  insertedEnd = INPUT;
  chainKind = kind;
}

/** Inserts what lies ahead of p, up to `end`. Returns the position at which this must be done again. */
export function insertAhead(p: usize, end: usize): usize {
  insertUntil(min(end, p + LOOK_AHEAD + BLOCK_LENGTH));
  return insertedEnd < end ? insertedEnd - LOOK_AHEAD : end;
}

/** Leaves the positions before `to` out of the chains, because they lie inside a long repeat. */
export function skipInsertions(to: usize): void {
  insertedEnd = max(insertedEnd, to);
}

export function insertUntil(to: usize): void {
  if (chainKind == HASH_4_AND_3) insertWithTwoHashes(to);
  else insertWithOneHash(to, chainKind == HASH_4 ? FACTOR_4 : FACTOR_5);
}

function insertWithOneHash(to: usize, factor: u64): void {
  let p = insertedEnd;
  let position = <u32>p + positionBias;
  while (p < to && (position & 3) != 0) insertOneHash(p++, position++, factor);
  for (; p + 4 <= to; p += 4, position += 4) {
    if (DEBUG) assertInput(p, 4);
    const at = chain4Offset(position);
    store<u32>(at, replaceHead(hashOffset(factor, load<u64>(p)), position), CHAIN4);
    store<u32>(at, replaceHead(hashOffset(factor, load<u64>(p, 1)), position + 1), CHAIN4 + 4);
    store<u32>(at, replaceHead(hashOffset(factor, load<u64>(p, 2)), position + 2), CHAIN4 + 8);
    store<u32>(at, replaceHead(hashOffset(factor, load<u64>(p, 3)), position + 3), CHAIN4 + 12);
  }
  while (p < to) insertOneHash(p++, position++, factor);
  insertedEnd = max(insertedEnd, to);
}

@inline
function insertOneHash(p: usize, position: u32, factor: u64): void {
  if (DEBUG) assertInput(p, 1);
  store<u32>(chain4Offset(position), replaceHead(hashOffset(factor, load<u64>(p)), position), CHAIN4);
}

/** Four positions per iteration, with constant offsets into the tables, are 4 % faster at level 6. */
function insertWithTwoHashes(to: usize): void {
  let p = insertedEnd;
  let position = <u32>p + positionBias;
  while (p < to && (position & 3) != 0) insertTwoHashes(p++, position++);
  for (; p + 4 <= to; p += 4, position += 4) {
    const at = chain4Offset(position);
    const at3 = chain3Offset(position);
    if (DEBUG) assertInput(p, 4);
    let product = hashProduct(load<u32>(p));
    store<u32>(at, replaceHead(hash4(product), position), CHAIN4);
    store<u32>(at3, replaceHead3(product, position), CHAIN3);
    product = hashProduct(load<u32>(p, 1));
    store<u32>(at, replaceHead(hash4(product), position + 1), CHAIN4 + 4);
    store<u32>(at3, replaceHead3(product, position + 1), CHAIN3 + 4);
    product = hashProduct(load<u32>(p, 2));
    store<u32>(at, replaceHead(hash4(product), position + 2), CHAIN4 + 8);
    store<u32>(at3, replaceHead3(product, position + 2), CHAIN3 + 8);
    product = hashProduct(load<u32>(p, 3));
    store<u32>(at, replaceHead(hash4(product), position + 3), CHAIN4 + 12);
    store<u32>(at3, replaceHead3(product, position + 3), CHAIN3 + 12);
  }
  while (p < to) insertTwoHashes(p++, position++);
  insertedEnd = p;
}

function insertTwoHashes(p: usize, position: u32): void {
  if (DEBUG) assertInput(p, 1);
  const product = hashProduct(load<u32>(p));
  store<u32>(chain4Offset(position), replaceHead(hash4(product), position), CHAIN4);
  store<u32>(chain3Offset(position), replaceHead3(product, position), CHAIN3);
}

/** Inserts one position in `stride`, for data that is unlikely to be repeated. */
export function insertSparsely(start: usize, end: usize, stride: usize): void {
  for (let p = max(start, insertedEnd); p < end; p += stride) {
    const position = <u32>p + positionBias;
    store<u32>(chain4Offset(position), replaceHead(headOffset(p), position), CHAIN4);
  }
  skipInsertions(end);
}

/** The nearest earlier position whose first four (or five) bytes have the same hash. */
@inline
export function chainNext(position: u32): u32 {
  if (DEBUG) assertEntry(position, CHAIN4, CHAIN_COUNT, <u32>insertedEnd + positionBias);
  return load<u32>(chain4Offset(position), CHAIN4);
}

/** The nearest earlier position whose first three bytes have the same hash. */
@inline
export function chain3Next(position: u32): u32 {
  if (DEBUG) assertEntry(position, CHAIN3, CHAIN3_COUNT, <u32>insertedEnd + positionBias);
  return load<u32>(chain3Offset(position), CHAIN3);
}

/** The nearest candidate for p, whether p has been inserted or not. */
export function chainNextOrHead(p: usize): u32 {
  return p < insertedEnd ? chainNext(<u32>p + positionBias) : load<u32>(headOffset(p), HEADS4);
}

@inline
function chain4Offset(position: u32): usize {
  return (<usize>(position & (CHAIN_COUNT - 1))) << 2;
}

@inline
function chain3Offset(position: u32): usize {
  return (<usize>(position & (CHAIN3_COUNT - 1))) << 2;
}

@inline
function headOffset(p: usize): usize {
  return hashOffset(chainKind == HASH_5 ? FACTOR_5 : FACTOR_4, load<u64>(p));
}

@inline
function hashOffset(factor: u64, word: u64): usize {
  return (<usize>((word * factor) >> (64 - HASH4_BITS))) << 2;
}

/** Makes the position the newest with its hash and returns the previous one. */
@inline
function replaceHead(hash: usize, position: u32): u32 {
  const previous = load<u32>(hash, HEADS4);
  store<u32>(hash, position, HEADS4);
  return previous;
}

@inline
function replaceHead3(product: u32, position: u32): u32 {
  const hash = hash3(product);
  const previous = load<u32>(hash, HEADS3);
  store<u32>(hash, position, HEADS3);
  return previous;
}
