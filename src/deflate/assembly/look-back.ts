/**
 * Of every position, the last place with the same first bytes: how far back it is, and how many bits agree, of eight bytes
 * at most. This is worked out for some thousand positions ahead of the parser, in loops without branches: there the misses
 * of the processor's caches overlap, and the parser, which must know where a match ends before it can go on, has all it
 * needs for that at hand.
 *
 * The steps back are the links of hash chains: another step leads from where one has led to. Places are kept in 16 bits,
 * counted from the piece's beginning, so that what is 65,536 bytes or more away seems to be nearer; comparing tells. Since
 * the tables begin empty, all of it depends on the piece alone.
 */

import {
  AGREEMENT,
  AGREEMENT_COUNT,
  INPUT,
  LAST_PLACES,
  PLACE_BITS,
  STEP_COUNT,
  STEPS,
} from './memory-map';

/** Whether every position is looked back from, or every other one. */
let isEvery: bool = false;

/** Positions at a time. */
const BLOCK_LENGTH: usize = 2048;

/** Of a short piece the table has about as many places as that has bytes, since it has to be cleared. */
const MIN_BITS: i32 = 8;

/** The top bits of a product with these depend on the first four, or five, of eight bytes. */
const FOUR_BYTES: u64 = 0x9e3779b185ebca87 << 32;
const FIVE_BYTES: u64 = 0x9e3779b185ebca87 << 24;
let factor: u64 = FOUR_BYTES;
let shift: u64 = 0;

/** A step that leads out of any window. */
const NOWHERE: u32 = 0xffff;
const FOUR_NOWHERE: u64 = 0xffffffffffffffff;

let pieceEnd: usize = 0;
/** What lies before has been worked out. */
export let known: usize = 0;

/**
 * Begins a piece, and looks back from all of its dictionary. In text five bytes are hashed, since a match of four is seldom
 * worth more there than what follows it: 1 to 2 % smaller. Binaries would be 1 % larger.
 */
export function startLookBack(start: usize, end: usize, every: bool, isText: bool): void {
  isEvery = every;
  factor = isText ? FIVE_BYTES : FOUR_BYTES;
  const bits = max(MIN_BITS, min(PLACE_BITS, 32 - <i32>clz(<u32>(end - INPUT))));
  shift = 64 - bits;
  memory.fill(LAST_PLACES, 0, 2 << bits);
  pieceEnd = end;
  known = INPUT;
  if (end == INPUT) return;
  // An empty table leads to the first byte, which nothing precedes. (Of pairs of positions, too, its part is the first.)
  lookBackFrom(known++);
  store<u8>(agreementPlace(INPUT), 0, AGREEMENT);
  store<u16>(stepPlace(INPUT), NOWHERE, STEPS);
  while (known < start) lookBack();
}

/** Looks back from some thousand positions more, of which there must be any. */
export function lookBack(): void {
  let p = known;
  const to = min(pieceEnd, (p & ~(BLOCK_LENGTH - 1)) + BLOCK_LENGTH);
  // Eight bytes are compared.
  const whole = min(to, pieceEnd - 7);
  while (p < to) {
    if ((p & 7) == 0 && p + 8 <= whole) {
      p = isEvery ? turnsOfEvery(p, whole, factor, shift) : turnsOfEveryOther(p, whole, factor, shift);
    } else lookBackFrom(p++);
  }
  known = to;
  mirrorAgreement();
}

/** The first eight bytes of the ring again behind it, for words that are read across its end. */
@inline
export function mirrorAgreement(): void {
  store<u64>(0, load<u64>(0, AGREEMENT), AGREEMENT + AGREEMENT_COUNT);
}

/** Eight positions a turn, each as lookBackFrom() does it, at places that are constant but for the first: 2 % faster than four. */
function turnsOfEveryOther(p: usize, to: usize, factor: u64, shift: u64): usize {
  let position = <u32>(p - INPUT);
  for (; p + 8 <= to; p += 8, position += 8) {
    const at = agreementPlace(p >> 1);
    const steps = stepPlace(p >> 1);
    let word = load<u64>(p);
    let place = hash(word, factor, shift);
    let back = (position - load<u16>(place, LAST_PLACES)) & 0xffff;
    store<u16>(place, position, LAST_PLACES);
    store<u16>(steps, back, STEPS);
    store<u8>(at, ctz(load<u64>(p - back) ^ word), AGREEMENT);
    store<u16>(hash(load<u64>(p, 1), factor, shift), position + 1, LAST_PLACES);
    word = load<u64>(p, 2);
    place = hash(word, factor, shift);
    back = (position + 2 - load<u16>(place, LAST_PLACES)) & 0xffff;
    store<u16>(place, position + 2, LAST_PLACES);
    store<u16>(steps, back, STEPS + 2);
    store<u8>(at, ctz(load<u64>(p - back, 2) ^ word), AGREEMENT + 1);
    store<u16>(hash(load<u64>(p, 3), factor, shift), position + 3, LAST_PLACES);
    word = load<u64>(p, 4);
    place = hash(word, factor, shift);
    back = (position + 4 - load<u16>(place, LAST_PLACES)) & 0xffff;
    store<u16>(place, position + 4, LAST_PLACES);
    store<u16>(steps, back, STEPS + 4);
    store<u8>(at, ctz(load<u64>(p - back, 4) ^ word), AGREEMENT + 2);
    store<u16>(hash(load<u64>(p, 5), factor, shift), position + 5, LAST_PLACES);
    word = load<u64>(p, 6);
    place = hash(word, factor, shift);
    back = (position + 6 - load<u16>(place, LAST_PLACES)) & 0xffff;
    store<u16>(place, position + 6, LAST_PLACES);
    store<u16>(steps, back, STEPS + 6);
    store<u8>(at, ctz(load<u64>(p - back, 6) ^ word), AGREEMENT + 3);
    store<u16>(hash(load<u64>(p, 7), factor, shift), position + 7, LAST_PLACES);
  }
  return p;
}

/** Four a turn. */
function turnsOfEvery(p: usize, to: usize, factor: u64, shift: u64): usize {
  let position = <u32>(p - INPUT);
  for (; p + 4 <= to; p += 4, position += 4) {
    const at = agreementPlace(p);
    const steps = stepPlace(p);
    let word = load<u64>(p);
    let place = hash(word, factor, shift);
    let back = (position - load<u16>(place, LAST_PLACES)) & 0xffff;
    store<u16>(place, position, LAST_PLACES);
    store<u16>(steps, back, STEPS);
    store<u8>(at, ctz(load<u64>(p - back) ^ word), AGREEMENT);
    word = load<u64>(p, 1);
    place = hash(word, factor, shift);
    back = (position + 1 - load<u16>(place, LAST_PLACES)) & 0xffff;
    store<u16>(place, position + 1, LAST_PLACES);
    store<u16>(steps, back, STEPS + 2);
    store<u8>(at, ctz(load<u64>(p - back, 1) ^ word), AGREEMENT + 1);
    word = load<u64>(p, 2);
    place = hash(word, factor, shift);
    back = (position + 2 - load<u16>(place, LAST_PLACES)) & 0xffff;
    store<u16>(place, position + 2, LAST_PLACES);
    store<u16>(steps, back, STEPS + 4);
    store<u8>(at, ctz(load<u64>(p - back, 2) ^ word), AGREEMENT + 2);
    word = load<u64>(p, 3);
    place = hash(word, factor, shift);
    back = (position + 3 - load<u16>(place, LAST_PLACES)) & 0xffff;
    store<u16>(place, position + 3, LAST_PLACES);
    store<u16>(steps, back, STEPS + 6);
    store<u8>(at, ctz(load<u64>(p - back, 3) ^ word), AGREEMENT + 3);
  }
  return p;
}

function lookBackFrom(p: usize): void {
  const back = remember(p);
  const bits = min(<u32>ctz(load<u64>(p - back) ^ load<u64>(p)), <u32>(pieceEnd - p) << 3);
  if (isEvery) {
    store<u16>(stepPlace(p), back, STEPS);
    store<u8>(agreementPlace(p), bits, AGREEMENT);
  } else if ((p & 1) == 0) {
    store<u16>(stepPlace(p >> 1), back, STEPS);
    store<u8>(agreementPlace(p >> 1), bits, AGREEMENT);
  }
}

/** Puts the position into the tables, and gives the step back to what was in its place. */
function remember(p: usize): u32 {
  const position = <u32>(p - INPUT);
  const place = hash(load<u64>(p), factor, shift);
  const back = (position - load<u16>(place, LAST_PLACES)) & 0xffff;
  store<u16>(place, position, LAST_PLACES);
  return back;
}

/** The step back from p, or what it would be if p came next. */
export function stepFrom(p: usize): u32 {
  if (p >= known) return (<u32>(p - INPUT) - load<u16>(hash(load<u64>(p), factor, shift), LAST_PLACES)) & 0xffff;
  if (isEvery) return load<u16>(stepPlace(p), STEPS);
  return (p & 1) == 0 ? <u32>load<u16>(stepPlace(p >> 1), STEPS) : NOWHERE;
}

/** Goes on at `to`. What lies before is not looked back from, and only every stride-th position found later; 0: none. */
export function passOver(to: usize, stride: usize): void {
  if (isEvery) {
    let p = known;
    while (p < to && (p & 3) != 0) store<u16>(stepPlace(p++), NOWHERE, STEPS);
    for (; p + 4 <= to; p += 4) store<u64>(stepPlace(p), FOUR_NOWHERE, STEPS);
    while (p < to) store<u16>(stepPlace(p++), NOWHERE, STEPS);
  }
  if (stride != 0) {
    for (let p = (known + stride - 1) & ~(stride - 1); p < to; p += stride) {
      const back = remember(p);
      if (isEvery) store<u16>(stepPlace(p), back, STEPS);
    }
  }
  known = max(known, to);
}

@inline
function hash(word: u64, factor: u64, shift: u64): usize {
  return <usize>((word * factor) >> shift) << 1;
}

/** Where a position, or a pair of them, has its part in AGREEMENT. */
@inline
export function agreementPlace(p: usize): usize {
  return p & (<usize>AGREEMENT_COUNT - 1);
}

/** And where in STEPS. */
@inline
export function stepPlace(p: usize): usize {
  return (p & (<usize>STEP_COUNT - 1)) << 1;
}
