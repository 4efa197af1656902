/** The list of --files-from, which may be standard input. */
import { readFile } from 'node:fs/promises';
import { parseFileList } from '../index.js';
import { standardInput } from './standard-streams.js';
import { UsageError } from './usage-error.js';

/** @param path `-` for standard input */
export async function readList(path: string, isNullSeparated: boolean): Promise<string[]> {
  if (path !== '-') return parseFileList(await readListFile(path), isNullSeparated, path);
  const input = standardInput();
  if ('isTTY' in input && input.isTTY) {
    throw new UsageError('the list is read from standard input, which is a terminal: pipe it in');
  }
  const pieces: Buffer[] = [];
  try {
    for await (const piece of input) pieces.push(piece);
  } catch (error) {
    throw new UsageError(`the list on standard input cannot be read: ${messageOf(error)}`);
  }
  return parseFileList(Buffer.concat(pieces), isNullSeparated, 'on standard input');
}

async function readListFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`the list ${path} cannot be read: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
