/** A list of names from a file or from another program: one a line, or each ended by a NUL, taken literally. */
import { types } from 'node:util';
import { PzipError } from '../errors.js';
import { isBoolean, isFunction, isString, refuse } from '../option-rules.js';
import { showBytes } from './names.js';

const NUL = 0;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

/**
 * @param isNulSeparated as `git ls-files -z`, `find -print0` and tar's `--null` have it: a name may hold a line feed then
 * @param origin of the list, for messages
 * @param onInvalid told of a name that is not UTF-8, which is left out then; without it the error is thrown
 * @throws PzipError PZIP_NAME_INVALID for a name that is not UTF-8, PZIP_USAGE for NULs in a list of lines
 */
export function parseFileList(
  list: Uint8Array,
  isNulSeparated: boolean,
  origin: string,
  onInvalid?: (error: PzipError) => void,
): string[] {
  checkArguments(list, isNulSeparated, origin, onInvalid);
  if (!isNulSeparated && list.includes(NUL)) {
    throw new PzipError('PZIP_USAGE', `The list ${origin} holds NULs, so its names are NUL-separated; read it with -z`);
  }
  const separator = isNulSeparated ? NUL : LINE_FEED;
  const names: string[] = [];
  let start =
    !isNulSeparated && BYTE_ORDER_MARK.every((byte, index) => list[index] === byte) ? BYTE_ORDER_MARK.length : 0;
  while (start < list.length) {
    const found = list.indexOf(separator, start);
    const next = found === -1 ? list.length : found;
    // Lists written on Windows end their lines in CR LF; a name that ends in CR needs the NUL form.
    const end = !isNulSeparated && next > start && list[next - 1] === CARRIAGE_RETURN ? next - 1 : next;
    const bytes = list.subarray(start, end);
    start = next + 1;
    if (bytes.length === 0) continue;
    try {
      names.push(DECODER.decode(bytes));
    } catch (cause) {
      const message = `A name in the list ${origin} is not valid UTF-8: '${showBytes(bytes)}'; rename the file or leave it out`;
      const error = new PzipError('PZIP_NAME_INVALID', message, { cause });
      if (onInvalid === undefined) throw error;
      onInvalid(error);
    }
  }
  return names;
}

function checkArguments(list: unknown, isNulSeparated: unknown, origin: unknown, onInvalid: unknown): void {
  if (!types.isUint8Array(list)) refuse('list', 'a Uint8Array, the bytes of the list', list);
  if (isNulSeparated !== undefined) isBoolean(isNulSeparated, 'isNulSeparated');
  isString(origin, 'origin');
  if (onInvalid !== undefined) isFunction()(onInvalid, 'onInvalid');
}

/** Within a list, what looks like a byte order mark belongs to the name. */
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
