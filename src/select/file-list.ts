/** A list of names from a file or another program, taken literally: one per line, or each terminated by a NUL. */
import { types } from 'node:util';
import { PzipError, quote } from '../common/errors.js';
import { isBoolean, isFunction, isString, rejectOption } from '../common/option-rules.js';
import { decodeUnits, sniffEncoding } from './decode-text.js';
import { showBytes } from './names/entry-names.js';

const NUL = 0;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * A list with the byte order mark of UTF-16 is decoded as such; PowerShell 5 writes that with `>`.
 *
 * @param isNulSeparated as with `git ls-files -z`, `find -print0` and tar's `--null`: names may contain a line feed
 * @param origin of the list, for messages
 * @param onInvalid called for a name that is not UTF-8, which is skipped; if omitted, the error is thrown
 * @throws PzipError PZIP_NAME_INVALID for a name that is not UTF-8, PZIP_USAGE for NULs in a list of lines
 */
export function parseFileList(
  list: Uint8Array,
  isNulSeparated: boolean,
  origin: string,
  onInvalid?: (error: PzipError) => void,
): string[] {
  checkArguments(list, isNulSeparated, origin, onInvalid);
  const { encoding, markLength } = sniffEncoding(list);
  if (encoding === 'utf-32le') throw new PzipError('PZIP_USAGE', `The list ${origin} is in UTF-32; write it in UTF-8`);
  if (encoding !== 'utf-8') return parseUnits(list.subarray(markLength), encoding, isNulSeparated, origin, onInvalid);
  if (!isNulSeparated && list.includes(NUL)) {
    const causes = 'its names are NUL-separated, or it is in UTF-16 without a byte order mark (write it in UTF-8)';
    throw new PzipError('PZIP_USAGE', `The list ${origin} holds NULs: ${causes}`);
  }
  const separator = isNulSeparated ? NUL : LINE_FEED;
  const names: string[] = [];
  // In a NUL-separated list, a byte order mark is the beginning of the first name.
  let start = isNulSeparated ? 0 : markLength;
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
  if (!types.isUint8Array(list)) rejectOption('list', 'a Uint8Array, the bytes of the list', list);
  if (isNulSeparated !== undefined) isBoolean(isNulSeparated, 'isNulSeparated');
  isString(origin, 'origin');
  if (onInvalid !== undefined) isFunction()(onInvalid, 'onInvalid');
}

function parseUnits(
  list: Uint8Array,
  encoding: 'utf-16le' | 'utf-16be',
  isNulSeparated: boolean,
  origin: string,
  onInvalid?: (error: PzipError) => void,
): string[] {
  if (list.length % 2 === 1) {
    throw new PzipError('PZIP_NAME_INVALID', `The list ${origin} is cut off: UTF-16 has an even number of bytes`);
  }
  const text = decodeUnits(list, encoding);
  if (!isNulSeparated && text.includes('\0')) {
    throw new PzipError('PZIP_USAGE', `The list ${origin} holds NULs: its names are NUL-separated`);
  }
  const lines = isNulSeparated ? text.split('\0') : text.split('\n').map((line) => line.replace(/\r$/, ''));
  return lines.filter((name) => {
    if (name === '') return false;
    if (!/\p{Surrogate}/u.test(name)) return true;
    const message = `A name in the list ${origin} is not valid UTF-16: ${quote(name)}; rename the file or leave it out`;
    const error = new PzipError('PZIP_NAME_INVALID', message);
    if (onInvalid === undefined) throw error;
    onInvalid(error);
    return false;
  });
}

/** After the beginning of a list, a byte order mark belongs to the name. */
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
