/** Archives for the reader, written by hand: every field can be anything, which the encoders of src/zip refuse. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface PartOptions {
  readonly name: string | Buffer;
  readonly data?: Buffer;
  /** @default stored */
  readonly deflate?: boolean;
  readonly method?: number;
  readonly flags?: number;
  readonly madeBy?: number;
  readonly attributes?: number;
  readonly time?: number;
  readonly date?: number;
  /** Of both headers. */
  readonly extra?: Buffer;
  readonly comment?: Buffer;
  readonly offset?: number;
  /** What both headers say in place of the truth. */
  readonly crc?: number;
  readonly compressedSize?: number;
  readonly uncompressedSize?: number;
}

export interface EndOptions {
  readonly count?: number;
  readonly comment?: Buffer;
  readonly disk?: number;
  /** Zip64 records, with all fields of the end record masked. */
  readonly zip64?: boolean;
  /** Bytes between the zip64 end record and its locator that belong to the record. */
  readonly extensible?: Buffer;
  readonly offsetShift?: number;
}

export function buildArchive(parts: readonly PartOptions[], end: EndOptions = {}): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const { name, data = Buffer.alloc(0), deflate = false, extra = Buffer.alloc(0), comment = Buffer.alloc(0) } = part;
    const content = deflate ? deflateRawSync(data) : data;
    const nameBytes = Buffer.from(name);
    const shared = fields(
      [2, 20],
      [2, part.flags ?? 0],
      [2, part.method ?? (deflate ? 8 : 0)],
      [2, part.time ?? 0],
      [2, part.date ?? 33],
      [4, part.crc ?? crc32(data)],
      [4, part.compressedSize ?? content.length],
      [4, part.uncompressedSize ?? data.length],
      [2, nameBytes.length],
      [2, extra.length],
    );
    const local = Buffer.concat([fields([4, 0x04034b50]), shared, nameBytes, extra, content]);
    const head = fields([4, 0x02014b50], [2, part.madeBy ?? 0x033f]);
    const attributes = part.attributes ?? 0o100644 * 0x10000;
    const tail = fields([2, comment.length], [2, 0], [2, 0], [4, attributes], [4, part.offset ?? offset]);
    centrals.push(Buffer.concat([head, shared, tail, nameBytes, extra, comment]));
    locals.push(local);
    offset += local.length;
  }
  return Buffer.concat([...locals, ...centrals, endOf(parts.length, Buffer.concat(centrals).length, offset, end)]);
}

function endOf(entryCount: number, size: number, start: number, end: EndOptions): Buffer {
  const { count = entryCount, comment = Buffer.alloc(0), disk = 0, zip64 = false, offsetShift = 0 } = end;
  const { extensible = Buffer.alloc(0) } = end;
  const offset = start + offsetShift;
  const zip64Records = Buffer.concat([
    fields([4, 0x06064b50], [8, 44 + extensible.length], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count]),
    fields([8, size], [8, offset]),
    extensible,
    fields([4, 0x07064b50], [4, 0], [8, start + size + offsetShift], [4, 1]),
  ]);
  const shown = zip64 ? [0xffff, 0xffffffff, 0xffffffff] : [count, size, offset];
  const [countField = 0, sizeField = 0, offsetField = 0] = shown;
  const record = fields(
    [4, 0x06054b50],
    [2, disk],
    [2, disk],
    [2, countField],
    [2, countField],
    [4, sizeField],
    [4, offsetField],
    [2, comment.length],
  );
  return Buffer.concat([zip64 ? zip64Records : Buffer.alloc(0), record, comment]);
}

export function extraField(id: number, data: Buffer): Buffer {
  return Buffer.concat([fields([2, id], [2, data.length]), data]);
}

/** Numbers of so many bytes each, low byte first. */
export function fields(...numbers: readonly (readonly [2 | 4 | 8, number | bigint])[]): Buffer {
  return Buffer.concat(
    numbers.map(([size, value]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
      return bytes.subarray(0, size);
    }),
  );
}
