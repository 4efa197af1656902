/** A file as one side of a comparison: an archive or a manifest, detected from its first bytes. */
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
 * @throws PzipError PZIP_SOURCE_UNSUPPORTED for any other file, or the error of the archive or manifest
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
    // An archive may be appended to a self-extractor.
    if (isArchive || !(cause instanceof PzipError) || cause.code !== 'PZIP_ARCHIVE_INVALID') throw cause;
    const message = `${quote(path)} is not a ZIP archive, a directory or a manifest (sha256sum's output or pzip's JSON)`;
    throw new PzipError('PZIP_SOURCE_UNSUPPORTED', message, { path, cause });
  }
}

/** Bytes that suffice for the detection: a hash and the text around it. */
const START_LENGTH = 128;

async function startOf(path: string): Promise<string> {
  const file = await openFile(path);
  try {
    return (await file.read(0, Math.min(START_LENGTH, file.size))).toString('latin1').replace(/^(?:#[^\n]*\n|\s)+/, '');
  } finally {
    await file.close();
  }
}
