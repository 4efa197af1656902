/**
 * Names and comments: the bytes they become (APPNOTE 4.4.17, APPENDIX D), and the rules they keep. A name that breaks one
 * is refused by some reader, or could be extracted to somewhere else than the folder that was asked for.
 */

import { CENTRAL_DIRECTORY_HEADER_SIZE, END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE, UINT16_MAX } from './constants.js';
import { CENTRAL_ZIP64_SIZE } from './entry-header.js';
import { LONGEST_PLAIN_EXTRA_FIELD } from './extra-fields.js';
import { RecordWriter } from './record-writer.js';

const DRIVE_LETTER = /^[A-Za-z]:/;
const EMPTY_OR_DOT_PART = /(?:^|\/)(\.{0,2})(?:\/|$)/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const LONGEST_EXTRA_FIELD = CENTRAL_ZIP64_SIZE + LONGEST_PLAIN_EXTRA_FIELD;
/** Bytes. Newer versions of Java want the whole header in the central directory to fit 16 bits. */
const LONGEST_NAME_AND_COMMENT = UINT16_MAX - CENTRAL_DIRECTORY_HEADER_SIZE - LONGEST_EXTRA_FIELD;
const END_RECORD_SIGNATURE = new RecordWriter(4).uint32(END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE).finish();

/** Whether the bytes mean the same in UTF-8 and in every code page a reader may take instead. */
export function isAscii(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) {
    if ((bytes[index] ?? 0) >= 0x80) return false;
  }
  return true;
}

/**
 * @param isDirectory Whether the name is a directory's, which ends in `/`; no other may.
 * @returns The rule that the name breaks, in words that follow the name, or undefined for a sound name.
 */
export function checkEntryName(name: string, isDirectory = false): string | undefined {
  if (name === '') return 'is empty';
  if (name.includes('\0')) return 'contains a NUL character';
  if (name.includes('\\')) return "contains a backslash; '/' is what separates the parts of a name";
  if (name.startsWith('/')) return "begins with '/'; a name is relative to the directory it is extracted to";
  if (DRIVE_LETTER.test(name))
    return 'begins with a drive letter; a name is relative to the directory it is extracted to';
  if (isDirectory && !name.endsWith('/')) return "does not end in '/', as the name of a directory does";
  if (!isDirectory && name.endsWith('/')) return "ends in '/', as only the name of a directory does";
  return checkParts(isDirectory ? name.slice(0, -1) : name) ?? checkText(name) ?? checkLength(name);
}

/**
 * @param of An archive's own comment has stricter rules than an entry's: no flag gives its encoding, and it stands where
 *   readers search for the end record.
 * @param fileNameLength Bytes of the entry's name; the two share the room that a header has for them.
 * @returns The rule that the comment breaks, in words that follow "the comment", or undefined for a sound one.
 */
export function checkComment(comment: string, of: 'archive' | 'entry', fileNameLength = 0): string | undefined {
  const length = Buffer.byteLength(comment);
  const longest = of === 'archive' ? UINT16_MAX : LONGEST_NAME_AND_COMMENT - fileNameLength;
  if (length > longest) {
    const beside = fileNameLength === 0 ? '' : ` beside a name of ${fileNameLength}`;
    return `is ${length} bytes long; ${longest} is the most${beside}`;
  }
  return of === 'archive' ? checkZipFileComment(Buffer.from(comment)) : checkText(comment);
}

function checkParts(path: string): string | undefined {
  const part = EMPTY_OR_DOT_PART.exec(path)?.[1];
  if (part === undefined) return undefined;
  return part === '' ? "contains an empty part ('//')" : `contains the part '${part}'`;
}

function checkText(text: string): string | undefined {
  return LONE_SURROGATE.test(text) ? 'is not well-formed Unicode (a lone surrogate) and has no UTF-8 form' : undefined;
}

function checkLength(name: string): string | undefined {
  const length = Buffer.byteLength(name);
  return length > LONGEST_NAME_AND_COMMENT
    ? `is ${length} bytes long; ${LONGEST_NAME_AND_COMMENT} is the most`
    : undefined;
}

function checkZipFileComment(zipFileComment: Buffer): string | undefined {
  if (!isAscii(zipFileComment)) return 'is not ASCII; readers show anything else in a code page of their own';
  // The length stands right before the comment, and its two bytes can begin a signature too.
  const size = 2 + zipFileComment.length;
  const asWritten = new RecordWriter(size).uint16(zipFileComment.length).bytes(zipFileComment).finish();
  return asWritten.includes(END_RECORD_SIGNATURE)
    ? 'contains the signature of an end record; readers would take it for one'
    : undefined;
}
