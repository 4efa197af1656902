/**
 * Decodes names and comments: UTF-8 if the entry is marked so, otherwise code page 437 (APPNOTE APPENDIX D). Info-ZIP on Unix
 * writes the file system's bytes without a mark; unzip and 7-Zip decode them as UTF-8 if they are valid UTF-8.
 */
import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { FLAG_UTF8, HOST_MACOS, HOST_UNIX, UNICODE_COMMENT_ID, UNICODE_PATH_ID } from '../zip/constants.js';
import { findExtraField, type ParsedCentralDirectoryHeader } from '../zip/parse-records.js';

/** Invalid UTF-8 becomes U+FFFD; the bytes themselves are in the header. */
export function entryName(header: ParsedCentralDirectoryHeader): string {
  return decode(header.fileName, header, UNICODE_PATH_ID);
}

export function entryComment(header: ParsedCentralDirectoryHeader): string {
  return decode(header.fileComment, header, UNICODE_COMMENT_ID);
}

function decode(bytes: Buffer, header: ParsedCentralDirectoryHeader, unicodeFieldId: number): string {
  if ((header.generalPurposeBitFlag & FLAG_UTF8) !== 0 || isAscii(bytes)) return bytes.toString();
  const field = findExtraField(header.extraField, unicodeFieldId);
  const unicode = field === undefined ? undefined : unicodeText(field, bytes);
  if (unicode !== undefined) return unicode;
  const host = header.versionMadeBy >>> 8;
  const isOfUnix = host === HOST_UNIX || host === HOST_MACOS;
  return isOfUnix && isUtf8(bytes) ? bytes.toString() : decodeCp437(bytes);
}

/** 4.6.9: it applies only if its CRC-32 matches the name; a program that renamed the entry may not have updated it. */
function unicodeText(field: Buffer, bytes: Buffer): string | undefined {
  const headerSize = 5; // version and CRC-32
  if (field.length < headerSize || field[0] !== 1 || field.readUInt32LE(1) !== crc32(bytes)) return undefined;
  return field.toString('utf8', headerSize);
}

/** Most names are ASCII, for which code page 437 and UTF-8 agree. */
function isAscii(bytes: Buffer): boolean {
  for (const byte of bytes) {
    if (byte >= 0x80) return false;
  }
  return true;
}

/** The upper half; the lower one is ASCII. */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
  '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

export function decodeCp437(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : (CP437[byte - 0x80] ?? '\ufffd');
  return text;
}
