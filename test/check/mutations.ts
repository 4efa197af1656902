/**
 * Archives that are damaged at random, by a seed: each is checked, read, copied, merged and compared, which gives findings and
 * errors of pzip, and ends.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkArchive,
  createArchive,
  createPool,
  diffArchives,
  mergeArchives,
  mergeRanges,
  openArchive,
  PzipError,
} from '../../dist/index.js';
import { BROKEN_ARCHIVES, SOUND_ARCHIVES } from '../helpers/broken-archives.js';
import { CollectingSink } from '../helpers/failing-sinks.js';

/** Short ones: damage shall meet headers. */
const SEEDS = [...BROKEN_ARCHIVES.map(({ bytes }) => bytes), ...Object.values(SOUND_ARCHIVES)].filter(
  ({ length }) => length > 100 && length < 5000,
);

/** An archive of its own loads the engine anew, which takes half of the time. */
const POOL = createPool({ threads: 0 });

const INTERESTING = [0, 1, 2, 8, 0x7f, 0x80, 0xfe, 0xff];

/** Milliseconds that one archive of a few kilobytes may take, on a busy machine. */
const LONGEST = 10_000;

/** The archive of one number: the same for the same number, whatever came before. */
export function mutated(seed: number): Buffer {
  const random = generator(seed);
  const sound = random(3) === 0 ? SOUND_ARCHIVES.everything : SEEDS[random(SEEDS.length)];
  return damage(sound ?? assert.fail(), random);
}

function damage(sound: Buffer, random: (below: number) => number): Buffer {
  const bytes = Buffer.from(sound);
  // With a broken end record, nothing else is read: half of the damage spares it.
  const beforeEnd = Math.max(1, bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1'));
  for (let count = 1 + random(1 + random(5)); count > 0; count--) {
    const region = random(4);
    const end = region < 2 ? beforeEnd : bytes.length;
    // A quarter is where every byte matters: in the directory and the end records.
    const from = region === 3 ? Math.max(0, bytes.length - 300) : 0;
    const at = from + random(end - from);
    const length = Math.min(1 + random(8), end - at);
    const kind = random(4);
    if (kind === 0) bytes[at] = random(256);
    else if (kind === 1) bytes[at] = INTERESTING[random(INTERESTING.length)] ?? 0;
    else if (kind === 2) bytes.fill(INTERESTING[random(INTERESTING.length)] ?? 0, at, at + length);
    else bytes.copy(bytes, at, random(bytes.length - length), end);
  }
  return random(12) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

/** @throws what is wrong, with the seed */
export async function checkMutated(seed: number): Promise<void> {
  const bytes = mutated(seed);
  const started = performance.now();
  try {
    const check = checkArchive(bytes, { pool: POOL });
    let count = 0;
    for await (const { severity } of check) if (severity === 'error') count++;
    assert.equal(count, check.errorCount);
    const length = await readAll(bytes);
    assert.ok(length < 1_000_000, `${length} bytes of content`);
    assert.ok(performance.now() - started < LONGEST, `${performance.now() - started} ms`);
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** @throws what is wrong, with the seed */
export async function copyMutated(seed: number, folder: string): Promise<void> {
  const bytes = mutated(seed);
  const started = performance.now();
  const sound = SOUND_ARCHIVES.everything ?? assert.fail();
  const quiet = { pool: POOL, portableNames: 'off', onWarning: () => {} } as const;
  const path = join(folder, 'mutated.zip');
  try {
    await writing((sink) => createArchive(sink, [], { ...quiet, from: bytes }));
    await writing((sink) => createArchive(sink, [], { ...quiet, from: bytes, onDuplicate: 'last', exclude: 'd/' }));
    await writing((sink) => mergeArchives(sink, [sound, bytes], { threads: 0, onDuplicate: 'first' }));
    writeFileSync(path, bytes);
    writeFileSync(join(folder, 'sound.zip'), sound);
    await toleratingErrors(async () => {
      for await (const _ of diffArchives(path, join(folder, 'sound.zip'), { pool: POOL }));
    });
    assert.ok(performance.now() - started < LONGEST, `${performance.now() - started} ms`);
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/**
 * Merges the parts of an archive, one of them damaged.
 *
 * @throws what is wrong, with the seed
 */
export async function mergeMutatedParts(seed: number, folder: string): Promise<void> {
  const random = generator(seed);
  const { paths, contents, size } = await partsIn(folder);
  const index = random(paths.length);
  const bytes = damage(contents[index] ?? assert.fail(), random);
  const path = join(folder, 'mutated-part.zip');
  const started = performance.now();
  const others = paths.with(index, path);
  try {
    writeFileSync(path, bytes);
    await writing((sink) => mergeArchives(sink, contents.with(index, bytes), { threads: 0 }));
    const tail = join(folder, 'tail');
    const merged = await toleratingErrors(() => mergeRanges(tail, others, { minRange: random(3) * 1000 }));
    if (merged !== undefined) {
      assert.ok(merged.size < 2 * size, `${merged.size} bytes`);
      let length = 0;
      for (const { source, from, to } of merged.ranges) {
        assert.ok(from >= 0 && from <= to && to <= statSync(source).size, `${source} from ${from} to ${to}`);
        length += to - from;
      }
      assert.equal(length, merged.size);
    }
    assert.ok(performance.now() - started < LONGEST, `${performance.now() - started} ms`);
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

interface Parts {
  readonly paths: readonly string[];
  readonly contents: readonly Buffer[];
  readonly size: number;
}

const partsOfFolder = new Map<string, Promise<Parts>>();

/** Of a small archive with a file that is split. */
function partsIn(folder: string): Promise<Parts> {
  const known = partsOfFolder.get(folder) ?? createParts(folder);
  partsOfFolder.set(folder, known);
  return known;
}

async function createParts(folder: string): Promise<Parts> {
  const tree = join(folder, 'tree');
  mkdirSync(tree);
  for (const [name, length] of [
    ['a', 10],
    ['b', 3_000_000],
    ['c', 100],
  ] as const)
    writeFileSync(join(tree, name), Buffer.alloc(length));
  const count = 3;
  const paths = Array.from({ length: count }, (_, index) => join(folder, `part-${index + 1}.zip`));
  for (const [index, path] of paths.entries()) {
    const options = { cwd: folder, reproducible: true, pool: POOL, shard: { index: index + 1, count } };
    await createArchive(path, ['tree'], options);
  }
  const contents = paths.map((path) => readFileSync(path));
  return { paths, contents, size: contents.reduce((sum, { length }) => sum + length, 0) };
}

/** What is written is an archive without contradictions, of about the size of what it was copied from. */
async function writing(write: (sink: CollectingSink) => Promise<{ entryCount: number }>): Promise<void> {
  const sink = new CollectingSink().on('error', () => {});
  const result = await toleratingErrors(() => write(sink));
  if (result === undefined) return;
  const { bytes } = sink;
  assert.ok(bytes.length < 50_000, `${bytes.length} bytes are written`);
  await using archive = await openArchive(bytes);
  let count = 0;
  for await (const _ of archive.entries()) count++;
  assert.equal(count, result.entryCount);
  for await (const { rule, severity } of checkArchive(bytes, { pool: POOL }))
    assert.ok(severity !== 'error' || IN_CONTENT.has(rule), `the copy has ${rule}`);
}

/** Rules about content, which is copied as it is. */
const IN_CONTENT: ReadonlySet<string> = new Set(['crc', 'deflate', 'deflate-end', 'size', 'method', 'link-target']);

/** @returns undefined where an error of pzip ends it */
async function toleratingErrors<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PzipError)) throw error;
    return undefined;
  }
}

/** What a check calls sound can be read. */
async function readAll(bytes: Buffer): Promise<number> {
  let length = 0;
  try {
    await using archive = await openArchive(bytes);
    for await (const entry of archive.entries()) {
      for (const stream of [entry.content(), entry.raw()]) {
        try {
          for await (const piece of stream) length += piece.length;
        } catch (error) {
          if (!(error instanceof PzipError)) throw error;
        }
      }
    }
  } catch (error) {
    if (!(error instanceof PzipError)) throw error;
  }
  return length;
}

/** Mulberry32. */
function generator(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
