/**
 * The part of git's configuration that ignoring depends on, from the system, the user, the repository and the environment. No
 * program that it names is run.
 */
import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { quote } from '../../common/errors.js';
import { isAccessDenied } from '../../common/file-errors.js';
import { decodeText } from '../decode-text.js';
import { unreadable } from '../failures.js';
import { type ConfigEntry, parseBoolean, parseConfig } from './git-config-syntax.js';
import { enterNodes, nameFor, PatternSet } from './pattern-set.js';
import { readSettingsFile } from './settings-file.js';
import { toByteString } from './wildmatch.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Facts for the conditions of `includeIf`. */
export interface RepositoryPlace {
  readonly gitDirectory: string;
  /** Undefined if HEAD is not on a branch. */
  readonly branch: string | undefined;
}

export interface ConfigSources {
  readonly environment: Environment;
  readonly platform: NodeJS.Platform;
  readonly warn: (message: string, path: string) => void;
}

/** Real files have a few kilobytes. */
const LARGEST_CONFIG = 1024 * 1024;

/** The same limit as git's. */
const DEEPEST_INCLUDE = 10;

/** Total limit: two includes in each of ten levels would be a thousand. */
const MOST_FILES = 100;

export class GitConfig {
  readonly #entries: ConfigEntry[] = [];
  readonly #sources: ConfigSources;
  readonly #place: RepositoryPlace | undefined;
  #files = 0;

  /** @param place if undefined, no condition on a repository is true */
  constructor(sources: ConfigSources, place: RepositoryPlace | undefined) {
    this.#sources = sources;
    this.#place = place;
  }

  /** The system's files and the user's. */
  readProtected(): this {
    const { environment, platform } = this.#sources;
    if (parseBoolean(environment.GIT_CONFIG_NOSYSTEM ?? 'false') !== true) {
      const named = environment.GIT_CONFIG_SYSTEM;
      for (const path of named !== undefined ? [named] : systemFiles(platform, environment)) this.readFile(path, false);
    }
    const named = environment.GIT_CONFIG_GLOBAL;
    for (const path of named !== undefined ? [named] : userFiles(environment)) this.readFile(path, false);
    return this;
  }

  /** Settings from the environment (GIT_CONFIG_COUNT). */
  readEnvironment(): this {
    const { environment } = this.#sources;
    const count = Number(environment.GIT_CONFIG_COUNT ?? 0);
    for (let index = 0; index < Math.min(count, MOST_FILES); index++) {
      const key = environment[`GIT_CONFIG_KEY_${index}`] ?? '';
      const value = environment[`GIT_CONFIG_VALUE_${index}`];
      if (value !== undefined) this.#entries.push({ key: lowerCaseEnds(key), value });
    }
    return this;
  }

  /**
   * @param isOwn whether it belongs to the repository: it must be readable, while a user's file may be in a directory that this
   * process cannot access
   */
  readFile(path: string, isOwn: boolean, depth = 0): void {
    if (path === '' || ++this.#files > MOST_FILES) return;
    const text = this.#readText(path, isOwn);
    if (text === undefined) return;
    const { entries, brokenLine } = parseConfig(text);
    for (const entry of entries) {
      this.#entries.push(entry);
      const { key, value } = entry;
      if (value === undefined || depth === DEEPEST_INCLUDE) continue;
      if (key === 'include.path' || this.#isConditionMet(key, path)) {
        const included = expandPath(value, this.#sources.environment);
        if (included !== undefined) this.readFile(resolve(dirname(path), included), isOwn, depth + 1);
      }
    }
    if (brokenLine !== undefined) this.#sources.warn(`Line ${brokenLine} is not as git-config(1) has it`, path);
  }

  #readText(path: string, isOwn: boolean): string | undefined {
    try {
      const file = readSettingsFile(path, LARGEST_CONFIG, true);
      if (file.kind === 'content') return decodeText(file.bytes);
      if (file.kind === 'too-large') this.#sources.warn(`It is larger than ${LARGEST_CONFIG} bytes`, path);
      if (file.kind === 'special' && !isNullDevice(path)) this.#sources.warn(`It is ${file.is}`, path);
    } catch (cause) {
      if (isOwn || !isAccessDenied(cause)) throw unreadable(path, cause);
    }
    return undefined;
  }

  /** The last value of a key; undefined for a name without `=`. */
  text(key: string): string | undefined {
    return this.#entries.findLast((entry) => entry.key === key)?.value;
  }

  boolean(key: string): boolean {
    const entry = this.#entries.findLast((candidate) => candidate.key === key);
    return entry !== undefined && parseBoolean(entry.value) === true;
  }

  all(key: string): (string | undefined)[] {
    return this.#entries.filter((entry) => entry.key === key).map(({ value }) => value);
  }

  /** Whether a file is to be included: `includeif.CONDITION:PATTERN.path`. */
  #isConditionMet(key: string, file: string): boolean {
    const match = /^includeif\.(gitdir|gitdir\/i|onbranch):(.*)\.path$/s.exec(key);
    if (match === null || this.#place === undefined) return false;
    const [, condition, pattern = ''] = match;
    if (condition === 'onbranch') {
      const { branch } = this.#place;
      return branch !== undefined && matchesWhole(`/${endingInAll(pattern)}`, branch, false);
    }
    const wanted = endingInAll(this.#placePattern(pattern, file));
    return [this.#place.gitDirectory, realPathOf(this.#place.gitDirectory)].some(
      (path) => path !== undefined && matchesWhole(wanted, path.replaceAll('\\', '/'), condition === 'gitdir/i'),
    );
  }

  #placePattern(pattern: string, file: string): string {
    const expanded = expandPath(pattern, this.#sources.environment) ?? pattern;
    if (expanded.startsWith('./')) return `${dirname(realPathOf(file) ?? file)}/${expanded.slice(2)}`;
    return isAbsolute(expanded) ? expanded : `**/${expanded}`;
  }
}

/** Section and name in lower case; a subsection between them is unchanged. */
function lowerCaseEnds(key: string): string {
  const first = key.indexOf('.');
  const last = key.lastIndexOf('.');
  return key.slice(0, first).toLowerCase() + key.slice(first, last) + key.slice(last).toLowerCase();
}

function endingInAll(pattern: string): string {
  return pattern.endsWith('/') ? `${pattern}**` : pattern;
}

/** Whether a pattern matches a whole path, both with slashes. */
function matchesWhole(pattern: string, path: string, ignoresCase: boolean): boolean {
  const set = new PatternSet(ignoresCase);
  set.add(toByteString(pattern));
  const names = path
    .split('/')
    .filter((name) => name !== '')
    .map((name) => nameFor(set, toByteString(name)));
  let nodes = set.start;
  for (const name of names.slice(0, -1)) nodes = enterNodes(nodes, name);
  return set.judge(nodes, names.at(-1) ?? '', true) === 'ignored';
}

/** The system's file, whose path depends on the build of git. */
function systemFiles(platform: NodeJS.Platform, environment: Environment): string[] {
  switch (platform) {
    case 'win32':
      return [`${environment.ProgramFiles ?? 'C:\\Program Files'}\\Git\\etc\\gitconfig`];
    case 'darwin':
      return [
        '/Library/Developer/CommandLineTools/usr/share/git-core/gitconfig',
        '/usr/local/etc/gitconfig',
        '/opt/homebrew/etc/gitconfig',
        '/etc/gitconfig',
      ];
    default:
      return ['/etc/gitconfig'];
  }
}

function userFiles(environment: Environment): string[] {
  const home = homeOf(environment);
  return [userPath('config', environment), home === undefined ? undefined : `${home}/.gitconfig`].filter(
    (path) => path !== undefined,
  );
}

/** `git/NAME` in the XDG configuration directory. */
export function userPath(name: string, environment: Environment): string | undefined {
  const { XDG_CONFIG_HOME: directory } = environment;
  if (directory !== undefined && directory !== '') return `${directory}/git/${name}`;
  const home = homeOf(environment);
  return home === undefined ? undefined : `${home}/.config/git/${name}`;
}

function homeOf({ HOME, USERPROFILE }: Environment): string | undefined {
  return HOME ?? USERPROFILE;
}

/** Expands `~` to the user's home; undefined for another user's home or git's own prefix. */
export function expandPath(path: string, environment: Environment): string | undefined {
  if (path.startsWith('%(prefix)/')) return undefined;
  if (!path.startsWith('~')) return path;
  const home = homeOf(environment);
  return home !== undefined && (path === '~' || path.startsWith('~/')) ? home + path.slice(1) : undefined;
}

export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The null device, which users name to have no file. */
export function isNullDevice(path: string): boolean {
  return path === '/dev/null' || /^(?:\\\\\.\\)?nul$/i.test(path);
}

export function describeConfigProblem(problem: string, path: string): string {
  return `Git's configuration ${quote(path)} is read in part or not at all: ${problem}`;
}
