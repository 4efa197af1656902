/**
 * Reads an archive back with programs that nobody here wrote: what our own code reads proves little about what our own
 * code wrote. Any error is a failure, and so is any warning: a reader that complains today refuses in its next release.
 *
 * A reader that is not installed is named once on stderr and left out, unless CI is set in the environment: there it is
 * a failure.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { assertSameTree, type EntryType, readTree, sha256Of, type Tree, type TreeEntry } from './compare-trees.js';
import { type ProcessOptions, type ProcessOutcome, runProcess } from './run-process.js';

/** What one reader says of one entry; a field is undefined where that reader does not know or does not tell. */
export interface ReadEntry {
  readonly name: string;
  /** Some readers cannot tell a link from a file. */
  readonly type: EntryType | 'file or symlink';
  readonly size: number;
  readonly sha256: string;
  readonly crc32: number | undefined;
  /** Permission bits. */
  readonly mode: number | undefined;
  /** Seconds since 1970. */
  readonly mtime: number | undefined;
}

/** What must be in the archive. A link's content is the path of its target. Only the fields that are given are compared. */
export interface ExpectedEntry {
  readonly type?: EntryType;
  readonly size?: number;
  readonly sha256?: string;
  readonly crc32?: number;
  readonly mode?: number;
  readonly mtime?: number;
}

export type ReaderName =
  | 'unzip test'
  | 'unzip extract'
  | '7zz test'
  | '7zz extract'
  | 'bsdtar extract'
  | 'bsdtar pipe'
  | 'ziptool consistency'
  | 'zipcmp test'
  | 'python'
  | 'java ZipFile'
  | 'java ZipInputStream'
  | 'java zipfs'
  | 'go'
  | 'yauzl';

export interface CheckOptions {
  /** @default every reader that is installed */
  readers?: readonly ReaderName[];
  /** Readers to leave out, for what they are known to refuse by design. @default none */
  without?: readonly ReaderName[];
  /** Seconds that times may differ by; 1 where only the DOS field can tell. @default 0 */
  mtimeTolerance?: number;
}

/**
 * Every reader opens every one of the archives, reads all of it and finds what is expected, no more and no less. Without
 * `expected`, what one of them finds the others must find too. A function gives what is expected of each archive: many
 * archives in one call start each reader once (a JVM takes half a second).
 *
 * @throws what the first reader to complain said, with its name and that of the archive
 */
export async function checkWithEveryReader(
  archives: string | readonly string[],
  expected?: ReadonlyMap<string, ExpectedEntry> | ((archive: string) => ReadonlyMap<string, ExpectedEntry>),
  options: CheckOptions = {},
): Promise<void> {
  const paths = typeof archives === 'string' ? [archives] : archives;
  const installed = await availableReaders();
  const chosen = installed.filter(
    ({ name }) => (options.readers?.includes(name) ?? true) && !options.without?.includes(name),
  );
  // yauzl comes with npm ci and tells the most, so it is there to stand for the others where nothing is expected.
  const wanted = await Promise.all(
    paths.map(async (file) => {
      if (typeof expected === 'function') return expected(file);
      return expected ?? expectedOf(await readWithYauzl(file));
    }),
  );
  const byJava = await readTogetherWithJava(chosen, paths);
  for (const { name, read, alter } of chosen) {
    const listings = byJava.get(name) ?? (await named(name, paths, () => read(paths)));
    listings.forEach((entries, i) => {
      if (entries === undefined) return;
      const differences = differencesFrom(wanted[i] ?? new Map(), entries, alter, options.mtimeTolerance);
      assert.ok(differences.length === 0, `${name} on ${paths[i]}: ${differences.slice(0, 10).join('; ')}`);
    });
  }
}

/** What a folder holds, as `checkWithEveryReader` takes it; `prefix` is put before every name. */
export function expectedOfTree(tree: Tree, prefix = ''): Map<string, ExpectedEntry> {
  return new Map([...tree].map(([name, entry]) => [prefix + name, entry]));
}

export interface ExtractedTree {
  readonly reader: 'unzip' | '7zz' | 'bsdtar';
  readonly folder: string;
}

/**
 * Extracts the archive with each installed program that keeps modes, times and links, to be laid beside what was packed
 * with `compareTrees`.
 *
 * @param parent the folder that receives one folder per reader; its owner removes it
 */
export async function extractTrees(archive: string, parent: string): Promise<ExtractedTree[]> {
  const installed = await availableReaders();
  const trees: ExtractedTree[] = [];
  for (const [reader, extract] of EXTRACTORS) {
    if (!installed.some(({ name }) => name === `${reader} extract`)) continue;
    const folder = await mkdtemp(path.join(parent, `${reader}-`));
    await named(reader, [archive], () => extract(archive, folder));
    trees.push({ reader, folder });
  }
  return trees;
}

/** Extracts with every program and compares each result with the folder that was packed. */
export async function assertExtractsTo(
  archive: string,
  parent: string,
  expected: string | ReadonlyMap<string, TreeEntry>,
  options: Parameters<typeof assertSameTree>[2] = {},
): Promise<void> {
  const wanted = typeof expected === 'string' ? await readTree(expected) : expected;
  const installed = await availableReaders();
  for (const { reader, folder } of await extractTrees(archive, parent)) {
    const there = altered(wanted, installed.find(({ name }) => name === `${reader} extract`)?.alter);
    await assertSameTree(folder, there, { label: reader, ...options });
    await rm(folder, { recursive: true, force: true });
  }
}

export interface Reader {
  readonly name: ReaderName;
  /** The program it runs; undefined for what npm installs. */
  readonly program: string | undefined;
  /** A listing per archive; undefined from a reader that tests and does not tell. */
  read(archives: readonly string[]): Promise<(ReadEntry[] | undefined)[]>;
  /** What this program makes of an entry on purpose. */
  readonly alter?: Alteration;
}

type Alteration = <Entry extends ExpectedEntry>(name: string, expected: Entry) => [string, Entry];

function altered<Entry extends ExpectedEntry>(
  expected: ReadonlyMap<string, Entry>,
  alter: Alteration | undefined,
): ReadonlyMap<string, Entry> {
  return alter === undefined ? expected : new Map([...expected].map(([name, entry]) => alter(name, entry)));
}

/** Each reader that is installed. The missing are named once, or fail where CI is set. */
export function availableReaders(): Promise<readonly Reader[]> {
  available ??= findReaders();
  return available;
}
let available: Promise<readonly Reader[]> | undefined;

async function findReaders(): Promise<readonly Reader[]> {
  const programs = new Set(READERS.flatMap(({ program }) => (program === undefined ? [] : [program])));
  const installed = findPrograms([...programs]);
  return READERS.filter(({ program }) => program === undefined || installed.includes(program));
}

/** Those of the programs that are installed. The missing are named, or fail where CI is set. */
export function findPrograms(programs: readonly string[]): readonly string[] {
  const installed = programs.filter(isOnPath);
  if (installed.length < programs.length) {
    const missing = programs.filter((program) => !installed.includes(program)).join(', ');
    const message = `foreign readers not installed: ${missing}`;
    if (process.env.CI) throw new Error(`${message}; all of them are needed where CI is set`);
    process.stderr.write(`${message}; what only they can check is left out\n`);
  }
  return installed;
}

const READERS: readonly Reader[] = [
  { name: 'unzip test', program: 'unzip', read: (archives) => each(archives, testWithUnzip) },
  { name: 'unzip extract', program: 'unzip', read: (archives) => each(archives, extracted(extractWithUnzip)) },
  { name: '7zz test', program: '7zz', read: (archives) => each(archives, testWith7zz) },
  {
    name: '7zz extract',
    program: '7zz',
    read: (archives) => each(archives, extracted(extractWith7zz)),
    alter: as7zzExtracts,
  },
  {
    name: 'bsdtar extract',
    program: 'bsdtar',
    read: (archives) => each(archives, extracted(extractWithBsdtar)),
    alter: asLibarchiveNames,
  },
  {
    name: 'bsdtar pipe',
    program: 'bsdtar',
    read: (archives) => each(archives, readFromPipe),
    alter: asLibarchiveNames,
  },
  { name: 'ziptool consistency', program: 'ziptool', read: (archives) => each(archives, testWithZiptool) },
  { name: 'zipcmp test', program: 'zipcmp', read: (archives) => each(archives, testWithZipcmp) },
  { name: 'python', program: 'python3', read: readWithPython },
  { name: 'java ZipFile', program: 'javac', read: (archives) => readWithJava(['zipfile'], archives) },
  { name: 'java ZipInputStream', program: 'javac', read: (archives) => readWithJava(['stream'], archives) },
  { name: 'java zipfs', program: 'javac', read: (archives) => readWithJava(['zipfs'], archives) },
  { name: 'go', program: 'go', read: readWithGo },
  { name: 'yauzl', program: undefined, read: (archives) => each(archives, readWithYauzl) },
];

// Info-ZIP

async function testWithUnzip(archive: string): Promise<undefined> {
  const { stdout } = await runQuietly('unzip', ['-tq', archive]);
  // Exit code 0 alone would also be that of an unzip that tested nothing.
  assert.match(stdout.toString(), /^No errors detected in compressed data of /);
}

async function extractWithUnzip(archive: string, folder: string): Promise<void> {
  await extractQuietly('unzip', ['-q', archive, '-d', folder]);
}

// 7-Zip

async function testWith7zz(archive: string): Promise<undefined> {
  const { stdout } = await runQuietly('7zz', ['t', '-bsp0', archive]);
  assertFineBy7zz(stdout.toString());
}

async function extractWith7zz(archive: string, folder: string): Promise<void> {
  const { stdout } = await extractQuietly('7zz', ['x', '-bsp0', '-snld', `-o${folder}`, archive]);
  assertFineBy7zz(stdout.toString());
}

/** 7-Zip leaves a folder writable for its owner, whatever the archive says. */
function as7zzExtracts<Entry extends ExpectedEntry>(name: string, entry: Entry): [string, Entry] {
  const isFolder = entry.type === 'directory' && entry.mode !== undefined;
  return [name, isFolder ? { ...entry, mode: entry.mode | 0o700 } : entry];
}

/** Some of its warnings leave the exit code at 0 and stand in the summary only. */
function assertFineBy7zz(said: string): void {
  assert.match(said, /^Everything is Ok$/m);
  assert.doesNotMatch(said, /^(warnings?|errors?|sub items errors)\b/im);
}

// libarchive

/** libarchive composes the names that are marked as UTF-8: what went in as NFD comes out as NFC. */
function asLibarchiveNames<Entry extends ExpectedEntry>(name: string, entry: Entry): [string, Entry] {
  return [name.normalize('NFC'), entry];
}

async function extractWithBsdtar(archive: string, folder: string): Promise<void> {
  assertSilent(await extractQuietly('bsdtar', ['-xpf', archive, '-C', folder]));
}

/**
 * From a pipe libarchive has only the local headers: neither modes nor links, whose target comes out as a file's content.
 */
function readFromPipe(archive: string): Promise<ReadEntry[]> {
  return withTemporaryFolder(async (folder) => {
    assertSilent(await extractQuietly('bsdtar', ['-xpf', '-', '-C', folder], { stdin: { pipedFile: archive } }));
    const entries = entriesOf(await readTree(folder));
    return entries.map((entry) => ({
      ...entry,
      mode: undefined,
      type: entry.type === 'file' ? 'file or symlink' : entry.type,
    }));
  });
}

// libzip

async function testWithZiptool(archive: string): Promise<undefined> {
  const { stdout } = await runQuietly('ziptool', ['-c', archive, 'get_num_entries', '']);
  assert.match(stdout.toString(), /^\d+ (entry|entries) in archive$/m);
}

async function testWithZipcmp(archive: string): Promise<undefined> {
  assertSilent(await runQuietly('zipcmp', ['-t', archive, archive]));
}

// Python

async function readWithPython(archives: readonly string[]): Promise<ReadEntry[][]> {
  const script = path.join(SOURCES, 'read_archive.py');
  return parseListing(await runQuietly('python3', ['-W', 'error', script, ...archives]), archives.length);
}

// Java

type JavaReader = 'zipfile' | 'stream' | 'zipfs';

const JAVA_READERS: Readonly<Partial<Record<ReaderName, JavaReader>>> = {
  'java ZipFile': 'zipfile',
  'java ZipInputStream': 'stream',
  'java zipfs': 'zipfs',
};

/**
 * One start of the JVM for all of its readers, since that takes longer than what they read. Where one of them complains,
 * the result is empty: read alone afterwards, that one has the error to its name.
 */
async function readTogetherWithJava(
  chosen: readonly Reader[],
  archives: readonly string[],
): Promise<ReadonlyMap<ReaderName, ReadEntry[][]>> {
  const readers = chosen.flatMap(({ name }) => {
    const reader = JAVA_READERS[name];
    return reader === undefined ? [] : [{ name, reader }];
  });
  const listings = new Map<ReaderName, ReadEntry[][]>();
  if (readers.length < 2) return listings;
  const modes = readers.map(({ reader }) => reader);
  const all = await readWithJava(modes, archives).catch(() => undefined);
  if (all === undefined) return listings;
  for (const [i, { name }] of readers.entries()) {
    listings.set(name, all.slice(i * archives.length, (i + 1) * archives.length));
  }
  return listings;
}

/** @returns a listing for each archive by the first reader, then for each by the second */
async function readWithJava(readers: readonly JavaReader[], archives: readonly string[]): Promise<ReadEntry[][]> {
  const classes = await compileOnce('ReadArchive.java', async (source, folder) => {
    await runQuietly('javac', ['-encoding', 'UTF-8', '-d', folder, source]);
  });
  // A run lasts less than the second compiler would need to warm up.
  const options = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto', '-Dfile.encoding=UTF-8'];
  const outcome = await runQuietly('java', [...options, '-cp', classes, 'ReadArchive', readers.join(), ...archives]);
  return parseListing(outcome, readers.length * archives.length);
}

// Go

async function readWithGo(archives: readonly string[]): Promise<ReadEntry[][]> {
  const folder = await compileOnce('read-archive.go', async (source, target) => {
    const env = { ...READER_ENVIRONMENT, GO111MODULE: 'off', GOFLAGS: '', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
    const goCache = { GOCACHE: path.join(target, 'cache'), CGO_ENABLED: '0' };
    await runQuietly('go', ['build', '-o', path.join(target, 'read-archive'), source], { env: { ...env, ...goCache } });
    await rm(path.join(target, 'cache'), { recursive: true, force: true });
  });
  return parseListing(await runQuietly(path.join(folder, 'read-archive'), archives), archives.length);
}

// yauzl

/** Also holds the local header of each entry against its central one, which yauzl alone does not. */
export async function readWithYauzl(archive: string): Promise<ReadEntry[]> {
  const zip = await yauzl.openPromise(archive, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true });
  const entries: ReadEntry[] = [];
  try {
    for await (const entry of zip.eachEntry()) entries.push(await readEntryWithYauzl(zip, entry));
  } finally {
    zip.close();
  }
  return entries;
}

async function readEntryWithYauzl(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<ReadEntry> {
  const differences = disagreements(await zip.readLocalFileHeaderPromise(entry), entry);
  assert.ok(differences.length === 0, `${entry.fileName}: ${differences.join('; ')}`);
  const { size, crc, sha256 } = await sumsOf(await zip.openReadStreamPromise(entry));
  assert.equal(crc, entry.crc32, `${entry.fileName}: CRC-32`);
  const mode = entry.externalFileAttributes >>> 16;
  return {
    name: entry.fileName,
    type: typeOfMode(mode, entry.fileName),
    size,
    sha256,
    crc32: crc,
    mode: mode & 0o7777,
    mtime: Math.floor(entry.getLastModDate({ timezone: 'UTC' }).getTime() / 1000),
  };
}

function disagreements(local: yauzl.LocalFileHeader, central: yauzl.Entry): string[] {
  const found: string[] = [];
  const compare = (field: string, a: number, b: number) => {
    if (a !== b) found.push(`${field} is ${a} in the local header and ${b} in the central directory`);
  };
  compare('version needed', local.versionNeededToExtract, central.versionNeededToExtract);
  compare('flags', local.generalPurposeBitFlag, central.generalPurposeBitFlag);
  compare('method', local.compressionMethod, central.compressionMethod);
  compare('time', local.lastModFileTime, central.lastModFileTime);
  compare('date', local.lastModFileDate, central.lastModFileDate);
  if (!local.fileName.equals(central.fileNameRaw)) found.push('the names differ');
  const hasDescriptor = (local.generalPurposeBitFlag & 8) !== 0;
  const isMasked = (value: number) => value === 0xffffffff; // the value stands in the ZIP64 field
  if (!hasDescriptor) {
    compare('CRC-32', local.crc32, central.crc32);
    if (!isMasked(local.compressedSize)) compare('size', local.compressedSize, central.compressedSize);
    if (!isMasked(local.uncompressedSize)) compare('full size', local.uncompressedSize, central.uncompressedSize);
  }
  return found;
}

async function sumsOf(data: Readable): Promise<{ size: number; crc: number; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  let crc = 0;
  for await (const block of data as AsyncIterable<Buffer>) {
    hash.update(block);
    crc = crc32(block, crc);
    size += block.length;
  }
  return { size, crc, sha256: hash.digest('hex') };
}

// What they share

const EXTRACTORS = [
  ['unzip', extractWithUnzip],
  ['7zz', extractWith7zz],
  ['bsdtar', extractWithBsdtar],
] as const;

/** The sources of the readers that have to be programs in another language; tests run compiled, two folders away. */
const SOURCES = fileURLToPath(new URL('../../test/helpers/readers/', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/pzip-readers/', import.meta.url));

/** Names come out as UTF-8 and DOS times mean UTC, wherever the tests run. */
const READER_ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
};

async function runQuietly(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessOutcome> {
  const outcome = await runProcess(command, args, { env: READER_ENVIRONMENT, ...options });
  const said = `${outcome.stderr}${outcome.stdout.subarray(-2000).toString()}`;
  assert.equal(outcome.signal, null, `ended by ${outcome.signal}: ${said}`);
  assert.equal(outcome.code, 0, `exit code ${outcome.code}: ${said}`);
  assert.equal(outcome.stderr, '', `said on stderr: ${said}`);
  return outcome;
}

/** Under an empty umask: what the archive says is what must arrive. */
function extractQuietly(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessOutcome> {
  return runQuietly('/bin/sh', ['-c', 'umask 0; exec "$@"', 'sh', command, ...args], options);
}

function assertSilent({ stdout }: ProcessOutcome): void {
  assert.equal(stdout.toString(), '');
}

function extracted(
  extract: (archive: string, folder: string) => Promise<void>,
): (archive: string) => Promise<ReadEntry[]> {
  return (archive) =>
    withTemporaryFolder(async (folder) => {
      await extract(archive, folder);
      return entriesOf(await readTree(folder));
    });
}

/** A link's mode and time are the extractor's own doing. */
function entriesOf(tree: Tree): ReadEntry[] {
  return [...tree].map(([name, entry]) => ({
    name,
    ...entry,
    crc32: undefined,
    mode: entry.type === 'symlink' ? undefined : entry.mode,
    mtime: entry.type === 'symlink' ? undefined : entry.mtime,
  }));
}

async function withTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pzip-readers-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function each<T>(archives: readonly string[], read: (archive: string) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const archive of archives) results.push(await read(archive));
  return results;
}

/** Compiled once for this source on this machine; test files run at the same time, so it appears in one rename. */
async function compileOnce(
  fileName: string,
  compile: (source: string, folder: string) => Promise<void>,
): Promise<string> {
  const source = path.join(SOURCES, fileName);
  const folder = path.join(CACHE, `${fileName}-${sha256Of(await readFile(source)).slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const growing = await mkdtemp(path.join(CACHE, 'compiling-'));
  try {
    await compile(source, growing);
    await rename(growing, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error; // unless another test file was faster
    });
  } finally {
    await rm(growing, { recursive: true, force: true });
  }
  return folder;
}

/** Reads the lines that ReadArchive.java describes. */
function parseListing({ stdout }: ProcessOutcome, archives: number): ReadEntry[][] {
  const listings: ReadEntry[][] = Array.from({ length: archives }, () => []);
  for (const line of stdout.toString().split('\n').slice(0, -1)) {
    const [number, name, type, size, crc, mode, mtime, sha256] = line.split('\t');
    const listing = listings[Number(number)];
    assert.ok(listing !== undefined && name !== undefined && sha256 !== undefined, `not a listing's line: ${line}`);
    listing.push({
      name: Buffer.from(name, 'hex').toString(),
      type: type === 'd' ? 'directory' : type === 'f' ? 'file' : type === 'l' ? 'symlink' : 'file or symlink',
      size: Number(size),
      sha256,
      crc32: known(crc, 16),
      mode: known(mode, 8),
      mtime: known(mtime, 10),
    });
  }
  return listings;
}

function known(field: string | undefined, radix: number): number | undefined {
  return field === undefined || field === '-' ? undefined : Number.parseInt(field, radix);
}

/** One line for each difference between what a reader tells and what was expected, none when there is none. */
export function differencesFrom(
  expectedByAll: ReadonlyMap<string, ExpectedEntry>,
  entries: readonly ReadEntry[],
  alter?: Alteration,
  mtimeTolerance = 0,
): string[] {
  const expected = altered(expectedByAll, alter);
  const differences: string[] = [];
  const seen = new Set<string>();
  // Gigabytes of prefixes for one long name, so only where they are asked for.
  let implied: Set<string> | undefined;
  for (const entry of entries) {
    const quoted = JSON.stringify(entry.name);
    if (seen.has(entry.name)) differences.push(`${quoted} is there twice`);
    seen.add(entry.name);
    const wanted = expected.get(entry.name);
    if (wanted !== undefined) {
      differences.push(...compareEntry(quoted, entry, wanted, mtimeTolerance));
    } else {
      implied ??= parentsOf(expected.keys());
      if (!implied.has(entry.name)) differences.push(`${quoted} was not expected`);
    }
  }
  for (const name of expected.keys()) {
    if (!seen.has(name)) differences.push(`${JSON.stringify(name)} is missing`);
  }
  return differences;
}

function compareEntry(quoted: string, entry: ReadEntry, wanted: ExpectedEntry, mtimeTolerance: number): string[] {
  const differences: string[] = [];
  const differ = (field: string, a: number | string | undefined, b: number | string | undefined, tolerance = 0) => {
    if (a === undefined || b === undefined || a === b) return;
    if (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= tolerance) return;
    const shown = field === 'mode' ? [a, b].map((mode) => Number(mode).toString(8)) : [a, b];
    differences.push(`${quoted}: ${field} is ${shown[0]}, not ${shown[1]}`);
  };
  const isLikeFile = entry.type === 'file or symlink' && wanted.type !== 'directory';
  if (!isLikeFile) differ('type', entry.type, wanted.type);
  differ('size', entry.size, wanted.size);
  differ('SHA-256', entry.sha256, wanted.sha256);
  differ('CRC-32', entry.crc32, wanted.crc32);
  if (wanted.type !== 'symlink') differ('mode', entry.mode, wanted.mode);
  differ('mtime', entry.mtime, wanted.mtime, mtimeTolerance);
  return differences;
}

/** Extracting makes the folders that an archive does not name. */
function parentsOf(names: Iterable<string>): Set<string> {
  const parents = new Set<string>();
  for (const name of names) {
    for (let end = name.indexOf('/'); end >= 0; end = name.indexOf('/', end + 1)) parents.add(name.slice(0, end + 1));
  }
  return parents;
}

function expectedOf(entries: readonly ReadEntry[]): Map<string, ExpectedEntry> {
  return new Map(
    entries.map(({ name, type, size, sha256, crc32: crc }) => [
      name,
      { size, sha256, ...(type !== 'file or symlink' && { type }), ...(crc !== undefined && { crc32: crc }) },
    ]),
  );
}

function typeOfMode(mode: number, name: string): EntryType {
  if (name.endsWith('/')) return 'directory';
  return (mode & 0o170000) === 0o120000 ? 'symlink' : 'file';
}

/** Puts the reader's and the archives' names before what went wrong. */
async function named<T>(reader: string, archives: readonly string[], action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${reader} on ${archives.join(', ')}: ${reason}`, { cause });
  }
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => existsSync(path.join(folder, program)));
}
