/** How the work of reading an archive back is cut into tasks; known to both sides of the thread boundary. */

/** Bytes, compressed or not, up to which an entry is inflated in one call; a longer one is a task by itself, and streamed. */
export const MAX_WHOLE_LENGTH = 1024 * 1024;

/** Bytes of archive, and entries, at which a task is full: as for compressing, where it was measured. */
export const MAX_TASK_LENGTH = 1024 * 1024;
export const MAX_TASK_ENTRIES = 256;
