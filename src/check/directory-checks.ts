/** Rules about an entry's header in the central directory. */

import type { DirectoryEntry } from '../reader/directory.js';
import { S_IFDIR, S_IFMT } from '../zip/attributes.js';
import {
  CENTRAL_DIRECTORY_HEADER_SIZE,
  FLAG_DATA_DESCRIPTOR,
  METHOD_DEFLATE,
  METHOD_STORED,
  MSDOS_DIRECTORY,
  UINT16_MAX,
  UINT32_MAX,
  ZIP64_EXTENDED_INFORMATION_ID,
} from '../zip/constants.js';
import { extraFieldRest, findExtraField, type ParsedCentralDirectoryHeader } from '../zip/parse-records.js';
import { isEncrypted, isLink, modeOf } from './entry-kinds.js';
import { counted, type Report } from './findings.js';
import { checkEncoding, checkName } from './name-checks.js';

export function checkDirectoryEntry(entry: DirectoryEntry, name: string, report: Report): void {
  const { central, centralPosition } = entry;
  checkName(name, centralPosition, report);
  checkEncoding(central, centralPosition, report);
  checkExtraField(central, centralPosition, report);
  checkMethod(central, centralPosition, report);
  checkKind(entry, name, report);
}

function checkExtraField(central: ParsedCentralDirectoryHeader, position: number, report: Report): void {
  const { fileName, extraField, fileComment } = central;
  const rest = extraFieldRest(extraField);
  if (rest > 0) report('extra-field', position, `its extra field ends with ${counted(rest)} that belong to no field`);
  const length = CENTRAL_DIRECTORY_HEADER_SIZE + fileName.length + extraField.length + fileComment.length;
  if (length > UINT16_MAX) report('name-length', position, `its header in the directory is ${length} bytes long`);
  const zip64 = findExtraField(extraField, ZIP64_EXTENDED_INFORMATION_ID);
  if (zip64 === undefined) return;
  const values = [central.uncompressedSize, central.compressedSize, central.relativeOffsetOfLocalHeader];
  const masked = values.filter((value) => value === UINT32_MAX).length;
  const wanted = 8 * masked + (central.diskNumberStart === UINT16_MAX ? 4 : 0);
  if (zip64.length !== wanted || wanted === 0) {
    report('zip64-field', position, `its zip64 field has ${zip64.length} bytes, but the masked values need ${wanted}`);
  } else if (masked === 1 && central.relativeOffsetOfLocalHeader === UINT32_MAX) {
    report('zip64-offset-only', position, 'its zip64 field has only the offset');
  }
}

function checkMethod(central: ParsedCentralDirectoryHeader, position: number, report: Report): void {
  const method = central.compressionMethod;
  if (isEncrypted(central)) report('encrypted', position, 'it is encrypted');
  else if (method !== METHOD_STORED && method !== METHOD_DEFLATE) {
    report('method', position, `its compression method is ${method}`);
  }
}

function checkKind({ central, centralPosition, uncompressedSize }: DirectoryEntry, name: string, report: Report): void {
  const hasDescriptor = (central.generalPurposeBitFlag & FLAG_DATA_DESCRIPTOR) !== 0;
  const isDirectory = name.endsWith('/');
  const mode = modeOf(central);
  if (mode !== undefined && (mode & 0o777) === 0 && !isLink(central)) {
    report('mode-missing', centralPosition, `its mode is 0${mode.toString(8)}`);
  }
  const type = (mode ?? 0) & S_IFMT;
  const isMarked = type === S_IFDIR || (type === 0 && (central.externalFileAttributes & MSDOS_DIRECTORY) !== 0);
  if (isDirectory ? type !== 0 && type !== S_IFDIR : isMarked) {
    const seen = isDirectory
      ? `its name ends in '/', but its mode is 0${mode?.toString(8)}`
      : "it is a directory, but its name does not end in '/'";
    report('kind-differs', centralPosition, `${seen}`);
  }
  if (isDirectory && uncompressedSize > 0) {
    report('directory-data', centralPosition, `the directory has ${uncompressedSize} bytes of content`);
  }
  if (isDirectory && (hasDescriptor || central.compressionMethod === METHOD_DEFLATE)) {
    const seen = hasDescriptor ? 'has a data descriptor' : 'is deflated';
    report('directory-form', centralPosition, `the directory ${seen}`);
  } else if (hasDescriptor && central.compressionMethod === METHOD_STORED) {
    report('stored-descriptor', centralPosition, 'it is stored and has a data descriptor');
  }
}
