/**
 * Where everything lies in the module's memory. It is sized once and never grows, since views of it die when it does;
 * pages that are never touched cost address space only.
 */

export const MAX_DICTIONARY_LENGTH: i32 = 32 * 1024;
export const MAX_PIECE_LENGTH: i32 = 1024 * 1024;

/** Words are read and written up to this far beyond what counts. */
const SLACK: i32 = 64;

/** Above what the compiler puts into memory by itself (almost nothing). */
export const INPUT: usize = 0x10000;
export const OUTPUT: usize = INPUT + MAX_DICTIONARY_LENGTH + MAX_PIECE_LENGTH + SLACK;

/** The piece stored (5 bytes per 65,535), its end (5), and slack for words that are stored across that. */
const OUTPUT_SIZE: usize = MAX_PIECE_LENGTH + 4096;

// Constants of RFC 1951, written when the module starts.
/** u8[512]: slot of distance - 1 below 256, then of (distance - 1) >> 7. */
export const DISTANCE_SLOTS: usize = OUTPUT + OUTPUT_SIZE;
/** u16[32] and u8[32]: RFC 1951 section 3.2.5, second table. */
export const DISTANCE_BASES: usize = DISTANCE_SLOTS + 512;
export const DISTANCE_EXTRA_BITS: usize = DISTANCE_BASES + 64;
/** u8[260]: slot of a length; u8[32] and u16[32]: extra bits and base of a slot. */
export const LENGTH_SLOTS: usize = DISTANCE_EXTRA_BITS + 32;
export const LENGTH_EXTRA_BITS: usize = LENGTH_SLOTS + 260 + 4;
export const LENGTH_BASES: usize = LENGTH_EXTRA_BITS + 32;
/** u32[ENTROPY_SIZE]: n * log2(n) in units of 1/16 bit. */
export const ENTROPY_SIZE: i32 = 4096;
export const ENTROPY: usize = LENGTH_BASES + 64;
/** u16[LOGARITHMS_SIZE]: log2(n) in units of 1/256. */
export const LOGARITHMS_SIZE: i32 = 1024;
export const LOGARITHMS: usize = ENTROPY + ENTROPY_SIZE * 4;

/** Parameters by level (see levels.ts). */
export const LEVELS: usize = LOGARITHMS + LOGARITHMS_SIZE * 2;
/** i32[8]: by length, the distance beyond which a match is not worth its literals (see costs.ts). */
export const MAX_DISTANCES: usize = LEVELS + 11 * 36;


// Symbol statistics: u32[288] literals and lengths, then u32[32] distances.
export const HISTOGRAM_LENGTH: i32 = 320;
export const HISTOGRAM_DISTANCES: usize = 288 * 4;
const HISTOGRAM_SIZE: usize = HISTOGRAM_LENGTH * 4;
/** Of the segment being parsed, and of the block collected so far. */
export const SEGMENT_HISTOGRAM: usize = MAX_DISTANCES + 64;
export const BLOCK_HISTOGRAM: usize = SEGMENT_HISTOGRAM + HISTOGRAM_SIZE;

// Huffman codes of the block being written: u8 lengths, then u32 `codeword << 8 | length`.
export const CODE_LENGTHS: usize = BLOCK_HISTOGRAM + HISTOGRAM_SIZE;
export const FIXED_CODE_LENGTHS: usize = CODE_LENGTHS + HISTOGRAM_LENGTH;
export const CODES: usize = FIXED_CODE_LENGTHS + HISTOGRAM_LENGTH;
/** u32[260]: the codeword of a match length with its extra bits. */
export const LENGTH_CODES: usize = CODES + HISTOGRAM_LENGTH * 4;
/** Scratch of the code builder, and of the header writer. */
export const SCRATCH: usize = LENGTH_CODES + 260 * 4;
export const HEADER_SCRATCH: usize = SCRATCH + 8192;

/** Sequences of the block and the segment: u32 literals, then u32 match (see sequences.ts). */
export const MAX_SEQUENCES: i32 = 1 << 16;
export const SEQUENCES: usize = (HEADER_SCRATCH + 4096 + 63) & ~63;

// Match finder.
/** 16 are 1.3 % slower at level 6, 3 % on binaries, 18 no faster. */
export const HASH4_BITS: i32 = 17;
export const HASH3_BITS: i32 = 14;
export const WINDOW_SIZE: i32 = 32 * 1024;
/** u32 positions by hash of 4 and 3 bytes. */
export const HEADS4: usize = SEQUENCES + MAX_SEQUENCES * 8 + 1024;
export const HEADS3: usize = HEADS4 + (1 << HASH4_BITS) * 4;
/**
 * u32 previous position with the same hash of 4 bytes, and of 3 bytes: by position modulo the window and, since they are
 * worked out ahead, somewhat more; and modulo what is worked out ahead at most. See links.ts.
 */
export const LINK_COUNT: i32 = 2 * WINDOW_SIZE;
export const LINKS: usize = HEADS3 + (1 << HASH3_BITS) * 4;
export const NEAR_LINK_COUNT: i32 = 4096;
export const NEAR_LINKS: usize = LINKS + LINK_COUNT * 4;
/** u32 positions by hash of 4 bytes, of the probe for random data. */
export const PROBE_BITS: i32 = 12;
export const PROBE_HEADS: usize = NEAR_LINKS + NEAR_LINK_COUNT * 4;

// Levels 1 to 4, see look-back.ts.
/** u16 places by hash of 4 or 5 bytes: 15 bits are 0.3 to 0.5 % larger at level 1, and take 1 % less time. */
export const PLACE_BITS: i32 = 16;
export const LAST_PLACES: usize = PROBE_HEADS + (1 << PROBE_BITS) * 4;
/** u16 steps back by position modulo the window and, since they are worked out ahead, somewhat more. */
export const STEP_COUNT: i32 = 2 * WINDOW_SIZE;
export const STEPS: usize = LAST_PLACES + (1 << PLACE_BITS) * 2;
/** u8 bits that agree, by position modulo what is worked out ahead at most; and eight more for words across the end. */
export const AGREEMENT_COUNT: i32 = 8192;
export const AGREEMENT: usize = STEPS + STEP_COUNT * 2;
/** u32[9]: by length, how far a match may reach; see costs.ts. */
export const REACHES: usize = AGREEMENT + AGREEMENT_COUNT + 8;
/** The literals of a segment, one after the other, and u32[4][256] of how often each is there. */
export const LITERALS: usize = REACHES + 64;
export const LITERAL_COUNTS: usize = LITERALS + 12000;

// Level 10 only: pages that the other levels never touch (see parse-optimal.ts), but for prices, matches and the path,
// the beginnings of which level 9 uses (see parse-path.ts).
/** Bytes of the longest span whose path is worked out at once, in units of 2 ** UNIT_SHIFT: blocks begin at these. */
export const SPAN_LENGTH: i32 = 256 * 1024;
export const UNIT_SHIFT: i32 = 10;
const MAX_UNITS: i32 = SPAN_LENGTH >> UNIT_SHIFT;
/** u32 positions by hash of six bytes, and the previous ones by position; see long-links.ts. */
export const LONG_HASH_BITS: i32 = 17;
export const LONG_HEADS: usize = LITERAL_COUNTS + 4096;
export const LONG_LINKS: usize = LONG_HEADS + (1 << LONG_HASH_BITS) * 4;
/** u32 positions by hash of 3 bytes. 16 bits are 0.09 % larger on database records and 0.03 % on fonts, and 1 % faster. */
export const NEAR_HASH_BITS: i32 = 17;
export const NEAR_HEADS: usize = LONG_LINKS + LINK_COUNT * 4;
/** u32[256], u64[260] `price << 32 | length`, and u32[32]. */
export const LITERAL_PRICES: usize = NEAR_HEADS + (1 << NEAR_HASH_BITS) * 4;
export const LENGTH_PRICES: usize = LITERAL_PRICES + 1024;
export const DISTANCE_PRICES: usize = LENGTH_PRICES + 260 * 8;
/** Histograms of the units, and u32 by unit: see split(). */
export const UNITS: usize = DISTANCE_PRICES + 128;
export const JOINED_HISTOGRAM: usize = UNITS + <usize>MAX_UNITS * HISTOGRAM_SIZE;
export const ZERO_HISTOGRAM: usize = JOINED_HISTOGRAM + HISTOGRAM_SIZE;
export const ATOMS: usize = ZERO_HISTOGRAM + HISTOGRAM_SIZE;
export const ATOM_COSTS: usize = ATOMS + (MAX_UNITS + 2) * 4;
export const JOINT_COSTS: usize = ATOM_COSTS + (MAX_UNITS + 2) * 4;
export const SPLIT_COSTS: usize = JOINT_COSTS + (MAX_UNITS + 2) * 4;
export const SPLIT_FROM: usize = SPLIT_COSTS + (MAX_UNITS + 2) * 4;
/** By position of the span, and one more for its end. */
export const MATCH_STARTS: usize = SPLIT_FROM + (MAX_UNITS + 2) * 4;
export const PATH_COSTS: usize = MATCH_STARTS + (SPAN_LENGTH + 1) * 4;
export const PATH_CHOICES: usize = PATH_COSTS + (SPAN_LENGTH + 1) * 4;
export const OPTIMAL_SEQUENCES: usize = (PATH_CHOICES + SPAN_LENGTH * 4 + 7) & ~7;
export const MATCHES_SIZE: i32 = SPAN_LENGTH * 8 * 4;
/** Of a span and a run. */
const MAX_OPTIMAL_SEQUENCES: i32 = SPAN_LENGTH / 3 + MAX_PIECE_LENGTH / 258 + 2;
export const MATCHES: usize = OPTIMAL_SEQUENCES + MAX_OPTIMAL_SEQUENCES * 8;
export const MEMORY_END: usize = MATCHES + MATCHES_SIZE;
