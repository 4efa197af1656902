/**
 * Makes every decision about an entry's two headers once. The result has the value of each field, so the encoders in records.ts
 * decide nothing, and the local and the central header agree by construction.
 */
import { externalFileAttributes, isDirectoryMode } from './attributes.js';
import {
  EXTRA_FIELD_HEADER_SIZE,
  FLAG_DATA_DESCRIPTOR,
  FLAG_UTF8,
  METHOD_STORED,
  UINT16_MAX,
  UINT32_MAX,
  VERSION_DEFLATE_OR_DIRECTORY,
  VERSION_MADE_BY,
  VERSION_STORED,
  VERSION_ZIP64,
} from './constants.js';
import { decodeName, EntryFacts } from './entry-facts.js';
import { plainExtraFieldSize } from './extra-fields.js';

/** Fields that differ between the two headers: zeros if a data descriptor follows, all ones if zip64 takes over. */
export class HeaderFields {
  crc32 = 0;
  compressedSize = 0;
  uncompressedSize = 0;
  extraFieldLength = 0;
  hasZip64 = false;
  /** The extra fields besides zip64 of an entry that keeps those it has; else records.ts writes them from the facts. */
  keptExtraField: Uint8Array | undefined = undefined;
}

const SLASH = 0x2f;

/** Bytes of zip64 fields with both sizes, and with the offset as well. */
const LOCAL_ZIP64_SIZE = EXTRA_FIELD_HEADER_SIZE + 2 * 8;
export const CENTRAL_ZIP64_SIZE = EXTRA_FIELD_HEADER_SIZE + 3 * 8;

/** The fields of an entry's two headers. Reused for each entry, like EntryFacts. */
export class EntryHeader {
  facts: Readonly<EntryFacts> = new EntryFacts();
  versionMadeBy = VERSION_MADE_BY;
  versionNeededToExtract = 0;
  generalPurposeBitFlag = 0;
  /** 4.4.14: bit 0 would claim that the data is text, which no reader needs. */
  internalFileAttributes = 0;
  externalFileAttributes = 0;
  /** Field of the central header. */
  relativeOffsetOfLocalHeader = 0;
  readonly local = new HeaderFields();
  readonly central = new HeaderFields();

  /**
   * Decides the headers of an entry. `local` does not depend on whether the offset and the sizes are known already, given the
   * same `hasDataDescriptor` and `reservesZip64`.
   *
   * @throws Error for contradictory facts, which are a bug of the caller
   */
  decide(facts: Readonly<EntryFacts>): this {
    rejectContradictions(facts);
    const { compressionMethod, crc32, compressedSize, uncompressedSize, hasDataDescriptor, kept } = facts;
    const sizesNeedZip64 = compressedSize >= UINT32_MAX || uncompressedSize >= UINT32_MAX;
    const localHasZip64 = facts.reservesZip64 || (sizesNeedZip64 && !hasDataDescriptor);
    const centralHasZip64 = sizesNeedZip64 || facts.relativeOffsetOfLocalHeader >= UINT32_MAX;
    const isDirectory = isDirectoryMode(facts.mode);
    const ownVersion =
      compressionMethod === METHOD_STORED && !isDirectory ? VERSION_STORED : VERSION_DEFLATE_OR_DIRECTORY;
    const plainVersion = kept?.versionNeededToExtract ?? ownVersion;
    const extraFieldLength = plainExtraFieldSize(facts);

    this.facts = facts;
    // Ignores the offset: the local header may be encoded before it is known, and the two must agree. (libzip reports an
    // archive as inconsistent if the central directory asks for less than the local header. Go's archive/zip writes offsets
    // beyond 4 GiB under version 10 or 20 as well; the end record asks for 45.) Only an entry that unexpectedly exceeds 4 GiB
    // asks for more in the directory than in its local header, which was written before.
    this.versionNeededToExtract =
      localHasZip64 || sizesNeedZip64 ? Math.max(VERSION_ZIP64, plainVersion) : plainVersion;
    this.versionMadeBy = kept?.versionMadeBy ?? VERSION_MADE_BY;
    this.generalPurposeBitFlag =
      (hasDataDescriptor ? FLAG_DATA_DESCRIPTOR : 0) |
      (isAsciiText(facts) ? 0 : FLAG_UTF8) |
      (kept?.generalPurposeBitFlag ?? 0);
    this.internalFileAttributes = kept?.internalFileAttributes ?? 0;
    this.externalFileAttributes = kept?.externalFileAttributes ?? externalFileAttributes(facts.mode);
    this.relativeOffsetOfLocalHeader = centralHasZip64 ? UINT32_MAX : facts.relativeOffsetOfLocalHeader;

    const { local, central } = this;
    // With a descriptor, the local header is written before the sums are known.
    local.crc32 = hasDataDescriptor ? 0 : crc32;
    local.compressedSize = localHasZip64 ? UINT32_MAX : hasDataDescriptor ? 0 : compressedSize;
    local.uncompressedSize = localHasZip64 ? UINT32_MAX : hasDataDescriptor ? 0 : uncompressedSize;
    local.hasZip64 = localHasZip64;
    local.keptExtraField = kept?.localExtraField;
    local.extraFieldLength =
      (localHasZip64 ? LOCAL_ZIP64_SIZE : 0) + (local.keptExtraField?.length ?? extraFieldLength);
    central.crc32 = crc32;
    // Of the forms that 4.5.3 allows, every reader accepts the one that masks all three values and gives all three.
    central.compressedSize = centralHasZip64 ? UINT32_MAX : compressedSize;
    central.uncompressedSize = centralHasZip64 ? UINT32_MAX : uncompressedSize;
    central.hasZip64 = centralHasZip64;
    central.keptExtraField = kept?.centralExtraField;
    central.extraFieldLength =
      (centralHasZip64 ? CENTRAL_ZIP64_SIZE : 0) + (central.keptExtraField?.length ?? extraFieldLength);
    return this;
  }
}

export function decideEntryHeader(facts: Readonly<EntryFacts>): EntryHeader {
  return new EntryHeader().decide(facts);
}

function isAsciiText({ text, nameStart, nameLength, commentLength }: Readonly<EntryFacts>): boolean {
  const end = nameStart + nameLength + commentLength;
  for (let index = nameStart; index < end; index++) if ((text[index] ?? 0) >= 0x80) return false;
  return true;
}

function rejectContradictions(facts: Readonly<EntryFacts>): void {
  const { compressionMethod, compressedSize, uncompressedSize, hasDataDescriptor, nameLength, commentLength } = facts;
  const isStored = compressionMethod === METHOD_STORED;
  const isDirectory = isDirectoryMode(facts.mode);
  if (isDirectory !== (facts.text[facts.nameStart + nameLength - 1] === SLASH)) {
    contradiction(facts, "its mode and its name disagree; a directory's name ends in '/', and no other");
  }
  if (isDirectory && (!isStored || uncompressedSize !== 0)) contradiction(facts, 'it is a directory and has data');
  if (isStored && hasDataDescriptor) {
    contradiction(facts, 'it is stored and has a data descriptor, so no stream reader can find its end');
  }
  if (isStored && compressedSize !== uncompressedSize) {
    contradiction(facts, `it is stored and its ${uncompressedSize} bytes take ${compressedSize}`);
  }
  if (nameLength > UINT16_MAX || commentLength > UINT16_MAX) {
    contradiction(facts, `its name of ${nameLength} bytes or its comment of ${commentLength} is too long`);
  }
}

function contradiction(facts: Readonly<EntryFacts>, what: string): never {
  throw new Error(`Entry '${decodeName(facts)}': ${what}`);
}
