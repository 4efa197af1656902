/**
 * Inputs that are, or lead to, files that cannot be archived: pipes, sockets and devices. In a directory they are left out with
 * a warning. As inputs they are errors, because the user meant them: `<(command)` of a shell and `/dev/stdin` are links that
 * are meaningless in an archive.
 */
import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { PzipError, quote } from '../common/errors.js';
import type { SelectContext } from './select-context.js';

export interface OpenedInput {
  readonly path: string;
  readonly stats: Stats;
  readonly isRejected: false;
}

/**
 * @param stats of the input itself, without following a link
 * @returns undefined for an ordinary input; otherwise the file behind a descriptor (`/dev/fd/3`), or that it was rejected
 * @throws PzipError PZIP_SOURCE_UNSUPPORTED, unless it may be skipped
 */
export function openInput(
  input: string,
  path: string,
  stats: Stats,
  context: SelectContext,
): OpenedInput | { readonly isRejected: true } | undefined {
  if (stats.isFile() || stats.isDirectory()) return undefined;
  const isLink = stats.isSymbolicLink();
  const isDescriptor = isLink && /^\/(?:dev|proc)\//.test(path) && leadsToDescriptor(path);
  const target = isLink ? statTarget(path) : stats;
  const kind = target === undefined ? undefined : specialKind(target);
  // A link to the null device can be kept: service managers disable units that way.
  const isRejected = kind !== undefined && (isDescriptor || !isLink || !leadsToNull(path));
  if (isRejected) return reject(`${quote(input)} ${isLink ? 'leads to' : 'is'} ${kind}`, input, context);
  if (!isDescriptor) return undefined;
  try {
    const real = realpathSync(path);
    return { path: real, stats: statSync(real), isRejected: false };
  } catch {
    return reject(`${quote(input)} leads to a file that has no name any more`, input, context);
  }
}

function reject(what: string, input: string, context: SelectContext): { readonly isRejected: true } {
  const remedy = "to archive what comes out of it, pass it to standard input and name '-' (in a program: addStream())";
  context.problem(
    new PzipError('PZIP_SOURCE_UNSUPPORTED', `${what}, which has no content of its own; ${remedy}`, { path: input }),
  );
  return { isRejected: true };
}

function specialKind(stats: Stats): string | undefined {
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'a device' : undefined;
}

/** Undefined for a dangling link, which is archived as a link. */
function statTarget(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function leadsToNull(path: string): boolean {
  try {
    return realpathSync(path) === '/dev/null';
  } catch {
    return false;
  }
}

/** The limit of Linux for links in one path. */
const MAX_LINKS = 40;

/** Whether the links lead to an open file of a process, which has no path: `/dev/stdin`, `/proc/self/fd/3`. */
function leadsToDescriptor(path: string): boolean {
  let at = path;
  try {
    for (let count = 0; count < MAX_LINKS; count++) {
      const directory = realpathSync(dirname(at));
      if (/^\/proc\/\d+(?:\/task\/\d+)?\/fd$/.test(directory)) return true;
      if (!lstatSync(at).isSymbolicLink()) return false;
      at = resolve(directory, readlinkSync(at));
    }
  } catch {
    // An inaccessible file is reported when it is opened.
  }
  return false;
}
