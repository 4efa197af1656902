/**
 * The layout of the module's memory. The memory is sized once and never grows, because growing it would detach the
 * views that JavaScript holds. Pages that are never touched cost address space only.
 *
 * Each address is the previous one plus the size of that region, so the order of this file is the order in memory.
 * static-checks.ts proves at compile time that the regions are large enough. The table in docs/deflate.md is generated
 * from this file (scripts/write-memory-map.js): headings become its sections, doc comments its descriptions.
 */

export const MAX_DICTIONARY_LENGTH: i32 = 32 * 1024;
export const MAX_CHUNK_LENGTH: i32 = 1024 * 1024;
/** RFC 1951 section 2: the greatest distance of a match. */
export const WINDOW_SIZE: i32 = 32 * 1024;
/** RFC 1951 section 2: the longest match. */
export const MAX_MATCH_LENGTH: i32 = 258;

/** Bytes between two regions in the debug build, which checks that nothing writes to them. See debug.ts. */
export const GUARD: i32 = ASC_NO_ASSERT ? 0 : 64;

//// The chunk. The caller writes the input before each call and reads the output after it.

/**
 * u8: dictionary, then data. Words are read up to 64 bytes past its end. It starts at 64 KiB, so that a 16-bit delta
 * never leads below address 0.
 */
export const INPUT: usize = 0x10000;
const INPUT_SIZE: usize = MAX_DICTIONARY_LENGTH + MAX_CHUNK_LENGTH + 64;

/** u8: the compressed data, or the partial sums of a CRC-32. Words are written across its end. */
export const OUTPUT: usize = INPUT + INPUT_SIZE + GUARD;
/** The chunk in stored blocks (5 bytes per 65,535), the empty block at its end (5), and the words written across it. */
export const OUTPUT_SIZE: usize = MAX_CHUNK_LENGTH + 4096;

//// Constants. Written when the module starts.

/** u8[512]: slot by distance - 1 below 256, then by (distance - 1) >> 7. */
export const DISTANCE_SLOTS: usize = OUTPUT + OUTPUT_SIZE + GUARD;
/** u16[32]: smallest distance - 1 by slot (RFC 1951 section 3.2.5, second table). */
export const DISTANCE_BASES: usize = DISTANCE_SLOTS + 512 + GUARD;
/** u8[32]: number of extra bits by slot. */
export const DISTANCE_EXTRA_BITS: usize = DISTANCE_BASES + 32 * 2 + GUARD;
/** u8[260]: slot by match length (RFC 1951 section 3.2.5, first table). */
export const LENGTH_SLOTS: usize = DISTANCE_EXTRA_BITS + 32 + GUARD;
/** u8[32]: number of extra bits by slot. */
export const LENGTH_EXTRA_BITS: usize = LENGTH_SLOTS + 264 + GUARD;
/** u16[32]: smallest match length by slot. */
export const LENGTH_BASES: usize = LENGTH_EXTRA_BITS + 32 + GUARD;
export const ENTROPY_SIZE: i32 = 4096;
/** u32[4096]: n * log2(n) in 1/16 bit. */
export const ENTROPY: usize = LENGTH_BASES + 32 * 2 + GUARD;
export const LOGARITHMS_SIZE: i32 = 1024;
/** u16[1024]: log2(n) in 1/256 bit. */
export const LOGARITHMS: usize = ENTROPY + ENTROPY_SIZE * 4 + GUARD;
export const LEVEL_COUNT: i32 = 11;
/** Bytes of a level's parameters. */
export const LEVEL_SIZE: i32 = 9 * 4;
/** i32[11][9]: parameters by level. See levels.ts. */
export const LEVELS: usize = LOGARITHMS + LOGARITHMS_SIZE * 2 + GUARD;

//// Statistics and codes. Valid for one block.

/** i32[8]: by match length, the distance above which a match is unprofitable. Updated after each segment. */
export const DISTANCE_LIMITS: usize = LEVELS + LEVEL_COUNT * LEVEL_SIZE + GUARD;

/** Counters of a histogram: 288 for literals and lengths, then 32 for distances. */
export const HISTOGRAM_LENGTH: i32 = 320;
export const HISTOGRAM_DISTANCES: usize = 288 * 4;
export const HISTOGRAM_SIZE: i32 = HISTOGRAM_LENGTH * 4;
/** u32[320]: symbols of the segment being parsed. */
export const SEGMENT_HISTOGRAM: usize = DISTANCE_LIMITS + 64 + GUARD;
/** u32[320]: symbols of the block collected so far. */
export const BLOCK_HISTOGRAM: usize = SEGMENT_HISTOGRAM + HISTOGRAM_SIZE + GUARD;
/** u8[320]: code lengths of the block being written. */
export const CODE_LENGTHS: usize = BLOCK_HISTOGRAM + HISTOGRAM_SIZE + GUARD;
/** u8[320]: code lengths of RFC 1951 section 3.2.6. A constant, too. */
export const FIXED_CODE_LENGTHS: usize = CODE_LENGTHS + HISTOGRAM_LENGTH + GUARD;
/** u32[320]: `codeword << 8 | length` by symbol. */
export const CODES: usize = FIXED_CODE_LENGTHS + HISTOGRAM_LENGTH + GUARD;
/** u32[260]: codeword and extra bits by match length, in the same form. */
export const LENGTH_CODES: usize = CODES + HISTOGRAM_LENGTH * 4 + GUARD;
/** u8[8192]: working memory of the Huffman code builder, the data type detection and the probe. */
export const SCRATCH: usize = LENGTH_CODES + 260 * 4 + GUARD;
export const SCRATCH_SIZE: i32 = 8192;
/** u8[4096]: working memory of the block header writer. */
export const HEADER_SCRATCH: usize = SCRATCH + SCRATCH_SIZE + GUARD;
export const HEADER_SCRATCH_SIZE: i32 = 4096;
export const MAX_SEQUENCES: i32 = 1 << 16;
/**
 * u32[65536][2]: literal length and match by sequence, of the block and the segment. See sequences.ts. Or the
 * tables of a stream that is inflated, see inflate-compare.ts.
 */
export const SEQUENCES: usize = (HEADER_SCRATCH + HEADER_SCRATCH_SIZE + GUARD + 63) & ~63;
export const SEQUENCES_SIZE: i32 = MAX_SEQUENCES * 8 + 1024;

//// Hash chains of levels 5 to 10. Kept from chunk to chunk: older positions are out of range. See chains.ts.

/** 16 bits are 1.3 % slower at level 6 (3 % on binaries), 18 bits are no faster. */
export const HASH4_BITS: i32 = 17;
/** u32[131072]: newest position by hash of four (or five) bytes. */
export const HEADS4: usize = SEQUENCES + SEQUENCES_SIZE + GUARD;
export const HASH3_BITS: i32 = 14;
/** u32[16384]: newest position by hash of three bytes. */
export const HEADS3: usize = HEADS4 + (1 << HASH4_BITS) * 4 + GUARD;
/** A window, and what is inserted ahead of the parser; a power of two. */
export const CHAIN_COUNT: i32 = 2 * WINDOW_SIZE;
/** u32[65536]: previous position with the same hash of four (or five) bytes, by position. */
export const CHAIN4: usize = HEADS3 + (1 << HASH3_BITS) * 4 + GUARD;
/** Only the nearest candidate of three bytes is looked at: this has room for what is inserted ahead of the parser. */
export const CHAIN3_COUNT: i32 = 4096;
/** u32[4096]: previous position with the same hash of three bytes, by position. */
export const CHAIN3: usize = CHAIN4 + CHAIN_COUNT * 4 + GUARD;
export const PROBE_BITS: i32 = 12;
/** u32[4096]: newest position by hash of four bytes, for the incompressibility probe of levels 1 to 8. */
export const PROBE_HEADS: usize = CHAIN3 + CHAIN3_COUNT * 4 + GUARD;

//// Precomputed matches of levels 1 to 4. Cleared for each chunk. See hash-heads.ts.

/** 15 bits are 0.3 to 0.5 % larger at level 1 and 1 % faster. */
export const HASH_HEAD_BITS: i32 = 16;
/** u16[65536]: newest position by hash of four or five bytes. */
export const HASH_HEADS: usize = PROBE_HEADS + (1 << PROBE_BITS) * 4 + GUARD;
/** A window, and what is computed ahead of the parser; a power of two. */
export const DELTA_COUNT: i32 = 2 * WINDOW_SIZE;
/** u16[65536]: distance to the previous position with the same hash, by position. */
export const DELTAS: usize = HASH_HEADS + (1 << HASH_HEAD_BITS) * 2 + GUARD;
export const MATCH_BITS_COUNT: i32 = 8192;
/** u8[8192 + 8]: how many bits match there, by position; the first eight again, for words read across the end. */
export const MATCH_BITS: usize = DELTAS + DELTA_COUNT * 2 + GUARD;

//// Segment. Valid while it is parsed.

/** u32[9]: by match length, the greatest distance at which it is useful. Updated after each segment. */
export const MAX_USEFUL_DISTANCES: usize = MATCH_BITS + MATCH_BITS_COUNT + 8 + GUARD;
export const LITERALS_SIZE: i32 = 12000;
/** u8: the segment's literals, one after the other. */
export const LITERALS: usize = MAX_USEFUL_DISTANCES + 64 + GUARD;
export const LITERAL_COUNTS_SIZE: i32 = 4 * 256 * 4;
/** u32[4][256]: four interleaved histograms of the literals. Zero between segments. */
export const LITERAL_COUNTS: usize = LITERALS + LITERALS_SIZE + GUARD;

//// Near-optimal parsing. Level 10: valid for one master block. Level 9 uses parts of it for a segment.

/** Bytes that level 10 parses at once, and the log2 of the bytes of a unit. Blocks start at units only. */
export const MASTER_BLOCK_LENGTH: i32 = 256 * 1024;
export const UNIT_SHIFT: i32 = 10;
export const MAX_UNITS: i32 = MASTER_BLOCK_LENGTH >> UNIT_SHIFT;
export const HASH6_BITS: i32 = 17;
/** u32[131072]: newest position by hash of six bytes. Kept from chunk to chunk. */
export const HEADS6: usize = LITERAL_COUNTS + LITERAL_COUNTS_SIZE + GUARD;
/** u32[65536]: previous position with the same hash of six bytes. Kept from chunk to chunk. */
export const CHAIN6: usize = HEADS6 + (1 << HASH6_BITS) * 4 + GUARD;
/** 16 bits are 1 % faster, 0.09 % larger on database records and 0.03 % on fonts. */
export const OPTIMAL_HASH3_BITS: i32 = 17;
/** u32[131072]: newest position by hash of three bytes. Kept from chunk to chunk. */
export const OPTIMAL_HEADS3: usize = CHAIN6 + CHAIN_COUNT * 4 + GUARD;
/** u32[256]: cost by literal. Levels 9 and 10. */
export const LITERAL_COSTS: usize = OPTIMAL_HEADS3 + (1 << OPTIMAL_HASH3_BITS) * 4 + GUARD;
/** u64[260]: `cost << 32 | length` by match length. Levels 9 and 10. */
export const LENGTH_COSTS: usize = LITERAL_COSTS + 256 * 4 + GUARD;
/** u32[32]: cost by slot of a distance. Levels 9 and 10. */
export const DISTANCE_COSTS: usize = LENGTH_COSTS + 260 * 8 + GUARD;
/** u32[256][320]: histogram by unit. */
export const UNITS: usize = DISTANCE_COSTS + 32 * 4 + GUARD;
/** u32[320]: sum of two histograms. Levels 9 and 10. */
export const JOINED_HISTOGRAM: usize = UNITS + <usize>MAX_UNITS * HISTOGRAM_SIZE + GUARD;
/** u32[320]: zeros. */
export const ZERO_HISTOGRAM: usize = JOINED_HISTOGRAM + HISTOGRAM_SIZE + GUARD;
/** i32[257]: first unit by block, and the end. */
export const BLOCK_STARTS: usize = ZERO_HISTOGRAM + HISTOGRAM_SIZE + GUARD;
/** i32[257]: cost by block. */
export const BLOCK_COSTS: usize = BLOCK_STARTS + (MAX_UNITS + 2) * 4 + GUARD;
/** i32[257]: cost of a block merged with the next one. */
export const MERGED_COSTS: usize = BLOCK_COSTS + (MAX_UNITS + 2) * 4 + GUARD;
/** i32[257]: lowest cost of the blocks before a boundary. */
export const SPLIT_COSTS: usize = MERGED_COSTS + (MAX_UNITS + 2) * 4 + GUARD;
/** i32[257]: where the last of those blocks starts. */
export const SPLIT_FROM: usize = SPLIT_COSTS + (MAX_UNITS + 2) * 4 + GUARD;
/** u32[262145]: address of the first match by position, and of the end. */
export const MATCH_STARTS: usize = SPLIT_FROM + (MAX_UNITS + 2) * 4 + GUARD;
/** u32[262145]: lowest cost from a position to the end. Levels 9 and 10. */
export const PATH_COSTS: usize = MATCH_STARTS + (MASTER_BLOCK_LENGTH + 1) * 4 + GUARD;
/** u32[262144]: match to take at a position, or 0 for a literal. Levels 9 and 10. */
export const PATH_CHOICES: usize = PATH_COSTS + (MASTER_BLOCK_LENGTH + 1) * 4 + GUARD;
/** u32[91447][2]: sequences of a block, and of the repeat behind it. */
export const ITERATED_SEQUENCES: usize = (PATH_CHOICES + MASTER_BLOCK_LENGTH * 4 + GUARD + 7) & ~7;
/** Of a master block, and of a repeat that fills the chunk. */
export const MAX_ITERATED_SEQUENCES: i32 = ((MASTER_BLOCK_LENGTH / 3) | 0) + ((MAX_CHUNK_LENGTH / 258) | 0) + 2;
/** u32[2097152]: all matches of a master block; at level 9 the records of a segment. */
export const MATCHES: usize = ITERATED_SEQUENCES + MAX_ITERATED_SEQUENCES * 8 + GUARD;
export const MATCHES_SIZE: i32 = MASTER_BLOCK_LENGTH * 8 * 4;

export const MEMORY_END: usize = MATCHES + MATCHES_SIZE + GUARD;
