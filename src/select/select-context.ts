/**
 * What every part of the selection needs: the options, resolved once, and the listeners.
 */

import { resolve } from 'node:path';
import type { PzipError } from '../common/errors.js';
import type { FileStats } from '../common/exact-times.js';
import { Pace } from '../common/pace.js';
import type { PzipWarning } from '../common/warnings.js';
import { namePatterns, type PatternScope, reportUnmatchableLines } from './globs/caller-patterns.js';
import { type NegatedGlobs, negatedGlobs } from './globs/negated-globs.js';
import { WithinCwd } from './globs/within-cwd.js';
import { HeldPaths } from './held-paths.js';
import type { GitIgnore } from './ignore/git-ignore.js';
import { readIgnoreFile } from './ignore/ignore-files.js';
import { compilePatterns } from './ignore/ignore-patterns.js';
import { IgnoreRules } from './ignore/ignore-rules.js';
import { LinkGuard } from './link-guard.js';
import { entryMode, type FileType } from './modes.js';
import { NamePattern } from './names/name-patterns.js';
import type { SelectionCounts, SelectOptions, SymlinkPolicy } from './select-options.js';

export interface SelectContext {
  readonly platform: NodeJS.Platform;
  readonly separator: '/' | '\\';
  /** Absolute; patterns and names are relative to it. */
  readonly cwd: string;
  readonly ignore: IgnoreRules;
  /** The negated inputs (`!`), which are among the ignore rules. */
  readonly negated: NegatedGlobs | undefined;
  /** Whether the patterns exclude an entry that does not exist on disk. */
  readonly excludesName: (name: string) => boolean;
  readonly within: WithinCwd;
  /** Whether a path, relative to `cwd` or absolute, is there; a link counts, whatever it leads to. */
  readonly exists: (path: string) => boolean;
  readonly symlinks: SymlinkPolicy;
  readonly links: LinkGuard;
  readonly paths: HeldPaths;
  /** Entries for directories, not only for what is in them. */
  readonly directoryEntries: boolean;
  /** Opens each file to test whether it is readable, so that an unreadable one is left out early. */
  readonly triesOpening: boolean;
  /** st_mode as it goes into the archive. */
  readonly entryMode: (mode: number, fileType: FileType) => number;
  /** Whether a regular file is the archive being written. */
  readonly isOwnOutput: (path: string, stats: FileStats) => boolean;
  /** Whether the archive itself was found and left out, which explains an empty selection. */
  readonly metOwnOutput: () => boolean;
  /** Reports the first temporary file that is left out. */
  readonly reportTemporary: (warning: PzipWarning) => void;
  readonly ifEmpty: 'error' | 'warn' | 'ignore';
  readonly counts: SelectionCounts;
  readonly pace: Pace;
  readonly warn: (warning: PzipWarning) => void;
  /** Throws the error, or reports the path as skipped and returns undefined, so that the caller continues without it. */
  readonly problem: (error: PzipError) => undefined;
}

/** Facts about the inputs that concern the whole selection. */
export interface InputFacts {
  /** The negated inputs, without their `!`. */
  readonly negated: readonly string[];
  /** Whether an input is outside the working directory. */
  readonly hasOutside: boolean;
  /** Whether a path, relative to the working directory or absolute, is there. */
  readonly exists: (path: string) => boolean;
}

/** Applies the defaults of all options. */
export async function resolveOptions(options: SelectOptions, inputs: InputFacts): Promise<SelectContext> {
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
  const pace = new Pace(options.checkpoint);
  const within = new WithinCwd(cwd, platform);
  const { exists } = inputs;
  const scope: PatternScope = { within, platform, exists, warn, hasOutsideInputs: inputs.hasOutside };
  const lines: string[] = [];
  for (const file of options.ignoreFiles ?? []) {
    const own = await readIgnoreFile(file, cwd, platform, pace);
    reportUnmatchableLines(own, file, scope);
    for (const line of own) lines.push(line);
  }
  for (const pattern of namePatterns(options.exclude ?? [], scope)) lines.push(pattern);
  const patterns = await compilePatterns(lines, pace);
  const negated = negatedGlobs(inputs.negated, scope);
  const links = new LinkGuard(cwd, separator);
  const git = options.gitignore === true ? await honourGit(cwd, platform, warn) : undefined;
  return {
    platform,
    separator,
    cwd,
    ignore: new IgnoreRules({ separator, patterns, negated, git }),
    negated,
    excludesName: (name) => new NamePattern(patterns).matches(name) || (negated?.excludes(name) ?? false),
    within,
    exists,
    links,
    paths: new HeldPaths({ links, platform, separator, follows: options.symlinks === 'follow' }),
    ifEmpty: options.ifEmpty ?? 'error',
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
    pace,
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

/** Loaded only if requested: few archives use git's rules. */
async function honourGit(
  cwd: string,
  platform: NodeJS.Platform,
  warn: (warning: PzipWarning) => void,
): Promise<GitIgnore> {
  const { GitIgnore } = await import('./ignore/git-ignore.js');
  return new GitIgnore({ cwd, platform, warn });
}
