/** Compares the entries of an archive, as they are written, with the sizes of an earlier archive or manifest. */
import { createReadStream } from 'node:fs';
import type { WrittenEntry } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import type { SizeChange, SizeChanges } from '../common/size-changes.js';
import { JSON_ENTRIES, jsonEntries, reportEntries } from '../diff/manifest-json.js';
import { openManifestRows } from '../diff/manifest-rows.js';
import { openFile } from '../reader/random-access.js';
import { openArchive } from './open-archive.js';

const MOST_LISTED = 10;

/** Bytes in which a JSON text shows its first character. */
const START_LENGTH = 64;

export class SizeComparison {
  readonly #measure: SizeChanges['measure'];
  /** Of entries that were not written yet. */
  readonly #earlier: Map<string, number>;
  readonly #before: number;
  #after = 0;
  readonly #totals = { grown: newTotal(), shrunk: newTotal(), added: newTotal(), removed: newTotal() };
  readonly #largest: SizeChange[] = [];

  private constructor(measure: SizeChanges['measure'], earlier: Map<string, number>) {
    this.#measure = measure;
    this.#earlier = earlier;
    this.#before = [...earlier.values()].reduce((sum, size) => sum + size, 0);
  }

  /**
   * Reads the sizes, so that the file may be replaced afterwards.
   *
   * @throws PzipError if it cannot be read, or is neither an archive nor a manifest that has sizes
   */
  static async open(path: string): Promise<SizeComparison> {
    const sizes = new Map<string, number>();
    const start = await startOf(path);
    if (/^\s*\{\s*"format"\s*:\s*"pzip-report"/.test(start)) {
      await addReportSizes(path, sizes);
    } else if (/^\s*\{/.test(start)) {
      await addManifestSizes(path, sizes);
      return new SizeComparison('uncompressed', sizes);
    } else {
      await addArchiveSizes(path, sizes);
    }
    return new SizeComparison('compressed', sizes);
  }

  readonly onEntry = ({ name, compressedSize, uncompressedSize }: WrittenEntry): void => {
    if (name.endsWith('/')) return;
    const after = this.#measure === 'compressed' ? compressedSize : uncompressedSize;
    const before = this.#earlier.get(name);
    this.#earlier.delete(name);
    this.#after += after;
    this.#add({ name, before, after });
  };

  /** The archive is complete: what was not written is gone. */
  finish(): SizeChanges {
    for (const [name, before] of this.#earlier) this.#add({ name, before, after: undefined });
    this.#earlier.clear();
    return {
      measure: this.#measure,
      before: this.#before,
      after: this.#after,
      ...this.#totals,
      largest: this.#largest,
    };
  }

  #add(change: SizeChange): void {
    const { before, after } = change;
    if (before === after) return;
    const bytes = bytesOf(change);
    const kind = before === undefined ? 'added' : after === undefined ? 'removed' : bytes > 0 ? 'grown' : 'shrunk';
    this.#totals[kind].count++;
    this.#totals[kind].bytes += bytes;
    const largest = this.#largest;
    const position = largest.findIndex((other) => Math.abs(bytesOf(other)) < Math.abs(bytes));
    if (position === -1 && largest.length === MOST_LISTED) return;
    largest.splice(position === -1 ? largest.length : position, 0, change);
    if (largest.length > MOST_LISTED) largest.pop();
  }
}

function newTotal(): { count: number; bytes: number } {
  return { count: 0, bytes: 0 };
}

function bytesOf({ before = 0, after = 0 }: SizeChange): number {
  return after - before;
}

async function startOf(path: string): Promise<string> {
  const file = await openFile(path);
  try {
    return (await file.read(0, Math.min(START_LENGTH, file.size))).toString('latin1');
  } finally {
    await file.close();
  }
}

async function addArchiveSizes(path: string, sizes: Map<string, number>): Promise<void> {
  const archive = await openArchive(path);
  try {
    for await (const { name, compressedSize } of archive.entries()) {
      if (!name.endsWith('/')) sizes.set(name, compressedSize);
    }
  } finally {
    await archive.close();
  }
}

/** @throws PzipError PZIP_MANIFEST_INVALID */
async function addReportSizes(path: string, sizes: Map<string, number>): Promise<void> {
  let number = 0;
  for await (const text of reportEntries(createReadStream(path), path)) {
    number++;
    const { name, compressedSize } = parsedEntry(text.toString());
    if (typeof name !== 'string' || typeof compressedSize !== 'number') {
      const message = `The report ${quote(path)} is invalid: its entry ${number} has no "name" or no "compressedSize"`;
      throw new PzipError('PZIP_MANIFEST_INVALID', message, { path });
    }
    if (!name.endsWith('/')) sizes.set(name, compressedSize);
  }
}

function parsedEntry(text: string): { readonly name?: unknown; readonly compressedSize?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** @throws PzipError PZIP_MANIFEST_INVALID */
async function addManifestSizes(path: string, sizes: Map<string, number>): Promise<void> {
  const manifest = await openManifestRows(path, JSON_ENTRIES, jsonEntries, (name) => name);
  try {
    for await (const row of manifest.rows()) {
      const { name, kind, size } = await manifest.factsOf(row);
      if (kind === 'directory') continue;
      if (size === undefined) {
        const message = `The manifest ${quote(path)} cannot be compared: its entry ${quote(name)} has no "size"`;
        throw new PzipError('PZIP_MANIFEST_INVALID', message, { path, entryName: name });
      }
      sizes.set(name, size);
    }
  } finally {
    await manifest.close();
  }
}
