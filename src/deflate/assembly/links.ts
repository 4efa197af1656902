/**
 * Of every position, the nearest earlier ones whose first four bytes, and first three, have the same hash. They are
 * worked out for some thousand positions ahead of the parser, in a loop without anything to predict, where the misses of
 * the processor's caches overlap. In the parser, behind branches that nobody can predict, each would be waited for.
 *
 * What the parser finds in the links is the nearest place to what begins at a position, and then farther and farther
 * ones; for those that go on beyond a match, it looks at the links of a position inside.
 */

import { bias, FACTOR, hash3, hash4, hashProduct } from './match-finder';
import { HASH4_BITS, HEADS3, HEADS4, INPUT, LINK_COUNT, LINKS, NEAR_LINK_COUNT, NEAR_LINKS } from './memory-map';

/**
 * Until it asks for more links, the parser puts a match off at most 255 times, since it only does so for a longer one,
 * by one or two positions; and then it looks two positions farther and inside the match it has there.
 */
const REACH: usize = 1024;

/** Positions linked at a time. 512 are 1 % slower at level 6; 1024 and 8192 no faster. */
const BLOCK_LENGTH: usize = 2048;

/** Where the links end, but for those of linkSparsely(). */
export let linked: usize = 0;

/** By how many bytes they go, and whether there are others by three. */
export const BY_FOUR_AND_THREE: i32 = 0;
export const BY_FOUR: i32 = 1;
export const BY_FIVE: i32 = 2;
let kind: i32 = BY_FOUR_AND_THREE;

/** The top bits of a product with these depend on the first four, or five, of eight bytes. */
const FOUR_BYTES: u64 = <u64>FACTOR << 32;
const FIVE_BYTES: u64 = 0x9e3779b185ebca87 << 24;

export function startLinks(which: i32): void {
  linked = INPUT;
  kind = which;
}

/** Links beyond p, up to `end`, and gives the first position before which that must be done again. */
export function linkAhead(p: usize, end: usize): usize {
  linkUntil(min(end, p + REACH + BLOCK_LENGTH));
  return linked < end ? linked - REACH : end;
}

/** The positions before `to` get no links and are found by none: they lie inside a long run. */
export function skipLinks(to: usize): void {
  linked = max(linked, to);
}

export function linkUntil(to: usize): void {
  if (kind == BY_FOUR_AND_THREE) linkByFourAndThree(to);
  else linkAlone(to, kind == BY_FOUR ? FOUR_BYTES : FIVE_BYTES);
}

function linkAlone(to: usize, factor: u64): void {
  let p = linked;
  let position = <u32>p + bias;
  while (p < to && (position & 3) != 0) linkOne(p++, position++, factor);
  for (; p + 4 <= to; p += 4, position += 4) {
    const at = linkOffset(position);
    store<u32>(at, replaceHead(hashBy(factor, load<u64>(p)), position), LINKS);
    store<u32>(at, replaceHead(hashBy(factor, load<u64>(p, 1)), position + 1), LINKS + 4);
    store<u32>(at, replaceHead(hashBy(factor, load<u64>(p, 2)), position + 2), LINKS + 8);
    store<u32>(at, replaceHead(hashBy(factor, load<u64>(p, 3)), position + 3), LINKS + 12);
  }
  while (p < to) linkOne(p++, position++, factor);
  linked = max(linked, to);
}

@inline
function linkOne(p: usize, position: u32, factor: u64): void {
  store<u32>(linkOffset(position), replaceHead(hashBy(factor, load<u64>(p)), position), LINKS);
}

/** Four positions a turn, and places in the tables as offsets that are constant, are 4 % faster at level 6. */
function linkByFourAndThree(to: usize): void {
  let p = linked;
  let position = <u32>p + bias;
  while (p < to && (position & 3) != 0) link(p++, position++);
  for (; p + 4 <= to; p += 4, position += 4) {
    const at = linkOffset(position);
    const nearAt = nearLinkOffset(position);
    let product = hashProduct(load<u32>(p));
    store<u32>(at, replaceHead(hash4(product), position), LINKS);
    store<u32>(nearAt, replaceHead3(product, position), NEAR_LINKS);
    product = hashProduct(load<u32>(p, 1));
    store<u32>(at, replaceHead(hash4(product), position + 1), LINKS + 4);
    store<u32>(nearAt, replaceHead3(product, position + 1), NEAR_LINKS + 4);
    product = hashProduct(load<u32>(p, 2));
    store<u32>(at, replaceHead(hash4(product), position + 2), LINKS + 8);
    store<u32>(nearAt, replaceHead3(product, position + 2), NEAR_LINKS + 8);
    product = hashProduct(load<u32>(p, 3));
    store<u32>(at, replaceHead(hash4(product), position + 3), LINKS + 12);
    store<u32>(nearAt, replaceHead3(product, position + 3), NEAR_LINKS + 12);
  }
  while (p < to) link(p++, position++);
  linked = p;
}

function link(p: usize, position: u32): void {
  const product = hashProduct(load<u32>(p));
  store<u32>(linkOffset(position), replaceHead(hash4(product), position), LINKS);
  store<u32>(nearLinkOffset(position), replaceHead3(product, position), NEAR_LINKS);
}

/** Links every so many positions of data that will hardly be repeated. */
export function linkSparsely(start: usize, end: usize, stride: usize): void {
  for (let p = max(start, linked); p < end; p += stride) {
    const position = <u32>p + bias;
    store<u32>(linkOffset(position), replaceHead(headOf(p), position), LINKS);
  }
  skipLinks(end);
}

/** The nearest position before `position` whose first four bytes have the same hash. */
@inline
export function linkOf(position: u32): u32 {
  return load<u32>(linkOffset(position), LINKS);
}

/** The nearest position before `position` whose first three bytes have the same hash. */
@inline
export function nearLinkOf(position: u32): u32 {
  return load<u32>(nearLinkOffset(position), NEAR_LINKS);
}

/** What links p, or would link it. */
export function linkFor(p: usize): u32 {
  return p < linked ? linkOf(<u32>p + bias) : load<u32>(headOf(p), HEADS4);
}

@inline
function linkOffset(position: u32): usize {
  return <usize>(position & (LINK_COUNT - 1)) << 2;
}

@inline
function nearLinkOffset(position: u32): usize {
  return <usize>(position & (NEAR_LINK_COUNT - 1)) << 2;
}

@inline
function headOf(p: usize): usize {
  return hashBy(kind == BY_FIVE ? FIVE_BYTES : FOUR_BYTES, load<u64>(p));
}

@inline
function hashBy(factor: u64, word: u64): usize {
  return <usize>((word * factor) >> (64 - HASH4_BITS)) << 2;
}

/** Makes the position the newest with its hash and gives the one that was. */
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
