/**
 * Reports names that not every system can extract: names that Windows refuses or changes, names too long for a file system,
 * and siblings that differ only in case or Unicode normalization, which are one file on Windows and macOS.
 *
 * Two clashing names always clash in one directory, as siblings. The stream is sorted, so one set per level is enough, and it
 * is dropped when the stream leaves the directory.
 */
import type { Source } from '../../common/entry.js';
import { PzipError, quote } from '../../common/errors.js';
import { foldComponent } from '../../common/folded-names.js';
import { sharedLength } from '../../common/name-order.js';
import type { SelectContext } from '../select-context.js';

/** Names to report of each kind; further ones are only counted, so that one kind cannot hide another. */
const MAX_NAMED = 4;

/** The longest path that most Windows programs open: MAX_PATH, 260, less a drive and the NUL. */
const MAX_PATH_LENGTH = 256;

/** NTFS, APFS, ext4 and most others: 255 units of UTF-16, or bytes, in one component. */
const MAX_COMPONENT_LENGTH = 255;

/** A directory that contains the last name. */
interface Level {
  /** Of its name, with the `/`; 0 for the top. A name of its own for each of very many levels would take time and memory. */
  readonly length: number;
  /** Names of children while all of them are plain: these clash only with equal names. */
  readonly plain: string[];
  /** Children by folded name, with their spelling. */
  children: Map<string, Child> | undefined;
}

interface Child {
  /** As it is written. */
  readonly component: string;
  readonly isLink: boolean;
  readonly isDirectory: boolean;
}

interface Fault {
  /** The end of the message for several of its kind, after "N more names". */
  readonly ofMany: string;
  readonly text: string;
}

/**
 * Passes the sources on and reports names that are not portable; with `error`, throws at the first one.
 *
 * @throws PzipError PZIP_NAME_CONFLICT, under any policy, for a symbolic link whose name equals another one except for case or
 * normalization: extracting the other would follow the link
 */
export function* watchPortability(
  batches: Iterable<Source[]>,
  policy: 'warn' | 'error' | 'off',
  context: SelectContext,
): Generator<Source[]> {
  const levels: Level[] = [newLevel(0)];
  /** The name of the last level, which ends in `/`. */
  let directory = '';
  const counts = new Map<string, number>();

  const report = (name: string, { text, ofMany }: Fault): void => {
    if (policy === 'off') return;
    const message = `${quote(name)} ${text}`;
    if (policy === 'error') {
      const remedy = 'rename or exclude it, or let such names pass';
      throw new PzipError('PZIP_NAME_INVALID', `${message}; ${remedy}`, { entryName: name });
    }
    const found = (counts.get(ofMany) ?? 0) + 1;
    counts.set(ofMany, found);
    if (found <= MAX_NAMED) {
      context.warn({ code: 'PZIP_NAME_NOT_PORTABLE', severity: 'warning', message, path: name });
    }
  };

  for (const batch of batches) {
    for (const { name, kind } of batch) {
      if (name.length > MAX_PATH_LENGTH) report(name, longPath(name));
      let level = levels.at(-1);
      if (!name.startsWith(directory)) {
        const shared = sharedLength(name, directory);
        while (level !== undefined && level.length > shared) {
          levels.pop();
          level = levels.at(-1);
        }
        directory = name.slice(0, level?.length);
      }
      // The components that the previous name did not have: often one, several if a directory has no entry.
      while (level !== undefined && level.length < name.length) {
        if (level.children === undefined && kind !== 'symlink' && isPlain(name, level.length)) {
          level.plain.push(name);
          break;
        }
        const slash = name.indexOf('/', level.length);
        const end = slash === -1 ? name.length : slash;
        const component = name.slice(level.length, end);
        const folded = foldComponent(component);
        const child = { component, isLink: slash === -1 && kind === 'symlink', isDirectory: slash !== -1 };
        const clash = clashFault(level, name, child, folded);
        const fault = policy === 'off' ? undefined : (componentFault(component, folded) ?? clash);
        if (fault !== undefined) report(name.slice(0, end), fault);
        if (slash === -1) break;
        level = newLevel(slash + 1);
        levels.push(level);
      }
      if (level !== undefined && level.length > directory.length) directory = name.slice(0, level.length);
    }
    yield batch;
  }
  for (const [ofMany, found] of counts) {
    if (found <= MAX_NAMED) continue;
    const message = `${found - MAX_NAMED} more names ${ofMany}`;
    context.warn({ code: 'PZIP_NAME_NOT_PORTABLE', severity: 'warning', message, path: '' });
  }
}

function newLevel(length: number): Level {
  return { length, plain: [], children: undefined };
}

/**
 * Whether the text from `start` is the last component, consists of lower-case letters, digits and `._-`, and is certainly not
 * special to Windows. One pass over the characters saves most names three regular expressions and a Map, 0.5 µs each.
 */
function isPlain(name: string, start: number): boolean {
  const length = name.length - start;
  if (length > MAX_COMPONENT_LENGTH / 3) return false;
  for (let index = start; index < name.length; index++) {
    const code = name.charCodeAt(index);
    const isPlainCode =
      (code >= 0x61 && code <= 0x7a) || (code >= 0x2d && code <= 0x39 && code !== 0x2f) || code === 0x5f;
    if (!isPlainCode) return false;
  }
  if (name.charCodeAt(name.length - 1) === DOT) return false;
  // As long as a device name, with or without an extension.
  return length > 4 && name.charCodeAt(start + 3) !== DOT && name.charCodeAt(start + 4) !== DOT;
}

const DOT = 0x2e;

function longPath(name: string): Fault {
  return {
    text: `is ${name.length} characters long; Windows opens ${MAX_PATH_LENGTH}`,
    ofMany: 'are longer than Windows opens',
  };
}

function componentFault(component: string, folded: string): Fault | undefined {
  if (component.length > MAX_COMPONENT_LENGTH / 3) {
    const length = Buffer.byteLength(component);
    if (length > MAX_COMPONENT_LENGTH) {
      const text = `has a component of ${length} bytes; file systems hold ${MAX_COMPONENT_LENGTH}`;
      return { text, ofMany: 'have a component that is longer than file systems hold' };
    }
  }
  const character = RESERVED_CHARACTER.exec(component)?.[0];
  if (character !== undefined) {
    const text = `holds ${quote(character)}, which Windows has no name for`;
    return { text, ofMany: 'hold a character that Windows has no name for' };
  }
  if (component.endsWith('.') || component.endsWith(' ')) return ENDING;
  return DEVICE.test(folded) ? IS_DEVICE : undefined;
}

const ENDING: Fault = {
  text: 'ends in a dot or a space, which Windows takes away',
  ofMany: 'end in a dot or a space, which Windows takes away',
};

const IS_DEVICE: Fault = { text: 'is the name of a device on Windows', ofMany: 'are names of devices on Windows' };

const RESERVED_CHARACTER = /[<>:"|?*\\\p{Cc}]/u;

/** With or without an extension; the superscript digits are digits to Windows. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(?:\.|$)/;

/** @param name begins with the name of the level */
function clashFault(level: Level, name: string, child: Child, folded: string): Fault | undefined {
  level.children ??= new Map(
    level.plain.splice(0).map((plain) => {
      const component = plain.slice(level.length);
      return [component, { component, isLink: false, isDirectory: false }];
    }),
  );
  const other = level.children.get(folded);
  if (other === undefined) level.children.set(folded, child);
  if (other === undefined || other.component === child.component) return undefined;
  if ((child.isLink && other.isDirectory) || (child.isDirectory && other.isLink)) {
    throw shadowing(name.slice(0, level.length), child, other);
  }
  // If it is a link or a directory, later names are compared with that.
  if (!other.isLink && !other.isDirectory) level.children.set(folded, child);
  return {
    text: `and ${quote(name.slice(0, level.length) + other.component)} are one name where case or Unicode normalisation does not count`,
    ofMany: 'are one name with another where case or Unicode normalisation does not count',
  };
}

function shadowing(directory: string, child: Child, other: Child): PzipError {
  const [link, shadowed] = child.isLink ? [child, other] : [other, child];
  const name = directory + link.component;
  const message =
    `The symbolic link ${quote(name)} and ${quote(directory + shadowed.component)} are one name where case or Unicode ` +
    'normalisation does not count (Windows, macOS): what is extracted there would go through the link; rename or exclude one';
  return new PzipError('PZIP_NAME_CONFLICT', message, { entryName: name });
}
