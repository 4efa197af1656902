/** Archives of other writers in JavaScript, each with the same entries as far as it can write them. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { randomBytes, textOf } from './trees.js';

export interface JavaScriptWriter {
  readonly name: string;
  /** Warnings of a check that its forms deserve. */
  readonly warnings: readonly string[];
  /** @returns undefined where it is not installed, or not part of this Node */
  readonly write: () => Promise<Uint8Array | undefined>;
}

interface File {
  readonly name: string;
  readonly bytes: Buffer;
  readonly isStored: boolean;
  readonly isStreamed: boolean;
  readonly mode: number;
}

const MTIME = new Date(2024, 4, 6, 7, 8, 10);

function file(name: string, content: Uint8Array, more: Partial<File> = {}): File {
  return { name, bytes: Buffer.from(content), isStored: false, isStreamed: false, mode: 0o644, ...more };
}

const FILES: readonly File[] = [
  file('tree/text', textOf(60_000, 1)),
  file('tree/run.sh', Buffer.from('#!/bin/sh\n'), { mode: 0o755 }),
  file('tree/empty', Buffer.alloc(0)),
  file('tree/stored', textOf(5000, 2), { isStored: true }),
  file('tree/ü €.txt', textOf(9000, 3)),
  file('tree/streamed', textOf(50_000, 4), { isStreamed: true }),
  file('tree/large', textOf(1_200_000, 5)),
  file('tree/random', randomBytes(1_100_000, 6), { isStored: true }),
];
const FOLDER = 'tree/folder/';

function streamOf({ bytes }: File): Readable {
  return Readable.from([bytes.subarray(0, 100), bytes.subarray(100)]);
}

/** Packages without types. In a variable, so that the compiler does not look for them. */
async function load<T>(name: string): Promise<T | undefined> {
  return await import(name).catch(() => undefined);
}

interface Yazl {
  readonly ZipFile: new () => {
    readonly outputStream: Readable;
    addBuffer(bytes: Buffer, name: string, options: object): void;
    addReadStream(stream: Readable, name: string, options: object): void;
    addEmptyDirectory(name: string, options: object): void;
    end(): void;
  };
}

async function byYazl(): Promise<Uint8Array | undefined> {
  const yazl = await load<Yazl>('yazl');
  if (yazl === undefined) return undefined;
  const zip = new yazl.ZipFile();
  for (const one of FILES) {
    const options = { mtime: MTIME, mode: 0o100000 | one.mode, compress: !one.isStored };
    if (one.isStreamed) zip.addReadStream(streamOf(one), one.name, options);
    else zip.addBuffer(one.bytes, one.name, options);
  }
  zip.addEmptyDirectory(FOLDER, { mtime: MTIME, mode: 0o040755 });
  zip.end();
  return await buffer(zip.outputStream);
}

interface Archiver {
  readonly ZipArchive: new (
    options: object,
  ) => Readable & { append(content: Buffer | Readable | string, entry: object): void; finalize(): Promise<void> };
}

async function byArchiver(): Promise<Uint8Array | undefined> {
  const archiver = await load<Archiver>('archiver');
  if (archiver === undefined) return undefined;
  const zip = new archiver.ZipArchive({ zlib: { level: 6 } });
  for (const one of FILES) {
    const content = one.isStreamed ? streamOf(one) : one.bytes;
    zip.append(content, { name: one.name, date: MTIME, mode: one.mode, store: one.isStored });
  }
  zip.append('', { name: FOLDER, date: MTIME, mode: 0o755, type: 'directory' });
  const [bytes] = await Promise.all([buffer(zip), zip.finalize()]);
  return bytes;
}

interface ZipJs {
  readonly Uint8ArrayWriter: new () => object;
  readonly Uint8ArrayReader: new (bytes: Uint8Array) => object;
  readonly ZipWriter: new (
    writer: object,
    options: object,
  ) => {
    add(name: string, content: object | undefined, options: object): Promise<unknown>;
    close(): Promise<Uint8Array>;
  };
}

async function byZipJs(): Promise<Uint8Array | undefined> {
  const zipJs = await load<ZipJs>('@zip.js/zip.js');
  if (zipJs === undefined) return undefined;
  const zip = new zipJs.ZipWriter(new zipJs.Uint8ArrayWriter(), { useWebWorkers: false });
  for (const one of FILES) {
    const content = one.isStreamed ? Readable.toWeb(streamOf(one)) : new zipJs.Uint8ArrayReader(one.bytes);
    await zip.add(one.name, content, { lastModDate: MTIME, level: one.isStored ? 0 : 6, unixMode: one.mode });
  }
  await zip.add(FOLDER, undefined, { lastModDate: MTIME, directory: true });
  return await zip.close();
}

interface Fflate {
  zipSync(files: Record<string, readonly [Uint8Array, object]>): Uint8Array;
}

async function byFflate(): Promise<Uint8Array | undefined> {
  const fflate = await load<Fflate>('fflate');
  const rows = FILES.map(({ name, bytes, isStored, mode }) => {
    const options = { mtime: MTIME, level: isStored ? 0 : 6, os: 3, attrs: (0o100000 | mode) * 0x10000 };
    return [name, [new Uint8Array(bytes), options]] as const;
  });
  const folder = [FOLDER, [new Uint8Array(), { mtime: MTIME, os: 3, attrs: 0o040755 * 0x10000 }]] as const;
  return fflate?.zipSync(Object.fromEntries([...rows, folder]));
}

/** Of Node 26. */
interface NodeZip {
  readonly ZipEntry?: {
    create(name: string, bytes: Uint8Array, options: object): Promise<object>;
    createStream(name: string, content: AsyncIterable<Uint8Array>, options: object): object;
  };
  readonly createZipArchive?: (entries: readonly object[]) => Readable;
}

async function byNode(): Promise<Uint8Array | undefined> {
  const zip = await load<NodeZip>('node:zlib');
  const { ZipEntry, createZipArchive } = zip ?? {};
  if (ZipEntry === undefined || createZipArchive === undefined) return undefined;
  const entries: object[] = [];
  for (const one of FILES) {
    const options = { modified: MTIME, mode: one.mode, method: one.isStored ? 'store' : 'deflate' };
    entries.push(
      one.isStreamed
        ? ZipEntry.createStream(one.name, streamOf(one), options)
        : await ZipEntry.create(one.name, one.bytes, options),
    );
  }
  entries.push(await ZipEntry.create(FOLDER, Buffer.alloc(0), { modified: MTIME }));
  return await buffer(createZipArchive(entries));
}

export const JAVASCRIPT_WRITERS: readonly JavaScriptWriter[] = [
  { name: 'yazl', warnings: [], write: byYazl },
  { name: 'archiver', warnings: ['stored-descriptor'], write: byArchiver },
  { name: 'zip.js', warnings: ['stored-descriptor'], write: byZipJs },
  { name: 'fflate', warnings: ['directory-form'], write: byFflate },
  { name: 'node:zlib', warnings: [], write: byNode },
];

/** By name, what each of those archives holds. */
export const EXPECTED_CONTENTS: ReadonlyMap<string, Buffer> = new Map(FILES.map(({ name, bytes }) => [name, bytes]));
