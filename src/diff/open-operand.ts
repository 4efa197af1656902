/** A file as one side of a comparison: an archive or a manifest, told apart by how it begins. */
import { PzipError, quote } from '../common/errors.js';
import type { Pace } from '../common/pace.js';
import { openFile } from '../reader/random-access.js';
import { openArchiveRows } from './archive-rows.js';
import type { NameRule } from './facts.js';
import { JSON_ENTRIES, jsonEntries } from './manifest-json.js';
import { CHECKSUM_LINES, looksLikeChecksums } from './manifest-lines.js';
import { manifestLines, openManifestRows } from './manifest-rows.js';
import { RowOperand, type RowSource } from './row-operand.js';

/**
 * @throws PzipError PZIP_SOURCE_UNSUPPORTED for a file that is neither, or what is wrong with the archive or the manifest
 */
export async function openFileOperand(path: string, nameRule: NameRule, pace: Pace): Promise<RowOperand> {
  const source = await openRows(path, nameRule);
  try {
    return await RowOperand.open(source, pace);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openRows(path: string, nameRule: NameRule): Promise<RowSource> {
  const start = await startOf(path);
  if (looksLikeChecksums(start)) return openManifestRows(path, CHECKSUM_LINES, manifestLines, nameRule);
  if (/^\s*\{/.test(start)) return openManifestRows(path, JSON_ENTRIES, jsonEntries, nameRule);
  const isArchive = start.startsWith('PK');
  try {
    return await openArchiveRows(path, nameRule);
  } catch (cause) {
    // Behind a program it is an archive just as well.
    if (isArchive || !(cause instanceof PzipError) || cause.code !== 'PZIP_ARCHIVE_INVALID') throw cause;
    const message = `${quote(path)} is neither a ZIP archive nor a directory nor a manifest (a list as sha256sum writes it, or pzip's JSON)`;
    throw new PzipError('PZIP_SOURCE_UNSUPPORTED', message, { path, cause });
  }
}

/** Holds the longest beginning that decides, a hash and what is around it. */
const START_LENGTH = 128;

async function startOf(path: string): Promise<string> {
  const file = await openFile(path);
  try {
    return (await file.read(0, Math.min(START_LENGTH, file.size))).toString('latin1').replace(/^(?:#[^\n]*\n|\s)+/, '');
  } finally {
    await file.close();
  }
}
