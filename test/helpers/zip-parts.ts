/**
 * Archives of single records, each of which may say anything: what src/zip/ refuses to write. Nothing is shared with it, so that a
 * mistake there is not made here again.
 */
import { crc32 } from 'node:zlib';

export const MAX32 = 0xffffffff;
export const TEXT = Buffer.from('Some text that takes one block of deflate.\n'.repeat(4));

/** One stored block: zlib's bytes, and so all offsets, could differ from one version of Node to the next. */
export function deflated(data: Buffer): Buffer {
  return Buffer.concat([Buffer.of(1), numbers([2, data.length], [2, data.length ^ 0xffff]), data]);
}

/** Fields of a header that may differ from the truth. */
export interface HeaderFields {
  readonly version: number;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly csize: number;
  readonly usize: number;
  readonly name: string | Buffer;
  readonly extra: Buffer;
}

export interface Part extends Partial<HeaderFields> {
  readonly data?: Buffer;
  /** In place of `data`, deflated where the method is 8. */
  readonly compressed?: Buffer;
  /** st_mode. */
  readonly mode?: number;
  /** The lower half of the external attributes. */
  readonly dos?: number;
  readonly madeBy?: number;
  readonly disk?: number;
  readonly comment?: Buffer;
  /** Of the local header, in the directory. */
  readonly offset?: number;
  /** Written in place of what both headers share. */
  readonly local?: Partial<HeaderFields>;
  readonly central?: Partial<HeaderFields>;
  /** Bytes ahead of the local header. */
  readonly before?: Buffer;
  /** Sets bit 3, and zeros in the local header. */
  readonly descriptor?: (sums: Sums) => Buffer;
  /** Lies in the file, and is not in the directory. */
  readonly isUnlisted?: boolean;
  /** Is in the directory, and does not lie in the file. */
  readonly isListedOnly?: boolean;
}

export interface Sums {
  readonly crc: number;
  readonly csize: number;
  readonly usize: number;
}

export interface End {
  readonly count?: number;
  readonly countHere?: number;
  readonly sizeOff?: number;
  readonly offsetOff?: number;
  readonly disk?: number;
  readonly comment?: Buffer;
  readonly commentLength?: number;
  readonly beforeDirectory?: Buffer;
  readonly inDirectory?: Buffer;
  readonly beforeEnd?: Buffer;
  readonly isReversed?: boolean;
  readonly zip64?: Zip64End;
  readonly after?: Buffer;
}

export interface Zip64End {
  readonly version?: number;
  readonly count?: number;
  readonly locatorOff?: number;
  readonly recordOff?: number;
  readonly disks?: number;
  /** Fields of the end record that are all ones. @default all */
  readonly isMasked?: boolean;
}

export function archive(parts: readonly Part[], end: End = {}): Buffer {
  const body: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const part of parts) {
    const method = part.method ?? 8;
    const data = part.data ?? (method === 8 ? TEXT : Buffer.from('stored\n'));
    const compressed = part.compressed ?? (method === 8 ? deflated(data) : data);
    const sums = {
      crc: part.crc ?? crc32(data),
      csize: part.csize ?? compressed.length,
      usize: part.usize ?? data.length,
    };
    const before = part.before ?? Buffer.alloc(0);
    const descriptor = part.descriptor?.(sums) ?? Buffer.alloc(0);
    const shared = sharedOf(part, method, sums);
    const zeros = part.descriptor === undefined ? {} : { crc: 0, csize: 0, usize: 0 };
    const local = localHeader({ ...shared, ...zeros, ...part.local });
    if (part.isUnlisted !== true) {
      const offset = part.offset ?? position + before.length;
      directory.push(centralHeader({ ...shared, ...part.central }, part, offset));
    }
    if (part.isListedOnly === true) continue;
    body.push(before, local, compressed, descriptor);
    position += before.length + local.length + compressed.length + descriptor.length;
  }
  if (end.isReversed === true) directory.reverse();
  return Buffer.concat([...body, ...endOf(directory, position, end)]);
}

function sharedOf(part: Part, method: number, sums: Sums): HeaderFields {
  const name = Buffer.from(part.name ?? 'a.txt');
  const isAscii = name.every((byte) => byte < 0x80);
  const isPlain = method === 0 && name.at(-1) !== 0x2f;
  return {
    version: part.version ?? (isPlain ? 10 : 20),
    flags: part.flags ?? (part.descriptor === undefined ? 0 : 8) | (isAscii ? 0 : 1 << 11),
    method,
    name,
    extra: part.extra ?? Buffer.alloc(0),
    ...sums,
  };
}

function localHeader({ version, flags, method, crc, csize, usize, name, extra }: HeaderFields): Buffer {
  const nameBytes = Buffer.from(name);
  return Buffer.concat([
    numbers([4, 0x04034b50], [2, version], [2, flags], [2, method], [2, 0], [2, 33], [4, crc], [4, csize], [4, usize]),
    numbers([2, nameBytes.length], [2, extra.length]),
    nameBytes,
    extra,
  ]);
}

function centralHeader(fields: HeaderFields, part: Part, offset: number): Buffer {
  const { version, flags, method, crc, csize, usize, name, extra } = fields;
  const nameBytes = Buffer.from(name);
  const isFolder = nameBytes.at(-1) === 0x2f;
  const mode = part.mode ?? (isFolder ? 0o40755 : 0o100644);
  const dos = part.dos ?? (isFolder ? 0x10 : 0);
  const comment = part.comment ?? Buffer.alloc(0);
  return Buffer.concat([
    numbers([4, 0x02014b50], [2, part.madeBy ?? 0x033f], [2, version], [2, flags], [2, method], [2, 0], [2, 33]),
    numbers([4, crc], [4, csize], [4, usize], [2, nameBytes.length], [2, extra.length], [2, comment.length]),
    numbers([2, part.disk ?? 0], [2, 0], [4, mode * 0x10000 + dos], [4, offset]),
    nameBytes,
    extra,
    comment,
  ]);
}

function endOf(headers: readonly Buffer[], bodyEnd: number, end: End): Buffer[] {
  const { comment = Buffer.alloc(0), zip64, beforeDirectory = Buffer.alloc(0), inDirectory = Buffer.alloc(0) } = end;
  const { beforeEnd = Buffer.alloc(0), after = Buffer.alloc(0) } = end;
  const directory = Buffer.concat([...headers, inDirectory]);
  const start = bodyEnd + beforeDirectory.length;
  const count = end.count ?? headers.length;
  const size = directory.length + (end.sizeOff ?? 0);
  const offset = start + (end.offsetOff ?? 0);
  const isMasked = zip64 !== undefined && zip64.isMasked !== false;
  const disk = end.disk ?? 0;
  const record = Buffer.concat([
    numbers([4, 0x06054b50], [2, disk], [2, disk], [2, isMasked ? 0xffff : (end.countHere ?? count)]),
    numbers([2, isMasked ? 0xffff : count], [4, isMasked ? MAX32 : size], [4, isMasked ? MAX32 : offset]),
    numbers([2, end.commentLength ?? comment.length]),
    comment,
  ]);
  const recordStart = start + directory.length + beforeEnd.length;
  const zip64Records = zip64 === undefined ? [] : [zip64End(zip64, count, size, offset, recordStart)];
  return [beforeDirectory, directory, beforeEnd, ...zip64Records, record, after];
}

function zip64End(zip64: Zip64End, count: number, size: number, offset: number, position: number): Buffer {
  const entries = zip64.count ?? count;
  return Buffer.concat([
    numbers([4, 0x06064b50], [8, 44 + (zip64.recordOff ?? 0)], [2, 0x033f], [2, zip64.version ?? 45], [4, 0], [4, 0]),
    numbers([8, entries], [8, entries], [8, size], [8, offset]),
    numbers([4, 0x07064b50], [4, 0], [8, position + (zip64.locatorOff ?? 0)], [4, zip64.disks ?? 1]),
  ]);
}

export function signed({ crc, csize, usize }: Sums): Buffer {
  return numbers([4, 0x08074b50], [4, crc], [4, csize], [4, usize]);
}

export function wide({ crc, csize, usize }: Sums): Buffer {
  return numbers([4, 0x08074b50], [4, crc], [8, csize], [8, usize]);
}

export function zip64Field(...values: readonly (number | bigint)[]): Buffer {
  return extraField(1, numbers(...values.map((value) => [8, value] as const)));
}

export function extraField(id: number, data: Buffer): Buffer {
  return Buffer.concat([numbers([2, id], [2, data.length]), data]);
}

/** Numbers of so many bytes each, low byte first. */
export function numbers(...fields: readonly (readonly [2 | 4 | 8, number | bigint])[]): Buffer {
  return Buffer.concat(
    fields.map(([size, value]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
      return bytes.subarray(0, size);
    }),
  );
}
