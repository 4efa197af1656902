/** Ignore files as git finds them: read without trust, once each, and compiled. */
import { statSync } from 'node:fs';
import { PzipError, quote } from '../../common/errors.js';
import { isAccessDenied } from '../../common/file-errors.js';
import type { PzipWarning } from '../../common/warnings.js';
import { unreadable } from '../failures.js';
import { parsePatternFile } from './ignore-patterns.js';
import { MOST_COMPONENTS, type PatternSet } from './pattern-set.js';
import { readSettingsFile, type SettingsFile } from './settings-file.js';

/** A thousand times what people write. Git reads 100 MB. */
export const LARGEST_PATTERN_FILE = 16 * 1024 * 1024;

interface PatternFileOptions {
  /** The user's own files may be links; those of the tree are not followed, as of git 2.32. */
  readonly follows: boolean;
  readonly ignoresCase: boolean;
  /** By which the system reaches the file, where that is not the path. */
  readonly location?: string;
}

export class PatternReader {
  readonly #warn: (warning: PzipWarning) => void;
  readonly #warned = new Set<string>();

  constructor(warn: (warning: PzipWarning) => void) {
    this.#warn = warn;
  }

  /**
   * @returns undefined for what is missing, empty, or no regular file, which a warning says
   * @throws PzipError for a file that cannot be read to its end: its patterns may be there to keep a secret out
   */
  read(path: string, { follows, ignoresCase, location = path }: PatternFileOptions): PatternSet | undefined {
    const file = readPatterns(path, location, follows);
    switch (file.kind) {
      case 'content': {
        const set = parsePatternFile(file.bytes, ignoresCase);
        if (set === undefined) throw tooManyPatterns(path);
        return set.components === 0 ? undefined : set;
      }
      case 'missing':
        return undefined;
      case 'special':
        // Git says nothing of a directory either.
        if (file.is !== 'a directory') this.#skip(path, `is ${file.is}, so its patterns are not read`);
        return undefined;
      case 'too-large':
        throw tooLarge(path);
    }
  }

  /** Of an ignore file that the repository has and the disk has not. */
  reportMissing(path: string): void {
    this.#skip(path, 'is left out by a sparse checkout, so its patterns are not read');
  }

  #skip(path: string, why: string): void {
    if (this.#warned.has(path)) return;
    this.#warned.add(path);
    const message = `${quote(path)} ${why}`;
    this.#warn({ code: 'PZIP_IGNORE_FILE_SKIPPED', severity: 'warning', message, path });
  }
}

function readPatterns(path: string, location: string, follows: boolean): SettingsFile {
  try {
    return readSettingsFile(location, LARGEST_PATTERN_FILE, follows);
  } catch (cause) {
    // A user's directory that is closed to this process, as to one that root started as another user.
    if (follows && isAccessDenied(cause) && !isThere(path)) return { kind: 'missing' };
    throw unreadable(path, cause);
  }
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

export function tooLarge(path: string): PzipError {
  const message = `${quote(path)} is too large to be an ignore file: more than ${LARGEST_PATTERN_FILE} bytes`;
  return new PzipError('PZIP_SOURCE_UNSUPPORTED', message, { path });
}

export function tooManyPatterns(path: string): PzipError {
  const message = `${quote(path)} holds too many patterns: they have more than ${MOST_COMPONENTS} components between slashes`;
  return new PzipError('PZIP_SOURCE_UNSUPPORTED', message, { path });
}
