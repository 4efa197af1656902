/**
 * What every part of the selection needs to know and whom it tells: the options, resolved once.
 */
import { readFileSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { PzipError, quote } from '../errors.js';
import type { PzipWarning } from '../warnings.js';
import { unreadable } from './failures.js';
import { ignoreFileLines } from './ignore-patterns.js';
import { IgnoreRules } from './ignore-rules.js';
import { entryMode, type FileType } from './modes.js';
import { absolutePath } from './names.js';
import { Pace } from './pace.js';
import type { SelectionCounts, SelectOptions, SymlinkPolicy } from './select-options.js';

export interface SelectContext {
  readonly platform: NodeJS.Platform;
  readonly separator: '/' | '\\';
  /** Absolute; patterns and names start from it. */
  readonly cwd: string;
  readonly ignore: IgnoreRules;
  readonly symlinks: SymlinkPolicy;
  /** Entries for directories, not only for what is in them. */
  readonly directoryEntries: boolean;
  /** Open each file to see whether it can be read, so that one that cannot is left out before its turn. */
  readonly triesOpening: boolean;
  /** st_mode as it goes into the archive. */
  readonly entryMode: (mode: number, fileType: FileType) => number;
  /** Whether a regular file is the archive being written. */
  readonly isOwnOutput: (path: string, stats: Stats) => boolean;
  /** Whether that was met and left out, which explains a selection that comes out empty. */
  readonly metOwnOutput: () => boolean;
  /** Of all temporary files that stay out, the first is reported. */
  readonly reportTemporary: (warning: PzipWarning) => void;
  readonly counts: SelectionCounts;
  readonly pace: Pace;
  readonly warn: (warning: PzipWarning) => void;
  /** Throws the error, or reports the path as skipped and gives undefined, so that the caller goes on without it. */
  readonly problem: (error: PzipError) => undefined;
}

/**
 * Every question that the options leave open is answered here.
 *
 * @param negatedGlobs the inputs that began with `!`, without it
 */
export function resolveOptions(options: SelectOptions, negatedGlobs: readonly string[]): SelectContext {
  const platform = options.platform ?? process.platform;
  const separator = platform === 'win32' ? '\\' : '/';
  const cwd = resolve(options.cwd ?? '.');
  const modes = options.modes ?? 'keep';
  const excludePaths = options.excludePaths ?? new Set<string>();
  const isOwnOutput = options.isOwnOutput ?? (() => false);
  let hasMetOwnOutput = false;
  let hasReportedTemporary = false;
  const counts = options.counts ?? { ignored: 0, skipped: 0 };
  const warn = options.onWarning ?? (() => {});
  const ignoreFiles = options.ignoreFiles ?? [];
  const patterns = [...ignoreFiles.flatMap((file) => readIgnoreFile(file, cwd, platform)), ...(options.exclude ?? [])];
  return {
    platform,
    separator,
    cwd,
    ignore: new IgnoreRules({ cwd, separator, patterns, negatedGlobs, gitignore: options.gitignore ?? false }),
    symlinks: options.symlinks ?? 'keep',
    directoryEntries: options.directoryEntries ?? true,
    triesOpening: options.skipUnreadable ?? false,
    entryMode: (mode, fileType) => entryMode(mode, fileType, modes, platform),
    isOwnOutput: (path, stats) => {
      const isOwn = excludePaths.has(path) || isOwnOutput(stats, path);
      if (isOwn) hasMetOwnOutput = true;
      return isOwn;
    },
    metOwnOutput: () => hasMetOwnOutput,
    reportTemporary: (warning) => {
      if (!hasReportedTemporary) warn(warning);
      hasReportedTemporary = true;
    },
    counts,
    pace: new Pace(options.checkpoint),
    warn,
    problem: (error) => {
      if (options.skipUnreadable !== true) throw error;
      counts.skipped++;
      const path = error.path ?? '';
      warn({ code: 'PZIP_SOURCE_SKIPPED', severity: 'warning', message: `Skipped: ${error.message}`, path });
      return undefined;
    },
  };
}

function readIgnoreFile(file: string, cwd: string, platform: NodeJS.Platform): string[] {
  const path = absolutePath(cwd, file, platform);
  try {
    return ignoreFileLines(readFileSync(path, 'utf8'));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      const message = `The ignore file ${quote(file)} does not exist in ${quote(cwd)}; check its spelling`;
      throw new PzipError('PZIP_SOURCE_MISSING', message, { path, cause });
    }
    throw unreadable(path, cause);
  }
}
