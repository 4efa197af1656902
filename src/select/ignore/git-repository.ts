/**
 * The parts of a git repository that decide what is ignored: `info/exclude`, `core.excludesFile`, whether case matters, and the
 * tracked files. Git itself is not run: it may be missing, and a repository's configuration can name programs.
 */
import { accessSync, constants, lstatSync, readlinkSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { quote } from '../../common/errors.js';
import { errorCode, hasCode } from '../../common/file-errors.js';
import type { PzipWarning } from '../../common/warnings.js';
import {
  describeConfigProblem,
  type Environment,
  expandPath,
  GitConfig,
  isNullDevice,
  realPathOf,
  userPath,
} from './git-config.js';
import { IndexProblem, parseIndex, TrackedFiles } from './git-index.js';
import type { PatternReader } from './pattern-files.js';
import type { PatternSet } from './pattern-set.js';
import { readSettingsFile } from './settings-file.js';
import { foldCase, toByteString } from './wildmatch.js';

export interface RepositoryContext {
  readonly environment: Environment;
  readonly platform: NodeJS.Platform;
  readonly separator: string;
  readonly patternFiles: PatternReader;
  readonly warn: (warning: PzipWarning) => void;
}

/** Git's own limit for a `.git` file, and far more than `commondir` or `HEAD` contain. */
const LARGEST_POINTER = 1024 * 1024;

/** The largest known ones are some 100 MB. */
const LARGEST_INDEX = 256 * 1024 * 1024;

/** Tracked files of a directory to check before it is assumed to contain one. */
const MOST_LOOKED_FOR = 1000;

export class Repository {
  readonly #context: RepositoryContext;
  /** Absolute; of the working tree, with a separator at its end. */
  readonly #head: string;
  readonly #gitDirectory: string;
  readonly #config: GitConfig;
  readonly ignoresCase: boolean;
  /** Ignore files outside the working tree, lowest precedence first. */
  readonly patternSets: readonly PatternSet[];
  #tracked: TrackedFiles | undefined;

  /** @param path of the working tree, absolute */
  constructor(path: string, place: GitPlace, context: RepositoryContext) {
    this.#context = context;
    this.#head = path.endsWith(context.separator) ? path : path + context.separator;
    this.#gitDirectory = place.gitDirectory;
    this.#config = readConfig(place, context);
    this.ignoresCase = this.#config.boolean('core.ignorecase');
    const files = [this.#excludesFile(path), `${place.commonDirectory}/info/exclude`];
    this.patternSets = files.flatMap((file) => {
      return file === undefined
        ? []
        : (context.patternFiles.read(file, { follows: true, ignoresCase: this.ignoresCase }) ?? []);
    });
  }

  #excludesFile(path: string): string | undefined {
    const { environment } = this.#context;
    const named = this.#config.text('core.excludesfile');
    if (named === undefined) return userPath('ignore', environment);
    const expanded = expandPath(named.replace(/^:\(optional\)/, ''), environment);
    if (expanded === undefined) {
      this.#warn(
        `Git's core.excludesFile ${quote(named)} is not read: pzip does not know the directory it is in`,
        path,
      );
    }
    return expanded === undefined || expanded === '' || isNullDevice(expanded) ? undefined : resolve(path, expanded);
  }

  /**
   * Whether an entry that matches a pattern is selected anyway, because it is tracked or contains tracked files.
   *
   * @param path absolute, in the working tree, without a separator at its end
   */
  isTracked(path: string, isDirectory: boolean): boolean {
    const name = this.#nameOf(path);
    const tracked = this.#trackedFiles();
    if (!isDirectory) return tracked.hasFile(name);
    if (tracked.isSubmodule(name)) return true;
    if (tracked.sparseDirectories.has(name)) {
      this.#warn(
        `Of ${quote(path)}, which the sparse index of its repository leaves out, no file counts as tracked`,
        path,
      );
    }
    let count = 0;
    for (const inside of tracked.within(name)) {
      if (++count > MOST_LOOKED_FOR) return true;
      if (exists(this.#head + Buffer.from(inside, 'latin1').toString())) return true;
    }
    return false;
  }

  /** Whether a sparse checkout left out the directory's ignore file. */
  lacksIgnoreFile(directory: string): boolean {
    if (!this.#config.boolean('core.sparsecheckout')) return false;
    const name = this.#nameOf(directory);
    return this.#trackedFiles().skippedIgnoreFiles.has(name === '' ? '.gitignore' : `${name}/.gitignore`);
  }

  #nameOf(path: string): string {
    const { separator } = this.#context;
    const name = path.length < this.#head.length ? '' : path.slice(this.#head.length);
    const bytes = toByteString(separator === '/' ? name : name.replaceAll(separator, '/'));
    return this.ignoresCase ? foldCase(bytes) : bytes;
  }

  #trackedFiles(): TrackedFiles {
    this.#tracked ??= this.#readIndex();
    return this.#tracked;
  }

  #readIndex(): TrackedFiles {
    const path = resolve(this.#gitDirectory, 'index');
    const hashLength = this.#config.text('extensions.objectformat')?.toLowerCase() === 'sha256' ? 32 : 20;
    try {
      return parseIndex(readIndexFile(path) ?? EMPTY_INDEX, { hashLength, ignoresCase: this.ignoresCase }, (name) => {
        const shared = readIndexFile(resolve(this.#gitDirectory, name));
        if (shared === undefined) throw new IndexProblem(`${name} is missing`);
        return shared;
      });
    } catch (cause) {
      const reason = cause instanceof IndexProblem ? cause.message : codeOf(cause);
      this.#warn(
        `${quote(path)} is not read (${reason}): tracked files that a pattern matches stay out; 'git add -f' and exclude patterns do not depend on it`,
        path,
      );
      return new TrackedFiles([], false);
    }
  }

  #warn(message: string, path: string): void {
    this.#context.warn({ code: 'PZIP_REPOSITORY_SKIPPED', severity: 'warning', message, path });
  }
}

/** Of no files, with an empty hash. */
const EMPTY_INDEX = Buffer.concat([Buffer.from('DIRC'), Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])], 64);

function readIndexFile(path: string): Buffer | undefined {
  const file = readSettingsFile(path, LARGEST_INDEX, true);
  switch (file.kind) {
    case 'content':
      return file.bytes;
    case 'missing':
      return undefined;
    case 'special':
      throw new IndexProblem(`it is ${file.is}`);
    case 'too-large':
      throw new IndexProblem(`it has ${file.size} bytes`);
  }
}

function readConfig(place: GitPlace, context: RepositoryContext): GitConfig {
  const sources = {
    ...context,
    warn: (problem: string, path: string) => {
      const message = describeConfigProblem(problem, path);
      context.warn({ code: 'PZIP_REPOSITORY_SKIPPED', severity: 'warning', message, path });
    },
  };
  const head = readPointer(resolve(place.gitDirectory, 'HEAD'));
  const branch = /^ref:\s*refs\/heads\/(\S+)/.exec(head ?? '')?.[1];
  const config = new GitConfig(sources, { gitDirectory: place.gitDirectory, branch }).readProtected();
  config.readFile(resolve(place.commonDirectory, 'config'), true);
  if (config.boolean('extensions.worktreeconfig'))
    config.readFile(resolve(place.gitDirectory, 'config.worktree'), true);
  return config.readEnvironment();
}

/** The repository's own directory, and the one that its working trees share. */
export interface GitPlace {
  readonly gitDirectory: string;
  readonly commonDirectory: string;
}

/**
 * The kind of `.git` in a directory. A file that leads to no repository still marks a separate one, such as a submodule that
 * was copied without its superproject.
 */
export type FoundRepository =
  | { readonly kind: 'repository'; readonly place: GitPlace }
  | { readonly kind: 'separate' }
  /** With the system's error code. */
  | { readonly kind: 'unreadable'; readonly code: string };

/** @param path of a directory that contains `.git` */
export function findRepository(path: string): FoundRepository | undefined {
  const mark = resolve(path, '.git');
  let gitDirectory = mark;
  try {
    if (!statSync(mark).isDirectory()) {
      const target = /^gitdir: ([^\0]+?)[\r\n]*$/.exec(readPointer(mark) ?? '')?.[1];
      if (target === undefined) return undefined;
      gitDirectory = resolve(path, target);
    }
    const commonDirectory = commonDirectoryOf(gitDirectory);
    const isRepository =
      hasHead(gitDirectory) && ['objects', 'refs'].every((name) => maySearch(resolve(commonDirectory, name)));
    if (isRepository) return { kind: 'repository', place: { gitDirectory, commonDirectory } };
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT', 'ENOTDIR', 'ELOOP')) return { kind: 'unreadable', code: codeOf(cause) };
  }
  return gitDirectory === mark ? undefined : { kind: 'separate' };
}

function codeOf(cause: unknown): string {
  return errorCode(cause) ?? String(cause);
}

/** Like git's validate_headref(): HEAD is a branch, or the hash of a commit. */
function hasHead(gitDirectory: string): boolean {
  const path = resolve(gitDirectory, 'HEAD');
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink() === true) return readlinkSync(path).startsWith('refs/');
  return /^(?:ref:\s*refs\/|[0-9a-fA-F]{40})/.test(readPointer(path) ?? '');
}

function commonDirectoryOf(gitDirectory: string): string {
  const path = readPointer(resolve(gitDirectory, 'commondir'))?.replace(/[\r\n]+$/, '');
  return path === undefined || path === '' ? gitDirectory : resolve(gitDirectory, path);
}

function readPointer(path: string): string | undefined {
  const file = readSettingsFile(path, LARGEST_POINTER, true);
  return file.kind === 'content' ? file.bytes.toString() : undefined;
}

function maySearch(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/**
 * The owner of a repository that this user's git would not trust: a hostile user could have written its configuration and
 * index. Undefined if it belongs to this user, or `safe.directory` names it.
 */
export function foreignOwner(path: string, place: GitPlace, context: RepositoryContext): number | undefined {
  const mark = resolve(path, '.git');
  const owner = [path, mark, place.gitDirectory].map((part) => lstatSync(part).uid).find((uid) => !isOwn(uid, context));
  if (owner === undefined || isNamedSafe(path, context)) return undefined;
  return owner;
}

/** For root, the user who called sudo is trusted too. Windows has no user ids to compare. */
function isOwn(uid: number, { environment, platform }: RepositoryContext): boolean {
  const user = process.geteuid?.();
  if (user === undefined || platform === 'win32') return true;
  if (uid === user) return true;
  return user === 0 && /^\d+$/.test(environment.SUDO_UID ?? '') && uid === Number(environment.SUDO_UID);
}

function isNamedSafe(path: string, context: RepositoryContext): boolean {
  const config = new GitConfig({ ...context, warn: () => {} }, undefined).readProtected().readEnvironment();
  const real = realPathOf(path);
  let isSafe = false;
  for (const value of config.all('safe.directory')) {
    const named = value === undefined || value === '' ? undefined : expandPath(value, context.environment);
    if (named === undefined) isSafe = false;
    else if (named === '*') isSafe = true;
    else if (isAbsolute(named)) isSafe ||= isAt(real, named);
  }
  return isSafe;
}

/** A path, or with a slash and a star at the end, everything below it. */
function isAt(real: string | undefined, named: string): boolean {
  if (real === undefined) return false;
  if (!/[/\\]\*$/.test(named)) return realPathOf(named) === real;
  const above = realPathOf(dirname(named));
  return above !== undefined && real.startsWith(above.endsWith('/') ? above : `${above}/`);
}
