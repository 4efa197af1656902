/** What the reader believes and holds at most, whatever numbers an archive gives. */
import { CENTRAL_DIRECTORY_HEADER_SIZE, LOCAL_FILE_HEADER_SIZE, UINT16_MAX } from '../zip/constants.js';

/** Bytes, compressed or not, up to which an entry is inflated in one call; a longer one is a task by itself, and streamed. */
export const MAX_WHOLE_LENGTH = 1024 * 1024;

/** Bytes of archive, and entries, at which a task is full: as for compressing, where it was measured. */
export const MAX_TASK_LENGTH = 1024 * 1024;
export const MAX_TASK_ENTRIES = 256;

/** Bytes of one read, and of one chunk of content: larger ones are no faster. */
export const READ_LENGTH = 256 * 1024;

/** Bytes of the directory read at a time. Holds five of the longest headers, or some 10,000 usual ones. */
export const DIRECTORY_BLOCK_LENGTH = 1024 * 1024;

/** A header cannot be longer: its fixed part and two or three lengths of 16 bits. */
export const LONGEST_LOCAL_HEADER = LOCAL_FILE_HEADER_SIZE + 2 * UINT16_MAX;
export const LONGEST_DIRECTORY_HEADER = CENTRAL_DIRECTORY_HEADER_SIZE + 3 * UINT16_MAX;

/**
 * Bytes at the end of a file in which its end record is searched. The record and the longest comment take 64 KiB; the rest
 * is for what others append: signatures, and padding to a block of a disk or tape.
 */
export const END_SEARCH_LENGTH = 1024 * 1024;

/**
 * Places in those bytes that are looked at as end records. Each costs up to four small reads; a real archive has one, and
 * one more for each archive stored without compression near its end.
 */
export const MAX_END_CANDIDATES = 64;
