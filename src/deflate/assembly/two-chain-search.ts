/**
 * The search for matches along two hash chains, written once for all levels from 3 on.
 *
 * A match longer than the best one so far agrees with p in its first four bytes, the head, and in the four bytes that
 * end one byte beyond the best match, the tail. Both have a hash chain of all such positions. The search
 * follows the one whose next candidate is farther back, because the other's nearer candidates are excluded without a
 * look. Half as many comparisons then find longer matches: level 6 is 1.1 times as fast, levels 7 and 8 1.2 to 1.45
 * times.
 *
 * Most of the time goes into unpredictable branches. Selecting a chain without a branch is 2 % faster. Choosing a
 * chain is written twice, because one loop around choosing and following is 4 % slower.
 *
 * Invariants: candidates are positions, or addresses if the chain is one of deltas. The chains are valid up to the end
 * of the longest match that `limit` allows. Reading at a candidate may start up to MAX_MATCH_LENGTH bytes before it.
 */

import { chainNext } from './chains';
import { deltaAt } from './hash-heads';
import { LONG_HASH_LENGTH, nextInChain } from './long-chains';
import { lowestPosition, matchLength } from './match-common';
import { CHAIN4, CHAIN6, WINDOW_SIZE } from './memory-map';
import { packMatch } from './sequences';

// Which chains a search follows.
/** CHAIN4 (chains.ts). */
export const FOLLOW_CHAIN4: i32 = 0;
/** CHAIN4, and CHAIN6 where five bytes match (long-chains.ts). */
export const FOLLOW_CHAIN4_AND_6: i32 = 1;
/** Deltas between addresses (hash-heads.ts). */
export const FOLLOW_DELTAS: i32 = 2;

// Which matches a search keeps.
/** The longest one. The search returns it as `length << 16 | distance`. */
export const KEEP_LONGEST: i32 = 0;
/** The longest one, and the one that it replaced. The search returns `second << 32 | longest`, as T = u64. */
export const KEEP_TWO: i32 = 1;
/** All, each longer than the one before: packed, in a list. The search returns the end of the list. */
export const KEEP_ALL: i32 = 2;

/**
 * Searches for matches of p longer than `length`, up to `limit` bytes.
 *
 * The first five parameters are constants where possible, so that each caller gets a specialized copy.
 *
 * @param chains which chains are followed
 * @param keep which matches are kept
 * @param hasTail whether `length` bytes already match somewhere, so that there is a tail to search for
 * @param probes how many candidates, up to two, are compared before the search starts, when there is a tail: usually
 *   there is no longer match, and the first candidates show it
 * @param hashLength how many bytes the chains hash
 * @param base positions minus addresses
 * @param candidate the nearest candidate of the head's chain
 * @param first candidates below are out of range, as are those farther away than a window
 * @param nice a match of this length ends the search
 * @param depth how many candidates are compared
 * @param result the best match so far, or the end of the list
 */
@inline
export function searchTwoChains<T>(
  chains: i32,
  keep: i32,
  hasTail: bool,
  probes: i32,
  hashLength: u32,
  p: usize,
  base: u32,
  candidate: u32,
  first: u32,
  length: i32,
  limit: i32,
  nice: i32,
  depth: i32,
  result: u32,
): T {
  const position = <u32>p + base;
  const head = load<u32>(p);
  let second: u32 = 0;
  let chain = CHAIN4;
  /** The offset of a candidate in its match: 0 in the head's chain. */
  let candidateOffset: u32 = 0;
  /** The word to compare first, and its offset: its chain has not compared that one. */
  let expected = head;
  let expectedOffset: u32 = 0 - base;
  if (hasTail) {
    const tailOffset: u32 = length - 3;
    let tailHashOffset: u32 = length + 1 - hashLength;
    if (chains == FOLLOW_CHAIN4_AND_6) {
      if (length >= LONG_HASH_LENGTH - 1) {
        chain = CHAIN6;
        tailHashOffset = length + 1 - LONG_HASH_LENGTH;
        candidate = nextInChain(CHAIN6, position);
      }
    }
    const tail = load<u32>(p + tailOffset);
    const tailCandidate = next(chains, chain, position + tailHashOffset);
    const isTailFarther = tailCandidate < candidate + tailHashOffset;
    candidate = select(tailCandidate, candidate, isTailFarther);
    candidateOffset = select(tailHashOffset, <u32>0, isTailFarther);
    expected = select(head, tail, isTailFarther);
    expectedOffset = select(0 - tailHashOffset, tailOffset, isTailFarther) - base;
    if (probes > 0) {
      // Positions below the floor are out of range, but may be read.
      const floor = position - WINDOW_SIZE - 1;
      let at = max(candidate, floor);
      let isSeen = load<u32>(at + expectedOffset) == expected;
      if (probes > 1) {
        at = max(next(chains, chain, at), floor);
        isSeen |= load<u32>(at + expectedOffset) == expected;
      }
      if (!isSeen) return <T>result;
    }
  }
  const lowest = lowestPosition(position, first);
  while (candidate >= lowest + candidateOffset) {
    if (load<u32>(candidate + expectedOffset) == expected) {
      const start = candidate - candidateOffset;
      const found = matchLength(p, <usize>(start - base), 0, limit);
      // A distance of exactly 65,536 bytes has a delta of 0.
      if (chains == FOLLOW_DELTAS ? found > length && start < position : found > length) {
        if (keep == KEEP_TWO) second = result;
        if (keep == KEEP_ALL) {
          store<u32>(result, packMatch(found, position - start));
          result += 4;
        } else {
          result = (found << 16) | (position - start);
        }
        length = found;
        if (found >= nice || --depth <= 0) break;
        const tailOffset: u32 = found - 3;
        let tailHashOffset: u32 = found + 1 - hashLength;
        candidate = start;
        if (chains == FOLLOW_CHAIN4_AND_6) {
          if (found >= LONG_HASH_LENGTH - 1) {
            chain = CHAIN6;
            tailHashOffset = found + 1 - LONG_HASH_LENGTH;
            // The first five bytes do not determine the chain of six.
            if (found == LONG_HASH_LENGTH - 1) candidate = position;
          }
        }
        const tail = load<u32>(p + tailOffset);
        const tailCandidate = next(chains, chain, position + tailHashOffset);
        candidate = next(chains, chain, candidate);
        const isTailFarther = tailCandidate < candidate + tailHashOffset;
        candidate = select(tailCandidate, candidate, isTailFarther);
        candidateOffset = select(tailHashOffset, <u32>0, isTailFarther);
        expected = select(head, tail, isTailFarther);
        expectedOffset = select(0 - tailHashOffset, tailOffset, isTailFarther) - base;
        continue;
      }
    }
    if (--depth <= 0) break;
    candidate = next(chains, chain, candidate);
  }
  if (keep == KEEP_TWO) return <T>(((<u64>second) << 32) | result);
  return <T>result;
}

/** The next candidate after a position in its chain. */
@inline
function next(chains: i32, chain: usize, position: u32): u32 {
  if (chains == FOLLOW_DELTAS) return position - deltaAt(position);
  if (chains == FOLLOW_CHAIN4) return chainNext(position);
  return nextInChain(chain, position);
}
