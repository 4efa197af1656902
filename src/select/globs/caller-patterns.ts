/**
 * Patterns with .gitignore syntax from callers. They are matched against names in the archive, which never begin with `./`,
 * `../` or a root, but users write paths that do. A pattern that still means a name is converted, and one that can match no
 * name is reported, so that a file is never included silently.
 */
import { PzipError, quote } from '../../common/errors.js';
import type { PzipWarning } from '../../common/warnings.js';
import type { WithinCwd } from './within-cwd.js';

export interface PatternScope {
  readonly within: WithinCwd;
  readonly platform: NodeJS.Platform;
  /** Whether an input is outside the working directory, so that names can come from paths there. */
  readonly hasOutsideInputs: boolean;
  readonly exists: (path: string) => boolean;
  readonly warn: (warning: PzipWarning) => void;
}

/** The longest path that a system opens (PATH_MAX of Linux). */
export const MAX_CALLER_PATTERN_LENGTH = 4096;

/** @throws PzipError PZIP_USAGE for a pattern that is longer than any path */
export function checkPatternLength(pattern: string): void {
  if (pattern.length <= MAX_CALLER_PATTERN_LENGTH) return;
  const limit = MAX_CALLER_PATTERN_LENGTH.toLocaleString('en');
  const message = `The pattern ${quote(pattern)} is longer than ${limit} characters, and so than any path; use several patterns`;
  throw new PzipError('PZIP_USAGE', message, { path: pattern });
}

/** Converts patterns for matching names, in order; one may become two. */
export function namePatterns(patterns: readonly string[], scope: PatternScope): string[] {
  return patterns.flatMap((pattern) => namePattern(pattern, scope));
}

/** Lines of an ignore file keep git's meaning; those that can match nothing are only reported. */
export function reportUnmatchableLines(lines: readonly string[], file: string, scope: PatternScope): void {
  for (const line of lines) {
    if (/^!?\.{1,2}\//.test(line)) unmatchable(line, `begins with './' or '../', as no name does (${file})`, scope);
  }
}

function namePattern(pattern: string, scope: PatternScope): string[] {
  checkPatternLength(pattern);
  const sign = pattern.startsWith('!') ? '!' : '';
  const body = pattern.slice(sign.length);
  const isAbsolute = body.startsWith('/') || (scope.platform === 'win32' && /^[A-Za-z]:[\\/]/.test(body));
  if (isAbsolute) return absolutePattern(pattern, sign, body, scope);
  if (body.startsWith('=') && !scope.exists(body)) {
    unmatchable(pattern, "begins with '=', as hardly a name does; leave it out", scope);
    return [pattern];
  }
  if (!isClimbing(body)) return [pattern];
  const { head, rest } = splitHead(body);
  const inside = scope.within.locate(head);
  if (inside === '' && rest === '') {
    unmatchable(pattern, 'names the working directory itself, which has no entry', scope);
    return [];
  }
  if (inside !== undefined) return [anchored(sign, inside, rest)];
  if (!scope.hasOutsideInputs) unmatchable(pattern, 'names what lies outside, and no input does', scope);
  return [anchored(sign, '', `${head}${rest}`.replace(/^(?:\.{1,2}\/)+/, ''))];
}

/**
 * `/dist` is both git's pattern for a top-level `dist` and an absolute path. If that path is in the working directory, both are
 * matched: the names of an absolute input begin like its path.
 */
function absolutePattern(pattern: string, sign: string, body: string, scope: PatternScope): string[] {
  const { head, rest } = splitHead(body);
  const inside = head === '/' ? undefined : scope.within.locate(head);
  // A path without wildcards is split into its directory and its last component.
  if (inside !== undefined) return [pattern, anchored(sign, inside, rest)];
  const isPath = head.split('/').length > 2 && scope.exists(head) && !scope.exists(`.${head}`);
  if (isPath && !scope.hasOutsideInputs) unmatchable(pattern, 'names what lies outside, and no input does', scope);
  return [pattern];
}

function isClimbing(body: string): boolean {
  return (
    body.startsWith('./') || body.startsWith('../') || body === '.' || body === '..' || /\/\.\.?(?:\/|$)/.test(body)
  );
}

/** The directories before the first component with a wildcard, or before the last one. */
function splitHead(body: string): { readonly head: string; readonly rest: string } {
  const wildcard = body.search(/[*?[\\]/);
  const end = body.lastIndexOf('/', wildcard === -1 ? body.length - 2 : wildcard) + 1;
  // `..` at the end is a directory as well.
  const rest = body.slice(end);
  return /^\.\.?\/?$/.test(rest) ? { head: body, rest: '' } : { head: body.slice(0, end) || '.', rest };
}

function anchored(sign: string, directory: string, rest: string): string {
  const literal = directory.replace(/[*?[\\]/g, '\\$&');
  if (rest === '') return `${sign}/${literal}`;
  return `${sign}/${literal === '' ? '' : `${literal}/`}${rest}`;
}

function unmatchable(pattern: string, reason: string, { warn }: PatternScope): void {
  const message = `The pattern ${quote(pattern)} can match nothing: it ${reason}`;
  warn({ code: 'PZIP_PATTERN_UNMATCHABLE', severity: 'warning', message, path: pattern });
}
