/** A file's content. The file must be the selected one, and must not change while it is read. */
import { PzipError, quote } from '../common/errors.js';
import {
  closeSource,
  isSameFile,
  OTHER_FILE,
  openSource,
  readSource,
  statSource,
  whatChanged,
} from '../compress/source-file.js';
import { READ_LENGTH } from '../reader/limits.js';
import type { FilePlace } from './facts.js';

/** @throws PzipError PZIP_SOURCE_CHANGED, PZIP_SOURCE_MISSING or PZIP_SOURCE_UNREADABLE */
export async function* fileContent(place: FilePlace): AsyncGenerator<Uint8Array, void, undefined> {
  const { path, size } = place;
  const descriptor = openSource(path, place.isFollowed);
  try {
    if (!isSameFile(statSource(descriptor, path), place)) throw changed(path, OTHER_FILE);
    let position = 0;
    for (;;) {
      // One byte more than expected detects a file that has grown; a file of /proc has no size.
      const wanted = Math.min(READ_LENGTH, size === 0 ? READ_LENGTH : size + 1 - position);
      const bytes = Buffer.allocUnsafeSlow(wanted);
      const length = readSource(descriptor, bytes, wanted, position, path, size);
      position += length;
      if (length > 0) yield bytes.subarray(0, length);
      if (length < wanted || (size > 0 && position > size)) break;
    }
    const change = whatChanged(statSource(descriptor, path), place, position === size);
    if (change !== undefined) throw changed(path, change);
  } finally {
    closeSource(descriptor, path);
  }
}

function changed(path: string, how: string): PzipError {
  return new PzipError('PZIP_SOURCE_CHANGED', `${quote(path)} changed while it was compared: ${how}`, { path });
}
