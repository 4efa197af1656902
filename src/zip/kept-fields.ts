/** What an entry keeps of its headers when it is copied, data and all, from one archive to another. */
import {
  EXTRA_FIELD_HEADER_SIZE,
  METHOD_DEFLATE,
  UNICODE_COMMENT_ID,
  UNICODE_PATH_ID,
  VERSION_DEFLATE_OR_DIRECTORY,
  VERSION_STORED,
  VERSION_ZIP64,
  ZIP64_EXTENDED_INFORMATION_ID,
} from './constants.js';
import { extraFieldsOf, type ParsedCentralDirectoryHeader } from './parse-records.js';

export interface KeptFields {
  readonly versionMadeBy: number;
  /** For the entry without zip64. */
  readonly versionNeededToExtract: number;
  /** The bits that describe the data: 1 and 2, options of the method, and 4. */
  readonly generalPurposeBitFlag: number;
  readonly internalFileAttributes: number;
  readonly externalFileAttributes: number;
  readonly localExtraField: Uint8Array;
  readonly centralExtraField: Uint8Array;
}

/** 4.4.4: bits 1, 2 and 4 belong to the compression method. All others are decided anew. */
const FLAGS_OF_METHOD = 0b1_0110;

/**
 * Fields that are written anew: zip64 as the sizes and the offset require, and Unicode names and comments, since both are
 * written in UTF-8.
 */
const REWRITTEN = [ZIP64_EXTENDED_INFORMATION_ID, UNICODE_PATH_ID, UNICODE_COMMENT_ID];

/** What keptFields() reads of a header in the central directory. */
type KeptHeader = Omit<KeptFields, 'localExtraField' | 'centralExtraField'> &
  Pick<ParsedCentralDirectoryHeader, 'compressionMethod' | 'extraField'>;

/** @param localExtraField that of the local header, whole */
export function keptFields(central: KeptHeader, isDirectory: boolean, localExtraField: Buffer): KeptFields {
  return {
    versionMadeBy: central.versionMadeBy,
    versionNeededToExtract: plainVersion(central, isDirectory),
    generalPurposeBitFlag: central.generalPurposeBitFlag & FLAGS_OF_METHOD,
    internalFileAttributes: central.internalFileAttributes,
    externalFileAttributes: central.externalFileAttributes,
    localExtraField: keptExtraFields(localExtraField),
    centralExtraField: keptExtraFields(central.extraField),
  };
}

/** The version that the archive asks for, unless that is the one of zip64, which the new archive may not need. */
function plainVersion({ versionNeededToExtract, compressionMethod }: KeptHeader, isDirectory: boolean): number {
  if (versionNeededToExtract !== VERSION_ZIP64) return versionNeededToExtract;
  return compressionMethod === METHOD_DEFLATE || isDirectory ? VERSION_DEFLATE_OR_DIRECTORY : VERSION_STORED;
}

/** The fields that are well-formed and need no rewriting, in their order. */
function keptExtraFields(extraField: Buffer): Uint8Array {
  let kept: Buffer[] | undefined;
  let position = 0;
  for (const { id, data } of extraFieldsOf(extraField)) {
    const end = position + EXTRA_FIELD_HEADER_SIZE + data.length;
    if (REWRITTEN.includes(id)) kept ??= position === 0 ? [] : [extraField.subarray(0, position)];
    else kept?.push(extraField.subarray(position, end));
    position = end;
  }
  return kept === undefined ? extraField.subarray(0, position) : Buffer.concat(kept);
}
