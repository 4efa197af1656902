/** How an entry was made, in a byte that travels with its header: what a report says and no header has. */
export const NOTE_LEVEL = 0x0f;
/** Set if the compressed data is that of an earlier archive. */
export const NOTE_REUSED = 0x10;
