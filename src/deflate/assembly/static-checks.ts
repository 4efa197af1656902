/**
 * Checks the engine's assumptions about its constants at compile time. (libdeflate: check_buildtime_parameters.) A
 * violated assumption is a compile error with its message. The module contains none of this code.
 */

import { MAX_SEGMENT_SEQUENCES, SEGMENT_LENGTH } from './block-splitter';
import {
  HEADER_SCRATCH_END,
  MAX_DISTANCE_CODE_LENGTH,
  MAX_LITERAL_CODE_LENGTH,
  MAX_PRECODE_LENGTH,
  MAX_STORED_LENGTH,
} from './block-writer';
import { BLOCK_LENGTH as CHAIN_BLOCK_LENGTH, LOOK_AHEAD as CHAIN_LOOK_AHEAD } from './chains';
import { ROUND, THIRD, UNROLLED } from './crc-folding';
import { BLOCK_LENGTH as PRECOMPUTED_BLOCK_LENGTH } from './hash-heads';
import { HUFFMAN_SCRATCH_END } from './huffman';
import { INFLATE_SCRATCH_END } from './inflate-compare';
import { RECORD_SIZE } from './longest-matches';
import { MAX_POSITION } from './match-common';
import {
  CHAIN_COUNT,
  CHAIN3_COUNT,
  DELTA_COUNT,
  HASH3_BITS,
  HASH4_BITS,
  HEADER_SCRATCH,
  HEADER_SCRATCH_SIZE,
  INPUT,
  LITERAL_COUNTS_SIZE,
  LITERALS_SIZE,
  MASTER_BLOCK_LENGTH,
  MATCH_BITS_COUNT,
  MATCHES_SIZE,
  MAX_CHUNK_LENGTH,
  MAX_MATCH_LENGTH,
  MAX_SEQUENCES,
  MAX_UNITS,
  OPTIMAL_HASH3_BITS,
  OUTPUT_SIZE,
  SCRATCH,
  SCRATCH_SIZE,
  SEQUENCES,
  SEQUENCES_SIZE,
  UNIT_SHIFT,
  WINDOW_SIZE,
} from './memory-map';
import { LOOK_AHEAD as FAST_LAZY_LOOK_AHEAD } from './parse-fast-lazy';
import { SEQUENCE_SIZE } from './sequences';

// Tables that are indexed by a position and a mask.
if (!isPowerOf2(CHAIN_COUNT)) ERROR('CHAIN_COUNT must be a power of two');
if (!isPowerOf2(CHAIN3_COUNT)) ERROR('CHAIN3_COUNT must be a power of two');
if (!isPowerOf2(DELTA_COUNT)) ERROR('DELTA_COUNT must be a power of two');
if (!isPowerOf2(MATCH_BITS_COUNT)) ERROR('MATCH_BITS_COUNT must be a power of two');

// What is inserted or computed ahead must not overwrite what the parser still uses: a window behind it, the block it
// works in, and the positions ahead of it.
if (<usize>CHAIN_COUNT < <usize>WINDOW_SIZE + CHAIN_LOOK_AHEAD + CHAIN_BLOCK_LENGTH) {
  ERROR('CHAIN4 must hold a window and what is inserted ahead');
}
if (<usize>CHAIN3_COUNT < CHAIN_LOOK_AHEAD + CHAIN_BLOCK_LENGTH) ERROR('CHAIN3 must hold what is inserted ahead');
if (<usize>DELTA_COUNT < <usize>WINDOW_SIZE + FAST_LAZY_LOOK_AHEAD + 2 * PRECOMPUTED_BLOCK_LENGTH) {
  ERROR('DELTAS must hold a window and what is computed ahead');
}
if (<usize>MATCH_BITS_COUNT < FAST_LAZY_LOOK_AHEAD + 2 * PRECOMPUTED_BLOCK_LENGTH) {
  ERROR('MATCH_BITS must hold what is computed ahead');
}
if (CHAIN_LOOK_AHEAD < 255 * 2 + 2 + <usize>MAX_MATCH_LENGTH) ERROR('a match may be deferred 255 times');
if (FAST_LAZY_LOOK_AHEAD < 50 * 2 + 2 + <usize>MAX_MATCH_LENGTH) ERROR('a match may be deferred 50 times');

// Positions and addresses.
if (INPUT < 0x10000) ERROR('a delta of 16 bits must not lead below address 0');
if (MAX_POSITION >= 0x80000000) ERROR('positions must stay below 2^31');
if (HASH3_BITS > 22 || OPTIMAL_HASH3_BITS > 22 || HASH4_BITS > 30)
  ERROR('a product gives fewer bits than the hash needs');

// Lists.
if (LITERALS_SIZE < SEGMENT_LENGTH + MAX_MATCH_LENGTH + 8) {
  ERROR('LITERALS must hold a segment, what the parser may pass it by, and the word written across its end');
}
if (LITERAL_COUNTS_SIZE != 4 * 256 * 4) ERROR('LITERAL_COUNTS must be four histograms of literals');
if (MAX_SEQUENCES < 3 * MAX_SEGMENT_SEQUENCES) ERROR('SEQUENCES must hold a block and two more segments');
if (SEQUENCE_SIZE != 8) ERROR('a sequence is two words');
if (<usize>(SEGMENT_LENGTH + MAX_MATCH_LENGTH) * RECORD_SIZE > <usize>MATCHES_SIZE) {
  ERROR('MATCHES must hold a record for each position of a segment');
}
if (SEGMENT_LENGTH + MAX_MATCH_LENGTH > MASTER_BLOCK_LENGTH) ERROR('PATH_COSTS must hold a segment');
if (MAX_UNITS << UNIT_SHIFT != MASTER_BLOCK_LENGTH) ERROR('a master block must be whole units');
if (INFLATE_SCRATCH_END > SEQUENCES + SEQUENCES_SIZE) ERROR('SEQUENCES must hold the tables of a stream');
if (HUFFMAN_SCRATCH_END > SCRATCH + SCRATCH_SIZE) ERROR('SCRATCH must hold the Huffman builder');
if (HEADER_SCRATCH_END > HEADER_SCRATCH + HEADER_SCRATCH_SIZE) ERROR('HEADER_SCRATCH must hold a header');

// The output: every byte stored, the empty block of a chunk that is not the last, and the word written across its end.
if (OUTPUT_SIZE < <usize>(MAX_CHUNK_LENGTH + 5 * (MAX_CHUNK_LENGTH / MAX_STORED_LENGTH + 1) + 5 + 8)) {
  ERROR('OUTPUT must hold a chunk in stored blocks');
}
if (OUTPUT_SIZE < THIRD + ROUND + UNROLLED) ERROR('OUTPUT must hold the sums of a CRC-32');

// Bits added between two flushes of a 64-bit buffer in which 7 bits may be left. A length has up to 5 extra bits, a
// distance up to 13 (RFC 1951 section 3.2.5).
if (4 * MAX_LITERAL_CODE_LENGTH + 7 > 64) ERROR('the bit buffer must hold four literals');
if (MAX_LITERAL_CODE_LENGTH + 5 + MAX_DISTANCE_CODE_LENGTH + 13 + 7 > 64) ERROR('the bit buffer must hold a match');
if (MAX_LITERAL_CODE_LENGTH > 15 || MAX_DISTANCE_CODE_LENGTH > 15 || MAX_PRECODE_LENGTH > 7) {
  ERROR('RFC 1951 section 3.2.7: code lengths have 15 bits at most, those of the precode 7');
}

// Integers.
if (MAX_CHUNK_LENGTH + 1 >= 1 << 23) ERROR('a frequency must fit beside a symbol of nine bits');
if (<u64>MAX_CHUNK_LENGTH * 21 * 16 >= 0x80000000) ERROR('the entropy of a chunk must fit 31 bits, in 1/16 bit');
if (<u64>MASTER_BLOCK_LENGTH * 24 * 256 >= 0x100000000) ERROR('the cost of a path must fit 32 bits, in 1/256 bit');

@inline
function isPowerOf2(n: i32): bool {
  return (n & (n - 1)) == 0;
}
