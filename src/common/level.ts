/** Compression levels, for the library and the command. What each does is a row of deflate/assembly/levels.ts. */

/**
 * Compression level: 0 stores, 1 is fastest, 6 is the default, 9 is thorough, 10 gives the smallest archive and takes long. The
 * engine `zlib` ends at 9: level 10 falls back to 9 with a warning.
 */
export type CompressionLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

export const MAX_LEVEL = 10 satisfies CompressionLevel;
