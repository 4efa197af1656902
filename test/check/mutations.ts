/**
 * Archives that are damaged at random, by a seed: each is checked, read, copied, merged and compared, which gives findings and
 * errors of pzip, and ends.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkArchive, createArchive, diffArchives, mergeArchives, openArchive, PzipError } from '../../dist/index.js';
import { BROKEN_ARCHIVES, SOUND_ARCHIVES } from '../helpers/broken-archives.js';
import { CollectingSink } from '../helpers/failing-sinks.js';

/** Short ones: damage shall meet headers. */
const SEEDS = [...BROKEN_ARCHIVES.map(({ bytes }) => bytes), ...Object.values(SOUND_ARCHIVES)].filter(
  ({ length }) => length > 100 && length < 5000,
);

const INTERESTING = [0, 1, 2, 8, 0x7f, 0x80, 0xfe, 0xff];

/** Milliseconds that one archive of a few kilobytes may take, on a busy machine. */
const LONGEST = 10_000;

/** The archive of one number: the same for the same number, whatever came before. */
export function mutated(seed: number): Buffer {
  const random = generator(seed);
  const bytes = Buffer.from(SEEDS[random(SEEDS.length)] ?? assert.fail());
  for (let count = 1 + random(5); count > 0; count--) {
    // Half of the damage is where every byte matters: in the directory and the end records.
    const from = random(2) === 0 ? 0 : Math.max(0, bytes.length - 300);
    const at = from + random(bytes.length - from);
    const length = Math.min(1 + random(8), bytes.length - at);
    const kind = random(4);
    if (kind === 0) bytes[at] = random(256);
    else if (kind === 1) bytes[at] = INTERESTING[random(INTERESTING.length)] ?? 0;
    else if (kind === 2) bytes.fill(INTERESTING[random(INTERESTING.length)] ?? 0, at, at + length);
    else bytes.copy(bytes, at, random(bytes.length - length), bytes.length);
  }
  return random(6) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

/** @throws what is wrong, with the seed */
export async function checkMutated(seed: number): Promise<void> {
  const bytes = mutated(seed);
  const started = performance.now();
  try {
    const check = checkArchive(bytes, { threads: 0 });
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
  const quiet = { threads: 0, portableNames: 'off', onWarning: () => {} } as const;
  const path = join(folder, 'mutated.zip');
  try {
    await writing((sink) => createArchive(sink, [], { ...quiet, from: bytes }));
    await writing((sink) => createArchive(sink, [], { ...quiet, from: bytes, onDuplicate: 'last', exclude: 'd/' }));
    await writing((sink) => mergeArchives(sink, [sound, bytes], { threads: 0, onDuplicate: 'first' }));
    writeFileSync(path, bytes);
    writeFileSync(join(folder, 'sound.zip'), sound);
    await toleratingErrors(async () => {
      for await (const _ of diffArchives(path, join(folder, 'sound.zip'), { threads: 0 }));
    });
    assert.ok(performance.now() - started < LONGEST, `${performance.now() - started} ms`);
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
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
  for await (const { rule, severity } of checkArchive(bytes, { threads: 0 }))
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
