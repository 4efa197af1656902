/**
 * Parses a pattern among the inputs into the directory where it starts and the segments to match below. Inputs and `!patterns`
 * use the same parser and the same segments, so they have the same meaning.
 */
import { PzipError, quote } from '../../common/errors.js';
import { expandBraces, tooMany } from './glob-braces.js';
import { compileSegment, groupAt, MAX_GROUP_DEPTH, type Segment } from './glob-segment.js';

export type GlobSegment = Segment | typeof GLOBSTAR;

/** `**` matches zero or more directories, and as the last segment every file and link in them. */
export const GLOBSTAR = Symbol('**');

export interface GlobPattern {
  /** As the caller gave it. */
  readonly source: string;
  /** The literal directory where it starts, spelled as in the pattern: empty, or with a slash at the end. */
  readonly head: string;
  /** At least one. */
  readonly segments: readonly GlobSegment[];
  /** It ended in a slash. */
  readonly isDirectoryOnly: boolean;
}

/** Limit of a whole pattern, which may contain a long list of names in braces. */
const MAX_PATTERN_LENGTH = 65_536;

/** Limit of a pattern after brace expansion: the longest path that a system opens (PATH_MAX of Linux). */
const MAX_EXPANDED_PATTERN_LENGTH = 4096;

/** Limit of groups such as `@(…)` in one pattern. Each is matched at every position of a name. */
const MAX_GROUPS = 32;

/** Whether a path that does not exist could have been meant as a pattern. */
export function isPattern(input: string): boolean {
  return /[*?[{]|[!@+]\(/.test(input);
}

/**
 * @param exists whether a path, relative to the working directory or absolute, is there
 * @throws PzipError PZIP_USAGE for a pattern that is too long or stands for too many others
 */
export function parseGlob(
  pattern: string,
  exists: (path: string) => boolean,
  platform: NodeJS.Platform,
): GlobPattern[] {
  if (pattern.length > MAX_PATTERN_LENGTH) throw tooLong(pattern, MAX_PATTERN_LENGTH);
  const slashed = forwardSlashes(pattern, platform);
  if (isPattern(slashed) && exists(slashed)) return [literalPattern(slashed, pattern)];
  const { head, rest } = existingHead(slashed, exists);
  const expanded = expandBraces(rest).flatMap((text) => expandSlashGroups(text, pattern));
  return expanded.map((text) => compile(head, text, pattern));
}

/**
 * On Windows a backslash separates directories. Before a character that is special in patterns and valid in names it quotes;
 * `*`, `?` and `|` are not valid in names there.
 */
export function forwardSlashes(pattern: string, platform: NodeJS.Platform): string {
  return platform === 'win32' ? pattern.replace(/\\(?![()[\]{}!+@])/g, '/') : pattern;
}

/** The path of an existing file or directory. */
function literalPattern(path: string, source: string): GlobPattern {
  const bare = path.replace(/\/+$/, '');
  const start = bare.lastIndexOf('/') + 1;
  const literal = bare.slice(start);
  const segments = [{ literal, matches: (name: string) => name === literal }];
  return { source, head: bare.slice(0, start), segments, isDirectoryOnly: path.endsWith('/') };
}

/**
 * Takes leading components literally if they exist: `app/(shop)/[slug]/**` starts in the directories with these names. A
 * component with `*` or `?` stays a pattern, which also matches a file of that name.
 */
function existingHead(pattern: string, exists: (path: string) => boolean): { head: string; rest: string } {
  let end = 0;
  let at = 0;
  for (let slash = pattern.indexOf('/'); slash !== -1; slash = pattern.indexOf('/', at)) {
    const component = pattern.slice(at, slash);
    if (/[*?\\]/.test(component)) break;
    const isSpecial = /[[{]|[!@+]\(/.test(component);
    if (isSpecial && !exists(pattern.slice(0, slash))) break;
    at = slash + 1;
    end = at;
  }
  return { head: pattern.slice(0, end), rest: pattern.slice(end) };
}

/** A group that contains a slash cannot match one component, so `@(a/b|c)` and `?(a/b)` are expanded like braces. */
function expandSlashGroups(text: string, pattern: string): string[] {
  if (!text.includes('(')) return [text];
  const done: string[] = [];
  const waiting = [text];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const group = slashGroupIn(next);
    if (group === undefined) {
      done.push(next);
    } else if (group.sign === '@' || group.sign === '?') {
      const { start, end } = group;
      const alternatives = group.sign === '?' ? ['', ...group.alternatives] : group.alternatives;
      for (const alternative of alternatives) waiting.push(next.slice(0, start) + alternative + next.slice(end + 1));
    } else {
      const message = `The pattern ${quote(pattern)} has a '/' between parentheses, which only '@(…)' and '?(…)' may have; use several patterns`;
      throw new PzipError('PZIP_USAGE', message, { path: pattern });
    }
    if (done.length + waiting.length > MAX_SPELLED_OUT) throw tooMany(pattern);
  }
  return done;
}

/** Groups with slashes are rare, and each step copies the pattern. */
const MAX_SPELLED_OUT = 1000;

function slashGroupIn(text: string) {
  let count = 0;
  for (let start = 0; start < text.length; start++) {
    if (text[start] === '\\') start++;
    else if (text[start + 1] === '(' && /[?*+@!]/.test(text[start] ?? '')) {
      if (++count > MAX_GROUPS) return undefined;
      const group = groupAt(text, start);
      if (group?.alternatives.some((alternative) => alternative.includes('/')) === true) {
        return { ...group, start, sign: text[start] };
      }
      if (group !== undefined) start = group.end;
    }
  }
  return undefined;
}

function compile(head: string, text: string, source: string): GlobPattern {
  if (text.length > MAX_EXPANDED_PATTERN_LENGTH) throw tooLong(source, MAX_EXPANDED_PATTERN_LENGTH);
  if ((text.match(/[?*+@!]\(/g)?.length ?? 0) > MAX_GROUPS) throw tooDeep(source);
  const isDirectoryOnly = text.endsWith('/');
  const components = text.split('/');
  // An empty component or `.` means the current directory; an empty first one makes the path absolute.
  const parts = components.filter(
    (component, index) =>
      (component !== '' && component !== '.') || (index === 0 && head === '' && components.length > 1),
  );
  const matchesDots = parts.some(isGlobstar);
  // `{.,a}` includes the directory itself, so everything in it matches.
  if (parts.length === 0) parts.push('**');
  const segments = parts.map((part) => {
    if (isGlobstar(part)) return GLOBSTAR;
    const segment = compileSegment(part, matchesDots);
    if (segment === undefined) throw tooDeep(source);
    return segment;
  });
  let literals = 0;
  while (literals < segments.length - 1 && isLiteral(segments[literals])) literals++;
  const literalHead = segments.slice(0, literals).map((segment) => `${isLiteral(segment) ? segment.literal : ''}/`);
  return {
    source,
    head: head + literalHead.join(''),
    segments: withoutRepeatedGlobstars(segments.slice(literals)),
    isDirectoryOnly,
  };
}

function isGlobstar(part: string): boolean {
  return /^\*{2,}$/.test(part);
}

export function isLiteral(segment: GlobSegment | undefined): segment is Segment & { readonly literal: string } {
  return segment !== undefined && segment !== GLOBSTAR && segment.literal !== undefined;
}

function withoutRepeatedGlobstars(segments: readonly GlobSegment[]): readonly GlobSegment[] {
  return segments.filter((segment, index) => segment !== GLOBSTAR || segments[index + 1] !== GLOBSTAR);
}

function tooLong(pattern: string, limit: number): PzipError {
  const message = `The pattern ${quote(pattern)} is longer than ${limit.toLocaleString('en')} characters; use several patterns`;
  return new PzipError('PZIP_USAGE', message, { path: pattern });
}

function tooDeep(pattern: string): PzipError {
  const message = `The pattern ${quote(pattern)} has more than ${MAX_GROUPS} groups such as '@(…)', or more than ${MAX_GROUP_DEPTH} in one another; use several patterns`;
  return new PzipError('PZIP_USAGE', message, { path: pattern });
}
