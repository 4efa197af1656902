/** Reads and compiles git's ignore files, once each. Their contents are not trusted. */
import { statSync } from 'node:fs';
import { PzipError, quote } from '../../common/errors.js';
import { isAccessDenied } from '../../common/file-errors.js';
import type { PzipWarning } from '../../common/warnings.js';
import { unreadable } from '../failures.js';
import { parsePatternFile } from './ignore-patterns.js';
import { MOST_COMPONENTS, type PatternSet } from './pattern-set.js';
import { readSettingsFile, type SettingsFile } from './settings-file.js';

/** A thousand times the size of real files. Git's limit is 100 MB. */
export const LARGEST_PATTERN_FILE = 16 * 1024 * 1024;

interface PatternFileOptions {
  /** The user's own files may be links; links in the tree are not followed, like in git 2.32 and newer. */
  readonly follows: boolean;
  readonly ignoresCase: boolean;
  /** The path for system calls, if it differs from the path. */
  readonly location?: string;
}

export class PatternReader {
  readonly #warn: (warning: PzipWarning) => void;
  readonly #warned = new Set<string>();

  constructor(warn: (warning: PzipWarning) => void) {
    this.#warn = warn;
  }

  /**
   * @returns undefined for a missing or empty file, and with a warning for one that is not regular
   * @throws PzipError for a file that cannot be read completely, because its patterns may exclude a secret
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
        // Git ignores a directory silently, too.
        if (file.is !== 'a directory') this.#skip(path, `is ${file.is}, so its patterns are not read`);
        return undefined;
      case 'too-large':
        throw tooLarge(path);
    }
  }

  /** Warns of an ignore file that is in the repository but not on disk. */
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
    // The user's directory is not accessible, for example to a process that root started as another user.
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
