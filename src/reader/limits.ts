/** Upper bounds of the reader, whatever numbers an archive contains. */
import { CENTRAL_DIRECTORY_HEADER_SIZE, LOCAL_FILE_HEADER_SIZE, UINT16_MAX } from '../zip/constants.js';

/** Bytes, compressed or not, up to which an entry is inflated in one call. A longer one is streamed in a task of its own. */
export const MAX_WHOLE_LENGTH = 1024 * 1024;

/**
 * Bytes, compressed or not, up to which `content()` inflates on the caller's thread: 0.1 ms for text. A thread costs 0.03 ms
 * more for each entry, which is half the time of one of 16 KB.
 */
export const MAX_IN_PLACE_LENGTH = 64 * 1024;

/** Limits of a task, in bytes of archive and in entries: the same as for compression, where they were measured. */
export const MAX_TASK_LENGTH = 1024 * 1024;
export const MAX_TASK_ENTRIES = 256;

/** Bytes per read and per chunk of content. Larger ones are not faster. */
export const READ_LENGTH = 256 * 1024;

/** Bytes of the directory read at a time. Holds five headers of maximum length, or about 10,000 typical ones. */
export const DIRECTORY_BLOCK_LENGTH = 1024 * 1024;

/** The maximum length of a header: its fixed part and two or three fields with 16-bit lengths. */
export const LONGEST_LOCAL_HEADER = LOCAL_FILE_HEADER_SIZE + 2 * UINT16_MAX;
export const LONGEST_DIRECTORY_HEADER = CENTRAL_DIRECTORY_HEADER_SIZE + 3 * UINT16_MAX;

/**
 * Bytes at the end of a file in which the end record is searched. The record with the longest comment takes 64 KiB; the rest
 * allows for appended data, such as signatures or padding to a block of a disk or tape.
 */
export const END_SEARCH_LENGTH = 1024 * 1024;

/**
 * Candidates for end records examined in those bytes. Each costs up to four small reads. A real archive has one, and another
 * for each archive that is stored uncompressed near its end.
 */
export const MAX_END_CANDIDATES = 64;
