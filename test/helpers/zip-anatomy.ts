/**
 * Takes an archive apart byte by byte and holds it against the rules that pzip writes by. It shares no line with
 * src/zip/, so that a mistake there is not made here again; where readers forgive, it does not.
 *
 * Only headers are read, through a small window, so an archive of many gigabytes takes no longer than its number of
 * entries; contents up to a limit are inflated as well. Section numbers are those of APPNOTE.TXT 6.3.
 */
import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';

/** What a fault is about. The fixtures hold at least one archive for each. */
export const RULES = [
  'end-record', // the last bytes are an end record and its comment, and nothing looks like a second one
  'end-counts', // counts, size and offset of the directory are exact
  'end-zip64', // the zip64 end record and its locator are there exactly when a value needs them
  'gap', // records lie back to back from the first byte to the last
  'order', // the directory lists the entries in the order in which they lie
  'headers-differ', // the local and the central header say the same
  'flags', // no bit but 3 (descriptor) and 11 (UTF-8)
  'utf8-flag', // bit 11 exactly when the name or the comment is not ASCII
  'method', // stored or deflate
  'stored', // a stored entry has as many bytes as its content; an empty one is stored
  'descriptor', // signed, as wide as the local header says, with the true values, and only after deflate
  'descriptor-in-file', // none at all where the output could be seeked
  'directory', // stored, empty, without a descriptor, named with a slash, marked in both attributes
  'symlink', // stored, with a target
  'version-needed', // 10, 20 or 45, as low as can be
  'version-made-by', // Unix, and a specification of 2.0 to 6.3
  'attributes', // a mode with a known type that its owner can read
  'name', // relative, no empty or dotted parts, no backslash, no drive, no NUL
  'duplicate',
  'extra-fields', // well formed, only known ones, the same time in both headers
  'zip64-local', // both sizes and nothing else, exactly when a size needs it or may come to need it
  'zip64-central', // exactly the masked fields, exactly when a value needs it
  'length', // name, extra field and comment together fit where readers look
  'time', // a date that exists
  'content', // deflate ends where the entry ends, and the CRC and the size are those of the content
] as const;

export type Rule = (typeof RULES)[number];

export interface Fault {
  readonly rule: Rule;
  /** With the entry's name and the values. */
  readonly message: string;
}

export interface AnatomyOptions {
  /** 'file': the output could be seeked, so no entry has a descriptor. @default 'any' */
  output?: 'file' | 'any';
  /** Bytes up to which an entry's content is read and compared with its sums. @default 64 MiB */
  contentLimit?: number;
}

export interface Anatomy {
  readonly size: number;
  /** In the order of the central directory. */
  readonly entries: readonly AnatomyEntry[];
  readonly offsetOfCentralDirectory: number;
  readonly sizeOfCentralDirectory: number;
  readonly hasZip64End: boolean;
  readonly comment: Buffer;
}

/** What both headers say of an entry; zip64 fields already put in the place of those they stand for. */
export interface AnatomyEntry {
  readonly name: string;
  readonly versionNeededToExtract: number;
  readonly generalPurposeBitFlag: number;
  readonly compressionMethod: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  /** Type and permission bits. */
  readonly mode: number;
  /** Seconds since 1970 from the extended timestamp, undefined without one. */
  readonly unixTime: number | undefined;
  readonly lastModFileTime: number;
  readonly lastModFileDate: number;
  readonly offset: number;
  readonly dataOffset: number;
  readonly hasDescriptor: boolean;
  readonly localHasZip64: boolean;
  readonly centralHasZip64: boolean;
  readonly comment: Buffer;
}

/** @throws AssertionError with every fault, when there is one */
export function assertCleanAnatomy(source: string | Uint8Array, options: AnatomyOptions = {}): Anatomy {
  const { anatomy, faults } = dissect(source, options);
  const shown = faults.slice(0, 20).map(({ rule, message }) => `\n  ${rule}: ${message}`);
  assert.ok(faults.length === 0, `${faults.length} fault(s) in the archive:${shown.join('')}`);
  assert.ok(anatomy !== undefined);
  return anatomy;
}

/** `source` is a file's path or the archive itself. Without an end record or a directory there is no anatomy. */
export function dissect(
  source: string | Uint8Array,
  options: AnatomyOptions = {},
): { anatomy: Anatomy | undefined; faults: Fault[] } {
  const bytes = typeof source === 'string' ? new FileBytes(source) : new MemoryBytes(source);
  const faults: Fault[] = [];
  try {
    return { anatomy: dissectBytes(bytes, faults, options), faults };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    faults.push({ rule: error.rule, message: error.message });
    return { anatomy: undefined, faults };
  } finally {
    bytes.close();
  }
}

const LOCAL_SIGNATURE = 0x04034b50;
const DESCRIPTOR_SIGNATURE = 0x08074b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const ZIP64_END_SIGNATURE = 0x06064b50;
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;

const MAX16 = 0xffff;
const MAX32 = 0xffffffff;

const HAS_DESCRIPTOR = 1 << 3;
const IS_UTF8 = 1 << 11;

const ZIP64 = 0x0001;
const EXTENDED_TIMESTAMP = 0x5455;
const ALIGNMENT = 0xd935;

/** Deflate may grow what it cannot shrink, so a local header may reserve zip64 a little before 4 GiB. */
const MAY_REACH_ZIP64 = 0xf0000000;

type Report = (rule: Rule, message: string) => void;

function dissectBytes(bytes: Bytes, faults: Fault[], options: AnatomyOptions): Anatomy {
  const report: Report = (rule, message) => faults.push({ rule, message });
  const end = readEnd(bytes, report);
  const centrals = readCentralDirectory(bytes, end, report);

  const entries: AnatomyEntry[] = [];
  let position: number | undefined = 0;
  for (const central of centrals) {
    const about: Report = (rule, message) => report(rule, `${JSON.stringify(central.name)}: ${message}`);
    checkPosition(position, central.offset, about);
    const { entry, endOffset } = readEntry(bytes, central, about, options);
    entries.push(entry);
    position = endOffset;
  }
  if (position !== undefined && position !== end.offsetOfCentralDirectory) {
    report('gap', `the last entry ends at ${position}, the directory begins at ${end.offsetOfCentralDirectory}`);
  }
  checkDuplicates(entries, report);
  return { size: bytes.size, entries, ...end };
}

// The end of the archive: 4.3.14 to 4.3.16

interface End {
  readonly totalEntries: number;
  readonly offsetOfCentralDirectory: number;
  readonly sizeOfCentralDirectory: number;
  /** Where the directory has to end: at the zip64 end record, or at the end record. */
  readonly endOfCentralDirectory: number;
  readonly hasZip64End: boolean;
  readonly comment: Buffer;
}

function readEnd(bytes: Bytes, report: Report): End {
  const offset = findEnd(bytes, report);
  const record = bytes.read(offset, 22);
  const comment = bytes.read(offset + 22, record.readUInt16LE(20));
  const masked = {
    disk: record.readUInt16LE(4),
    directoryDisk: record.readUInt16LE(6),
    entriesOnDisk: record.readUInt16LE(8),
    entries: record.readUInt16LE(10),
    size: record.readUInt32LE(12),
    offset: record.readUInt32LE(16),
  };
  const zip64 = readZip64End(bytes, offset, report);
  if (zip64 === undefined) {
    const { disk, directoryDisk, entriesOnDisk, entries } = masked;
    if (disk !== 0 || directoryDisk !== 0) report('end-record', `disk numbers are ${disk} and ${directoryDisk}`);
    if (entriesOnDisk !== entries) report('end-counts', `${entriesOnDisk} entries on this disk, ${entries} in all`);
    if (entries === MAX16 || masked.size === MAX32 || masked.offset === MAX32) {
      report('end-zip64', 'a field is masked, and no zip64 end record tells its value');
    }
    return {
      totalEntries: entries,
      offsetOfCentralDirectory: masked.offset,
      sizeOfCentralDirectory: masked.size,
      endOfCentralDirectory: offset,
      hasZip64End: false,
      comment,
    };
  }
  if (zip64.entries < MAX16 && zip64.size < MAX32 && zip64.offset < MAX32) {
    report('end-zip64', 'there is a zip64 end record, and no value needs it');
  }
  const pairs = [
    ['number of entries', masked.entries, zip64.entries, MAX16],
    ['number of entries on this disk', masked.entriesOnDisk, zip64.entries, MAX16],
    ['size of the directory', masked.size, zip64.size, MAX32],
    ['offset of the directory', masked.offset, zip64.offset, MAX32],
  ] as const;
  for (const [field, value, true64, mask] of pairs) {
    if (value !== mask && value !== true64) report('end-counts', `the ${field} is ${value} and in zip64 ${true64}`);
    if (value !== mask && true64 >= mask) report('end-zip64', `the ${field} is ${true64} and not masked`);
  }
  return {
    totalEntries: zip64.entries,
    offsetOfCentralDirectory: zip64.offset,
    sizeOfCentralDirectory: zip64.size,
    endOfCentralDirectory: zip64.recordOffset,
    hasZip64End: true,
    comment,
  };
}

/** The end record whose comment reaches exactly to the last byte; any other bytes that look like one are a fault. */
function findEnd(bytes: Bytes, report: Report): number {
  const tailOffset = Math.max(0, bytes.size - 22 - MAX16);
  const tail = bytes.read(tailOffset, bytes.size - tailOffset);
  const candidates: number[] = [];
  for (let at = tail.lastIndexOf(END); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf(END, at - 1)) {
    if (at + 22 <= tail.length) candidates.push(at);
  }
  const exact = candidates.find((at) => at + 22 + tail.readUInt16LE(at + 20) === tail.length);
  const found = exact ?? candidates[0];
  if (found === undefined) throw new Unreadable('end-record', 'there is no end of central directory record');
  if (exact === undefined) {
    const past = tail.length - found - 22 - tail.readUInt16LE(found + 20);
    report('end-record', past > 0 ? `${past} bytes follow the archive` : `its comment lacks ${-past} bytes`);
  }
  const later = tail.indexOf(END, found + 4);
  if (later >= 0) report('end-record', 'the comment holds the signature of an end record');
  return tailOffset + found;
}
const END = Buffer.from('PK\x05\x06', 'latin1');

interface Zip64End {
  readonly recordOffset: number;
  readonly entries: number;
  readonly size: number;
  readonly offset: number;
}

function readZip64End(bytes: Bytes, endOffset: number, report: Report): Zip64End | undefined {
  const locatorOffset = endOffset - 20;
  if (locatorOffset < 0) return undefined;
  const locator = bytes.read(locatorOffset, 20);
  if (locator.readUInt32LE(0) !== ZIP64_LOCATOR_SIGNATURE) return undefined;
  const recordOffset = uint64(locator, 8);
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) !== 1) {
    report('end-zip64', `the locator names disk ${locator.readUInt32LE(4)} of ${locator.readUInt32LE(16)}`);
  }
  if (recordOffset + 56 > bytes.size) throw new Unreadable('end-zip64', `the locator points to ${recordOffset}`);
  const record = bytes.read(recordOffset, 56);
  if (record.readUInt32LE(0) !== ZIP64_END_SIGNATURE) {
    throw new Unreadable('end-zip64', `there is no zip64 end record at ${recordOffset}, where the locator points`);
  }
  const recordSize = uint64(record, 4) + 12; // 4.3.14.1: it leaves out itself and the signature
  if (recordSize !== 56) report('end-zip64', `the zip64 end record has ${recordSize} bytes, not 56`);
  if (recordOffset + recordSize !== locatorOffset) {
    report('gap', `the zip64 end record ends at ${recordOffset + recordSize}, its locator begins at ${locatorOffset}`);
  }
  checkMadeBy(record.readUInt16LE(12), (rule, message) => report(rule, `zip64 end record: ${message}`));
  if (record.readUInt16LE(14) !== 45) report('end-zip64', `version needed is ${record.readUInt16LE(14)}, not 45`);
  if (record.readUInt32LE(16) !== 0 || record.readUInt32LE(20) !== 0) report('end-zip64', 'a disk number is not 0');
  if (uint64(record, 24) !== uint64(record, 32)) report('end-counts', 'the zip64 end record counts entries twice over');
  return { recordOffset, entries: uint64(record, 32), size: uint64(record, 40), offset: uint64(record, 48) };
}

// The central directory: 4.3.12

interface CentralHeader {
  readonly name: string;
  readonly rawName: Buffer;
  readonly versionNeededToExtract: number;
  readonly generalPurposeBitFlag: number;
  readonly compressionMethod: number;
  readonly lastModFileTime: number;
  readonly lastModFileDate: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly externalFileAttributes: number;
  readonly offset: number;
  readonly extra: ExtraFields;
  readonly comment: Buffer;
}

function readCentralDirectory(bytes: Bytes, end: End, report: Report): CentralHeader[] {
  const { offsetOfCentralDirectory: start, sizeOfCentralDirectory: size } = end;
  if (start + size !== end.endOfCentralDirectory) {
    report(
      'gap',
      `the directory is said to end at ${start + size}, the next record is at ${end.endOfCentralDirectory}`,
    );
  }
  const headers: CentralHeader[] = [];
  let position = start;
  while (position + 46 <= end.endOfCentralDirectory) {
    if (bytes.read(position, 4).readUInt32LE(0) !== CENTRAL_SIGNATURE) break;
    const { header, length } = readCentralHeader(bytes, position, report);
    headers.push(header);
    position += length;
  }
  if (headers.length !== end.totalEntries) {
    report('end-counts', `the end record counts ${end.totalEntries} entries, the directory has ${headers.length}`);
  }
  if (position - start !== size) report('end-counts', `the directory has ${position - start} bytes, not ${size}`);
  return headers;
}

function readCentralHeader(
  bytes: Bytes,
  position: number,
  reportAny: Report,
): { header: CentralHeader; length: number } {
  const fixed = bytes.read(position, 46);
  const nameLength = fixed.readUInt16LE(28);
  const extraLength = fixed.readUInt16LE(30);
  const commentLength = fixed.readUInt16LE(32);
  const variable = bytes.read(position + 46, nameLength + extraLength + commentLength);
  const rawName = variable.subarray(0, nameLength);
  const comment = variable.subarray(nameLength + extraLength);
  const name = rawName.toString();
  const report: Report = (rule, message) => reportAny(rule, `${JSON.stringify(name)}: ${message}`);

  // The JDK counts the fixed part in.
  const length = 46 + nameLength + extraLength + commentLength;
  if (length > MAX16) report('length', `its central header has ${length} bytes, more than ${MAX16}`);
  checkMadeBy(fixed.readUInt16LE(4), report);
  if (fixed.readUInt16LE(34) !== 0) report('headers-differ', `it begins on disk ${fixed.readUInt16LE(34)}`);
  if (fixed.readUInt16LE(36) > 1) report('attributes', `internal file attributes are ${fixed.readUInt16LE(36)}`);

  const extra = readExtraFields(variable.subarray(nameLength, nameLength + extraLength), 'central', report);
  const values = unmask(fixed, extra, report);
  const { uncompressedSize, compressedSize, offset } = values;
  if (extra.zip64 !== undefined && Math.max(uncompressedSize, compressedSize, offset) < MAX32) {
    report('zip64-central', 'there is a zip64 field, and no value needs it');
  }
  const header: CentralHeader = {
    name,
    rawName,
    versionNeededToExtract: fixed.readUInt16LE(6),
    generalPurposeBitFlag: fixed.readUInt16LE(8),
    compressionMethod: fixed.readUInt16LE(10),
    lastModFileTime: fixed.readUInt16LE(12),
    lastModFileDate: fixed.readUInt16LE(14),
    crc32: fixed.readUInt32LE(16),
    externalFileAttributes: fixed.readUInt32LE(38),
    ...values,
    extra,
    comment,
  };
  return { header, length };
}

/** 4.5.3: the zip64 field holds the masked fields and no other, in this order. */
function unmask(
  fixed: Buffer,
  extra: ExtraFields,
  report: Report,
): { uncompressedSize: number; compressedSize: number; offset: number } {
  const values = {
    uncompressedSize: fixed.readUInt32LE(24),
    compressedSize: fixed.readUInt32LE(20),
    offset: fixed.readUInt32LE(42),
  };
  const masked = (['uncompressedSize', 'compressedSize', 'offset'] as const).filter((field) => values[field] === MAX32);
  const length = extra.zip64?.length ?? 0;
  if (length !== masked.length * 8) {
    report('zip64-central', `${masked.length} fields are masked, the zip64 field has ${length} bytes`);
  }
  masked.forEach((field, i) => {
    if (extra.zip64 !== undefined && i * 8 + 8 <= length) values[field] = uint64(extra.zip64, i * 8);
  });
  return values;
}

// An entry: 4.3.7 to 4.3.9

function readEntry(
  bytes: Bytes,
  central: CentralHeader,
  report: Report,
  options: AnatomyOptions,
): { entry: AnatomyEntry; endOffset: number | undefined } {
  if (central.offset + 30 > bytes.size)
    throw new Unreadable('gap', `${central.name}: no local header at ${central.offset}`);
  const fixed = bytes.read(central.offset, 30);
  if (fixed.readUInt32LE(0) !== LOCAL_SIGNATURE) {
    throw new Unreadable('gap', `${JSON.stringify(central.name)}: no local header at ${central.offset}`);
  }
  const rawName = bytes.read(central.offset + 30, fixed.readUInt16LE(26));
  const extraBytes = bytes.read(central.offset + 30 + rawName.length, fixed.readUInt16LE(28));
  const extra = readExtraFields(extraBytes, 'local', report);
  const dataOffset = central.offset + 30 + rawName.length + extraBytes.length;

  const mode = central.externalFileAttributes >>> 16;
  const hasDescriptor = (central.generalPurposeBitFlag & HAS_DESCRIPTOR) !== 0;
  const entry: AnatomyEntry = {
    ...central,
    mode,
    unixTime: central.extra.unixTime,
    dataOffset,
    hasDescriptor,
    localHasZip64: extra.zip64 !== undefined,
    centralHasZip64: central.extra.zip64 !== undefined,
  };
  compareHeaders(fixed, rawName, extra, central, report);
  checkLocalSums(fixed, extra, entry, report);
  checkFlags(entry, central.rawName, report);
  checkKind(entry, central.externalFileAttributes, report);
  checkVersion(entry, report);
  checkName(entry.name, central.rawName, report);
  checkTime(entry, report);
  if (hasDescriptor && options.output === 'file') report('descriptor-in-file', 'it has a data descriptor');

  const dataEnd = dataOffset + central.compressedSize;
  if (dataEnd > bytes.size) {
    report('content', `it has ${central.compressedSize} bytes at ${dataOffset}, past the end of the archive`);
    return { entry, endOffset: undefined };
  }
  checkContent(bytes, entry, report, options.contentLimit ?? 64 * 1024 * 1024);
  return { entry, endOffset: hasDescriptor ? readDescriptor(bytes, entry, dataEnd, report) : dataEnd };
}

function compareHeaders(
  fixed: Buffer,
  rawName: Buffer,
  extra: ExtraFields,
  central: CentralHeader,
  report: Report,
): void {
  const pairs = [
    ['version needed to extract', fixed.readUInt16LE(4), localVersion(extra, central)],
    ['general purpose bit flag', fixed.readUInt16LE(6), central.generalPurposeBitFlag],
    ['compression method', fixed.readUInt16LE(8), central.compressionMethod],
    ['last mod file time', fixed.readUInt16LE(10), central.lastModFileTime],
    ['last mod file date', fixed.readUInt16LE(12), central.lastModFileDate],
  ] as const;
  for (const [field, local, wanted] of pairs) {
    if (local !== wanted)
      report('headers-differ', `${field} is ${local} in the local header and ${wanted} in the directory`);
  }
  if (!rawName.equals(central.rawName))
    report('headers-differ', `the local header names it ${JSON.stringify(rawName.toString())}`);
  if (extra.unixTime !== central.extra.unixTime) {
    report(
      'extra-fields',
      `its time is ${extra.unixTime} in the local header and ${central.extra.unixTime} in the directory`,
    );
  }
}

/** What passes 4 GiB unexpectedly needs 4.5 in the directory alone: its local header was written before. */
function localVersion(extra: ExtraFields, central: CentralHeader): number {
  const hasDescriptor = (central.generalPurposeBitFlag & HAS_DESCRIPTOR) !== 0;
  const isUnexpected = hasDescriptor && extra.zip64 === undefined && passes4GiB(central);
  return isUnexpected ? 20 : central.versionNeededToExtract;
}

function passes4GiB({
  compressedSize,
  uncompressedSize,
}: {
  compressedSize: number;
  uncompressedSize: number;
}): boolean {
  return Math.max(compressedSize, uncompressedSize) >= MAX32;
}

/** 4.4.4 bit 3 and 4.5.3: what the local header says of the CRC and the sizes. */
function checkLocalSums(fixed: Buffer, extra: ExtraFields, entry: AnatomyEntry, report: Report): void {
  const localCrc = fixed.readUInt32LE(14);
  const compressed = fixed.readUInt32LE(18);
  const uncompressed = fixed.readUInt32LE(22);
  const wanted = entry.hasDescriptor
    ? { crc32: 0, compressedSize: 0, uncompressedSize: 0 } // unknown as yet
    : entry;
  if (localCrc !== wanted.crc32)
    report('headers-differ', `CRC-32 is ${localCrc} in the local header, not ${wanted.crc32}`);

  if (extra.zip64 === undefined) {
    if (compressed === MAX32 || uncompressed === MAX32) {
      report('zip64-local', 'a size is masked, and no zip64 field tells it');
    } else if (compressed !== wanted.compressedSize || uncompressed !== wanted.uncompressedSize) {
      const sizes = `${wanted.uncompressedSize} and ${wanted.compressedSize}`;
      report('headers-differ', `sizes are ${uncompressed} and ${compressed} in the local header, not ${sizes}`);
    }
    return;
  }
  if (extra.zip64.length !== 16) {
    report('zip64-local', `its zip64 field has ${extra.zip64.length} bytes, not 16`);
    return;
  }
  if (compressed !== MAX32 || uncompressed !== MAX32) {
    report('zip64-local', `there is a zip64 field, and the sizes are ${uncompressed} and ${compressed}, not masked`);
  }
  const [uncompressed64, compressed64] = [uint64(extra.zip64, 0), uint64(extra.zip64, 8)];
  if (uncompressed64 !== wanted.uncompressedSize || compressed64 !== wanted.compressedSize) {
    const sizes = `${wanted.uncompressedSize} and ${wanted.compressedSize}`;
    report('zip64-local', `its zip64 field holds ${uncompressed64} and ${compressed64}, not ${sizes}`);
  }
  // Behind a descriptor it may stand for what was not known when it was written.
  const needs = Math.max(entry.uncompressedSize, entry.compressedSize) >= MAY_REACH_ZIP64;
  if (!entry.hasDescriptor && !needs) report('zip64-local', 'there is a zip64 field, and no size needs it');
}

/** @returns where the descriptor ends, or undefined where none was found */
function readDescriptor(bytes: Bytes, entry: AnatomyEntry, offset: number, report: Report): number | undefined {
  // 4.3.9.2, and what Go, Java and Python do where the sizes have come to need it
  const isWide = entry.localHasZip64 || passes4GiB(entry);
  const width = isWide ? 24 : 16;
  if (offset + width > bytes.size || bytes.read(offset, 4).readUInt32LE(0) !== DESCRIPTOR_SIGNATURE) {
    report('descriptor', `there is no signed data descriptor at ${offset}`);
    return undefined;
  }
  const record = bytes.read(offset, width);
  const found = isWide
    ? [record.readUInt32LE(4), uint64(record, 8), uint64(record, 16)]
    : [record.readUInt32LE(4), record.readUInt32LE(8), record.readUInt32LE(12)];
  const wanted = [entry.crc32, entry.compressedSize, entry.uncompressedSize];
  if (found.join() !== wanted.join()) report('descriptor', `it holds ${found.join(', ')}, not ${wanted.join(', ')}`);
  return offset + width;
}

// What one header can say wrong by itself

function checkFlags(entry: AnatomyEntry, rawName: Buffer, report: Report): void {
  const flags = entry.generalPurposeBitFlag;
  const others = flags & ~(HAS_DESCRIPTOR | IS_UTF8);
  if (others !== 0) report('flags', `bits 0x${others.toString(16)} of the flag are set`);
  const isAscii = [...rawName, ...entry.comment].every((byte) => byte < 0x80);
  if (((flags & IS_UTF8) !== 0) === isAscii) {
    report('utf8-flag', isAscii ? 'bit 11 is set for an ASCII name' : 'bit 11 is clear, and the name is not ASCII');
  }
}

function checkKind(entry: AnatomyEntry, externalFileAttributes: number, report: Report): void {
  const { compressionMethod: method, compressedSize, uncompressedSize, mode, hasDescriptor } = entry;
  if (method !== 0 && method !== 8) report('method', `method ${method} is neither stored nor deflate`);
  if (method === 0 && compressedSize !== uncompressedSize) {
    report('stored', `it is stored, and ${uncompressedSize} bytes take ${compressedSize}`);
  }
  if (method !== 0 && uncompressedSize === 0 && !hasDescriptor) report('stored', 'it is empty and not stored');
  if (method === 0 && hasDescriptor) report('descriptor', 'it is stored; a reader of a stream cannot find its end');

  const type = mode & 0o170000;
  const isDirectory = entry.name.endsWith('/');
  const wanted = isDirectory ? [0o040000] : [0o100000, 0o120000];
  if (!wanted.includes(type)) report('attributes', `its mode is ${mode.toString(8)}`);
  if ((mode & 0o400) === 0) report('attributes', `its mode is ${mode.toString(8)}: its owner cannot read it`);
  const dosAttributes = externalFileAttributes & 0xffff & ~0x20; // the archive bit does no harm
  const wantedDosAttributes = isDirectory || type === 0o040000 ? 0x10 : 0;
  if (dosAttributes !== wantedDosAttributes) {
    report('attributes', `its MS-DOS attributes are 0x${dosAttributes.toString(16)}`);
  }

  if (isDirectory && (method !== 0 || compressedSize !== 0 || uncompressedSize !== 0 || entry.crc32 !== 0)) {
    report('directory', `it has method ${method}, ${uncompressedSize} bytes and CRC ${entry.crc32}`);
  }
  if (isDirectory && hasDescriptor) report('directory', 'it has a data descriptor');
  if (type === 0o120000 && (method !== 0 || uncompressedSize === 0)) {
    report('symlink', `it has method ${method} and a target of ${uncompressedSize} bytes`);
  }
}

/** 4.4.3.2; Office and old readers refuse more than an entry needs. */
function checkVersion(entry: AnatomyEntry, report: Report): void {
  const version = entry.versionNeededToExtract;
  const isPlain = entry.compressionMethod === 0 && !entry.name.endsWith('/');
  const least = isPlain ? 10 : 20;
  const allowed = entry.localHasZip64 || passes4GiB(entry) ? [45] : entry.centralHasZip64 ? [least, 45] : [least];
  if (!allowed.includes(version)) report('version-needed', `it is ${version}, not ${allowed.join(' or ')}`);
}

function checkMadeBy(versionMadeBy: number, report: Report): void {
  const [host, specification] = [versionMadeBy >>> 8, versionMadeBy & 0xff];
  if (host !== 3) report('version-made-by', `host ${host} is not Unix`);
  if (specification < 20 || specification > 63) report('version-made-by', `specification ${specification}`);
}

function checkName(name: string, rawName: Buffer, report: Report): void {
  if (!Buffer.from(name).equals(rawName)) report('name', 'it is not UTF-8');
  const parts = (name.endsWith('/') ? name.slice(0, -1) : name).split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) report('name', 'a part is empty or dots');
  if (/^[A-Za-z]:/.test(name) || name.includes('\\')) report('name', 'it has a drive or a backslash');
  if (name.includes('\0')) report('name', 'it holds NUL');
}

/** 4.4.6; seconds are counted in twos, the date from 1980 on. */
function checkTime({ lastModFileDate: date, lastModFileTime: time }: AnatomyEntry, report: Report): void {
  const [year, month, day] = [1980 + (date >>> 9), (date >>> 5) & 15, date & 31];
  const [hour, minute, second] = [time >>> 11, (time >>> 5) & 63, (time & 31) * 2];
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth) report('time', `the date is ${year}-${month}-${day}`);
  if (hour > 23 || minute > 59 || second > 58) report('time', `the time is ${hour}:${minute}:${second}`);
}

function checkContent(bytes: Bytes, entry: AnatomyEntry, report: Report, limit: number): void {
  const { compressionMethod: method, compressedSize, uncompressedSize } = entry;
  if (Math.max(compressedSize, uncompressedSize) > limit || (method !== 0 && method !== 8)) return;
  const data = bytes.read(entry.dataOffset, compressedSize);
  let content = data;
  if (method === 8) {
    try {
      const { buffer, consumed } = inflate(data, uncompressedSize);
      if (consumed !== data.length) report('content', `deflate ends after ${consumed} of ${data.length} bytes`);
      content = buffer;
    } catch (error) {
      report('content', `deflate: ${error instanceof Error ? error.message : error}`);
      return;
    }
  }
  if (content.length !== uncompressedSize) report('content', `it has ${content.length} bytes, not ${uncompressedSize}`);
  const sum = crc32(content);
  if (sum !== entry.crc32) report('content', `its CRC-32 is ${sum}, not ${entry.crc32}`);
  if ((entry.mode & 0o170000) === 0o120000 && content.includes(0)) report('symlink', 'its target holds NUL');
}

function inflate(data: Buffer, uncompressedSize: number): { buffer: Buffer; consumed: number } {
  const result: unknown = inflateRawSync(data, { info: true, maxOutputLength: uncompressedSize + 1 });
  assert.ok(typeof result === 'object' && result !== null && 'buffer' in result && 'engine' in result);
  const { buffer, engine } = result;
  assert.ok(buffer instanceof Buffer && typeof engine === 'object' && engine !== null && 'bytesWritten' in engine);
  return { buffer, consumed: Number(engine.bytesWritten) };
}

// What only all of them together can say wrong

function checkPosition(position: number | undefined, offset: number, report: Report): void {
  if (position === undefined || position === offset) return;
  if (offset < position) report('order', `it begins at ${offset}, before the end of what precedes it at ${position}`);
  else report('gap', `it begins at ${offset}, ${offset - position} bytes behind what precedes it`);
}

function checkDuplicates(entries: readonly AnatomyEntry[], report: Report): void {
  const names = new Set<string>();
  for (const { name } of entries) {
    const bare = name.endsWith('/') ? name.slice(0, -1) : name; // extracted, `a` and `a/` are one place
    if (names.has(bare)) report('duplicate', `${JSON.stringify(name)} is there twice`);
    names.add(bare);
  }
}

// Extra fields: 4.5

interface ExtraFields {
  /** The data of the zip64 field; its length tells what it holds. */
  readonly zip64: Buffer | undefined;
  readonly unixTime: number | undefined;
}

function readExtraFields(bytes: Buffer, where: 'local' | 'central', report: Report): ExtraFields {
  let zip64: Buffer | undefined;
  let unixTime: number | undefined;
  const seen = new Set<number>();
  let at = 0;
  while (at + 4 <= bytes.length) {
    const id = bytes.readUInt16LE(at);
    const data = bytes.subarray(at + 4, at + 4 + bytes.readUInt16LE(at + 2));
    at += 4 + bytes.readUInt16LE(at + 2);
    if (seen.has(id)) report('extra-fields', `field 0x${id.toString(16)} is there twice`);
    seen.add(id);
    if (id === ZIP64) {
      zip64 = data;
    } else if (id === EXTENDED_TIMESTAMP) {
      if (data.length === 5 && data[0] === 1) unixTime = data.readInt32LE(1);
      else report('extra-fields', `the ${where} extended timestamp is ${data.toString('hex')}`);
    } else if (id !== ALIGNMENT || where === 'central') {
      report('extra-fields', `field 0x${id.toString(16)} is none that pzip writes`);
    }
  }
  if (at !== bytes.length) report('extra-fields', `the ${where} fields take ${at} of ${bytes.length} bytes`);
  return { zip64, unixTime };
}

// Bytes

/** A fault behind which nothing more can be read. */
class Unreadable extends Error {
  readonly rule: Rule;

  constructor(rule: Rule, message: string) {
    super(message);
    this.rule = rule;
  }
}

interface Bytes {
  readonly size: number;
  read(offset: number, length: number): Buffer;
  close(): void;
}

class MemoryBytes implements Bytes {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(offset: number, length: number): Buffer {
    if (offset + length > this.size) throw new Unreadable('end-record', `bytes ${offset}+${length} are not there`);
    return this.#bytes.subarray(offset, offset + length);
  }

  close(): void {}
}

/** Reads ahead a little: the headers of small entries lie close together. */
class FileBytes implements Bytes {
  readonly #fd: number;
  readonly size: number;
  #window = Buffer.alloc(0);
  #windowOffset = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.size = fstatSync(this.#fd).size;
  }

  read(offset: number, length: number): Buffer {
    if (offset + length > this.size) throw new Unreadable('end-record', `bytes ${offset}+${length} are not there`);
    const isInWindow = offset >= this.#windowOffset && offset + length <= this.#windowOffset + this.#window.length;
    if (!isInWindow) this.#moveWindow(offset, Math.max(length, Math.min(64 * 1024, this.size - offset)));
    return this.#window.subarray(offset - this.#windowOffset, offset - this.#windowOffset + length);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #moveWindow(offset: number, length: number): void {
    const window = Buffer.allocUnsafe(length); // a new one, so that what was handed out stays as it was
    let filled = 0;
    while (filled < length) {
      const count = readSync(this.#fd, window, filled, length - filled, offset + filled);
      if (count === 0) throw new Unreadable('end-record', `the file ends at ${offset + filled}`);
      filled += count;
    }
    this.#window = window;
    this.#windowOffset = offset;
  }
}

function uint64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * 2 ** 32;
}
