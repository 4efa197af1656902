/**
 * Reads a folder of the file system into plain data and tells two of them apart: what was packed from what a foreign
 * reader extracted. Nothing here knows of ZIP.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

export type EntryType = 'file' | 'directory' | 'symlink';

export interface TreeEntry {
  readonly type: EntryType;
  /** Permission bits only. */
  readonly mode: number;
  /** Whole seconds since 1970, rounded down. */
  readonly mtime: number;
  /** Bytes of the content; of a link, of its target's path; of a directory 0. */
  readonly size: number;
  /** Of the content; of a link, of its target's path; of a directory, of nothing. */
  readonly sha256: string;
}

/** By name relative to the root, parted by `/`; a directory's name ends in `/`. In the order of the names' UTF-8 bytes. */
export type Tree = ReadonlyMap<string, TreeEntry>;

export async function readTree(root: string): Promise<Tree> {
  const found: [string, TreeEntry][] = [];
  await readInto(found, root, '');
  return new Map(found.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
}

export interface CompareOptions {
  /** Seconds by which two times may differ: 0, or 1 where only the two-second DOS field can tell. @default 0 */
  mtimeTolerance?: number;
  /** Not every reader can keep them. @default true */
  compareModes?: boolean;
  /** @default true */
  compareTimes?: boolean;
  /** Few extracting readers set a link's own time. @default false */
  compareLinkTimes?: boolean;
}

/** One line for each difference, none when the trees are the same. `actual` and `expected` are folders or trees. */
export async function compareTrees(
  actual: string | Tree,
  expected: string | Tree,
  options: CompareOptions = {},
): Promise<string[]> {
  const a = typeof actual === 'string' ? await readTree(actual) : actual;
  const b = typeof expected === 'string' ? await readTree(expected) : expected;
  const differences: string[] = [];
  for (const name of b.keys()) {
    if (!a.has(name)) differences.push(`${JSON.stringify(name)} is missing`);
  }
  for (const [name, entry] of a) {
    const wanted = b.get(name);
    if (wanted === undefined) differences.push(`${JSON.stringify(name)} was not expected`);
    else differences.push(...compareEntries(name, entry, wanted, options));
  }
  return differences;
}

export async function assertSameTree(
  actual: string | Tree,
  expected: string | Tree,
  options: CompareOptions & { label?: string } = {},
): Promise<void> {
  const differences = await compareTrees(actual, expected, options);
  assert.ok(differences.length === 0, `${options.label ?? 'the trees'}: ${differences.slice(0, 10).join('; ')}`);
}

async function readInto(found: [string, TreeEntry][], folder: string, prefix: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const stats = lstatSync(file);
    if (stats.isDirectory()) {
      found.push([`${prefix}${name}/`, treeEntry('directory', stats, 0, sha256Of(''))]);
      await readInto(found, file, `${prefix}${name}/`);
    } else if (stats.isSymbolicLink()) {
      const target = readlinkSync(file, { encoding: 'buffer' });
      found.push([prefix + name, treeEntry('symlink', stats, target.length, sha256Of(target))]);
    } else {
      found.push([prefix + name, treeEntry('file', stats, stats.size, await sha256OfFile(file, stats.size))]);
    }
  }
}

function treeEntry(type: EntryType, stats: Stats, size: number, sha256: string): TreeEntry {
  return { type, mode: stats.mode & 0o7777, mtime: Math.floor(stats.mtimeMs / 1000), size, sha256 };
}

function compareEntries(name: string, actual: TreeEntry, wanted: TreeEntry, options: CompareOptions): string[] {
  const { mtimeTolerance = 0, compareModes = true, compareTimes = true, compareLinkTimes = false } = options;
  const quoted = JSON.stringify(name);
  if (actual.type !== wanted.type) return [`${quoted} is a ${actual.type}, not a ${wanted.type}`];

  const differences: string[] = [];
  if (actual.size !== wanted.size) differences.push(`${quoted} has ${actual.size} bytes, not ${wanted.size}`);
  else if (actual.sha256 !== wanted.sha256) differences.push(`${quoted} has other content`);
  // A link has no mode of its own on Linux.
  if (compareModes && wanted.type !== 'symlink' && actual.mode !== wanted.mode) {
    differences.push(`${quoted} has mode ${actual.mode.toString(8)}, not ${wanted.mode.toString(8)}`);
  }
  const timed = compareTimes && (wanted.type !== 'symlink' || compareLinkTimes);
  if (timed && Math.abs(actual.mtime - wanted.mtime) > mtimeTolerance) {
    differences.push(`${quoted} has mtime ${actual.mtime}, not ${wanted.mtime}`);
  }
  return differences;
}

export function sha256Of(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes of a file that is read in one go, which takes a tenth of the time of a stream. */
const SMALL = 16 * 1024 * 1024;

async function sha256OfFile(file: string, size: number): Promise<string> {
  if (size <= SMALL) return sha256Of(readFileSync(file));
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
