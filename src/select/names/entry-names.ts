/**
 * Which name a path has in the archive. An archive's names are relative, `/`-separated and stay inside the folder they are
 * extracted to (APPNOTE 4.4.17.1 and the readers that refuse anything else), so what points elsewhere at the head of a path
 * is left out, and what would point elsewhere after that is refused.
 *
 * Paths are handled by pure functions that take the platform, so that the rules for Windows are tested on any machine.
 */

import { PzipError, quote } from '../../common/errors.js';
import { checkEntryName } from '../../zip/names.js';

export interface EntryName {
  /** Without a slash at its end; empty for the current directory itself. */
  readonly name: string;
  /** What was left out at the head of the path, as it stood there; empty when nothing was. */
  readonly removed: string;
}

/**
 * The name of a path that a user gave.
 *
 * @throws PzipError PZIP_NAME_INVALID for one that climbs out (`a/../../b`), and on Windows for one that an archive cannot hold
 */
export function entryNameOf(path: string, platform: NodeJS.Platform): EntryName {
  if (isPlain(path, platform)) return { name: path, removed: '' };
  const slashed = platform === 'win32' ? path.replaceAll('\\', '/') : path;
  const volumeLength = platform === 'win32' ? windowsVolumeLength(slashed) : 0;
  const headLength = volumeLength + leadingDotsLength(slashed.slice(volumeLength));
  const components: string[] = [];
  for (const component of slashed.slice(headLength).split('/')) {
    if (component === '..') {
      if (components.pop() === undefined) throw climbsOut(path);
    } else if (component !== '' && component !== '.') components.push(component);
  }
  const name = components.join('/');
  // Elsewhere a file may be called so, and be renamed; on Windows it is a path that cannot be named.
  const broken = platform === 'win32' && name !== '' ? checkEntryName(name) : undefined;
  if (broken !== undefined) {
    throw new PzipError('PZIP_NAME_INVALID', `${quote(path)} has no name in an archive: ${quote(name)} ${broken}`, {
      path,
    });
  }
  // `.` and `..` name a directory whose content goes in without a prefix: for `.` nothing was left out.
  const removed = name === '' && /^[./]*$/.test(slashed) && !/^\/|\.\./.test(slashed) ? '' : path.slice(0, headLength);
  return { name, removed };
}

/** Nothing in the path needs a look. Lists and patterns bring names by the hundred thousand, and most are like this. */
function isPlain(path: string, platform: NodeJS.Platform): boolean {
  if (platform === 'win32' || path === '' || path.startsWith('.') || path.startsWith('/') || path.endsWith('/'))
    return false;
  return !path.includes('/.') && !path.includes('//') && !path.includes('\\');
}

/**
 * Length of what stands before the first directory in a Windows path: a drive (`C:\`, `C:`), a share (`\\server\share\`),
 * and either of them in the verbatim form (`\\?\C:\`, `\\?\UNC\server\share\`). Slashes already point forward.
 */
function windowsVolumeLength(slashed: string): number {
  const volume = /^(?:\/\/[?.]\/(?:UNC\/[^/]+\/[^/]+|[A-Za-z]:|)|\/\/[^/]+\/[^/]+|[A-Za-z]:)\/?/i.exec(slashed);
  return volume === null ? 0 : volume[0].length;
}

/** Length of the `/`, `./` and `../` at the head of a path; a path of nothing else is all head. */
function leadingDotsLength(slashed: string): number {
  return /^(?:\/|\.{1,2}(?:\/|$))*/.exec(slashed)?.[0].length ?? 0;
}

function climbsOut(path: string): PzipError {
  return new PzipError(
    'PZIP_NAME_INVALID',
    `${quote(path)} climbs out of the directory it starts in; give its path without the inner '..'`,
    { path },
  );
}

/**
 * Where a user's path lies, absolute, so that it can be opened whatever the working directory becomes. `..` stays: what it
 * means depends on symbolic links, which the system resolves and a string cannot.
 */
export function absolutePath(cwd: string, path: string, platform: NodeJS.Platform): string {
  if (isPlain(path, platform)) return joinPath(cwd, path, '/');
  if (platform === 'win32') {
    const slashed = path.replaceAll('/', '\\');
    if (/^(?:[A-Za-z]:\\|\\\\)/.test(slashed)) return slashed;
    const drive = /^[A-Za-z]:/.exec(cwd)?.[0] ?? '';
    if (slashed.startsWith('\\')) return drive + slashed;
    return joinPath(cwd, stripDots(slashed, '\\'), '\\');
  }
  return path.startsWith('/') ? stripDots(path, '/') || '/' : joinPath(cwd, stripDots(path, '/'), '/');
}

/** Appends to a directory's path without normalising it: this runs once per entry of a tree. */
export function joinPath(directory: string, name: string, separator: string): string {
  if (name === '') return directory;
  return directory.endsWith(separator) ? directory + name : directory + separator + name;
}

/** Leaves out empty and `.` components and a separator at the end. */
function stripDots(path: string, separator: string): string {
  const head = path.startsWith(separator) ? separator : '';
  return (
    head +
    path
      .split(separator)
      .filter((component) => component !== '' && component !== '.')
      .join(separator)
  );
}

/** Bytes that are not printable ASCII as `\xNN`: what a shell takes back in `$'…'`. */
export function showBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x27
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}
