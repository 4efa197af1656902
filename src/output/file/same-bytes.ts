/** Compares the new archive with the one that it would replace. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Bytes that are compared at a time. */
const BLOCK_LENGTH = 1024 * 1024;

/** @returns false for an `existing` file that is missing, is no regular file or cannot be read */
export async function hasSameBytes(created: string, existing: string): Promise<boolean> {
  const files: FileHandle[] = [];
  try {
    for (const path of [created, existing])
      files.push(await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
    const [a, b] = files;
    if (a === undefined || b === undefined) return false;
    const [statsA, statsB] = [await a.stat(), await b.stat()];
    if (!statsB.isFile() || statsA.size !== statsB.size) return false;
    const [blockA, blockB] = [Buffer.alloc(BLOCK_LENGTH), Buffer.alloc(BLOCK_LENGTH)];
    for (let position = 0; position < statsA.size; ) {
      const length = Math.min(BLOCK_LENGTH, statsA.size - position);
      const [readA, readB] = await Promise.all([
        readAll(a, blockA, length, position),
        readAll(b, blockB, length, position),
      ]);
      if (!readA || !readB || !blockA.subarray(0, length).equals(blockB.subarray(0, length))) return false;
      position += length;
    }
    return true;
  } catch {
    return false;
  } finally {
    for (const file of files) await file.close();
  }
}

/** @returns false where the file ends before */
async function readAll(file: FileHandle, into: Buffer, length: number, position: number): Promise<boolean> {
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(into, filled, length - filled, position + filled);
    if (bytesRead === 0) return false;
    filled += bytesRead;
  }
  return true;
}
