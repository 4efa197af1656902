/** What the match finders and the parsers of levels 9 and 10 have in common. */

import { bias, firstPosition } from './match-finder';

/** How many bytes before p agree with those before the place at this distance, at most `limit`, in this piece. */
@inline
export function lengthBefore(p: usize, distance: u32, limit: u32): u32 {
  limit = min(limit, <u32>p + bias - distance - firstPosition);
  let length: u32 = 0;
  while (length < limit) {
    const at = p - length - 8;
    const equal = <u32>(clz(load<u64>(at) ^ load<u64>(at - distance)) >> 3);
    length += equal;
    if (equal < 8) break;
  }
  return min(length, limit);
}

/** What a match saves, in about quarters of a byte's bits: length, less the extra bits of the distance. */
@inline
export function worth(match: u32): i32 {
  return <i32>((match & 511) << 2) + <i32>clz((match >> 14) + 1);
}
