/**
 * Names and comments as text: UTF-8 where the entry says so, else code page 437 (APPNOTE APPENDIX D). Info-ZIP on Unix writes
 * the bytes of the file system without saying what they are; where they are valid UTF-8, unzip and 7-Zip take them as such.
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

/** 4.6.9: it holds only for the bytes that its CRC-32 is of; a program that renames the entry may have left it as it was. */
function unicodeText(field: Buffer, bytes: Buffer): string | undefined {
  const headerSize = 5; // version and CRC-32
  if (field.length < headerSize || field[0] !== 1 || field.readUInt32LE(1) !== crc32(bytes)) return undefined;
  return field.toString('utf8', headerSize);
}

/** Without a flag, as most names are: code page 437 and UTF-8 agree. */
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
