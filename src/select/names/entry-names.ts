/**
 * The name of a path in the archive. Names are relative, `/`-separated, and stay inside the folder of extraction (APPNOTE
 * 4.4.17.1; readers refuse others). So a prefix that leads elsewhere is removed, and a path that leads elsewhere after that is
 * rejected.
 *
 * Paths are handled by pure functions that take the platform, so that the rules for Windows are tested on any machine.
 */

import { PzipError, quote } from '../../common/errors.js';
import { checkEntryName } from '../../zip/names.js';

export interface EntryName {
  /** Without a slash at its end; empty for the current directory itself. */
  readonly name: string;
  /** The prefix that was removed from the path, as written; empty if none. */
  readonly removed: string;
}

/**
 * The name of a path given by the user.
 *
 * @throws PzipError PZIP_NAME_INVALID for a path that leads out (`a/../../b`), and on Windows for an invalid name
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
  // On other systems a file can have this name, and be renamed; on Windows there is no name for the path.
  const broken = platform === 'win32' && name !== '' ? checkEntryName(name) : undefined;
  if (broken !== undefined) {
    throw new PzipError('PZIP_NAME_INVALID', `${quote(path)} has no name in an archive: ${quote(name)} ${broken}`, {
      path,
    });
  }
  // `.` and `..` are directories whose contents have no prefix; for `.` nothing was removed.
  const removed = name === '' && /^[./]*$/.test(slashed) && !/^\/|\.\./.test(slashed) ? '' : path.slice(0, headLength);
  return { name, removed };
}

/** Whether the path needs no processing, like most of the hundred thousands in lists and from patterns. */
function isPlain(path: string, platform: NodeJS.Platform): boolean {
  if (platform === 'win32' || path === '' || path.startsWith('.') || path.startsWith('/') || path.endsWith('/'))
    return false;
  return !path.includes('/.') && !path.includes('//') && !path.includes('\\');
}

/**
 * Length of the root of a Windows path: a drive (`C:\`, `C:`) or a share (`\\server\share\`), either one also in the verbatim
 * form (`\\?\C:\`, `\\?\UNC\server\share\`). Backslashes have been replaced by slashes.
 */
function windowsVolumeLength(slashed: string): number {
  const volume = /^(?:\/\/[?.]\/(?:UNC\/[^/]+\/[^/]+|[A-Za-z]:|)|\/\/[^/]+\/[^/]+|[A-Za-z]:)\/?/i.exec(slashed);
  return volume === null ? 0 : volume[0].length;
}

/** Length of the leading `/`, `./` and `../` of a path, which may be all of it. */
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
 * Makes a user's path absolute, so that it can be opened after the working directory changes. `..` is kept: its meaning
 * depends on symbolic links, which only the system can resolve.
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

/** Writes bytes that are not printable ASCII as `\xNN`, which a shell accepts in `$'…'`. */
export function showBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x27
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}
