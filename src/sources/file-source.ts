/** A file that a caller names, read by a worker thread. */
import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FileSource } from '../common/entry.js';
import { PzipError, quote } from '../common/errors.js';
import { isTimeRoundedUp } from '../common/exact-times.js';
import { explainReadError, hasCode } from '../common/file-errors.js';
import { isPath } from '../common/option-rules.js';
import { modeFromStat, normalizeMode, S_IFREG } from '../zip/attributes.js';
import { checkEntry, facts } from './checked-entry.js';
import { CONTENT_RULES, entryForm, NO_STREAM } from './entry-options.js';

const FORM = entryForm('path', CONTENT_RULES, NO_STREAM);

/**
 * Returns a function that examines the file, following a symbolic link, when it is the entry's turn.
 *
 * @param path a string or a file URL; absolute, or relative to the current working directory
 * @throws PzipError from the returned function: PZIP_SOURCE_MISSING, PZIP_SOURCE_UNREADABLE or PZIP_SOURCE_UNSUPPORTED
 */
export function fileSource(
  entryName: unknown,
  path: unknown,
  entryOptions: unknown,
  isRecord = false,
): () => FileSource {
  const { name, options } = checkEntry(entryName, FORM, entryOptions, isRecord);
  const given = isPath(path, 'path', name);
  if (given === '') throw new PzipError('PZIP_USAGE', `The path of ${quote(name)} is empty`, { entryName: name });
  const absolute = resolve(given);
  return () => {
    const stats = statFile(absolute, given, name);
    const mode = options.mode ?? modeFromStat(stats.mode, S_IFREG, process.platform);
    return {
      ...facts(name, options, stats.mtimeMs, normalizeMode(mode, S_IFREG)),
      isTimeRoundedUp: isTimeRoundedUp(stats, absolute, true),
      level: options.level,
      kind: 'file',
      path: absolute,
      size: stats.size,
      dev: stats.dev,
      ino: stats.ino,
      ctimeMs: stats.ctimeMs,
      isFollowed: true,
    };
  };
}

function statFile(absolute: string, path: string, entryName: string): Stats {
  let stats: Stats;
  try {
    stats = statSync(absolute);
  } catch (cause) {
    const details = { entryName, path, cause };
    if (hasCode(cause, 'ENOENT', 'ENOTDIR')) {
      throw new PzipError('PZIP_SOURCE_MISSING', `${quote(path)} does not exist`, details);
    }
    throw new PzipError('PZIP_SOURCE_UNREADABLE', `Cannot read ${quote(path)}: ${explainReadError(cause)}`, details);
  }
  if (stats.isFile()) return stats;
  const kind = stats.isDirectory() ? 'a directory: addGlob() and createArchive() take those' : 'not a regular file';
  throw new PzipError('PZIP_SOURCE_UNSUPPORTED', `${quote(path)} is ${kind}`, { entryName, path });
}
