/** Parts and copies whose entries lie beyond 4 GiB, with every byte of them written and compared. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import {
  type CreateArchiveOptions,
  createArchive,
  mergeArchives,
  mergeRanges,
  openArchive,
  ZipArchive,
} from '../../dist/index.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { checkWithEveryReader, findPrograms } from '../helpers/foreign-readers.js';
import { runProcess } from '../helpers/run-process.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { inTemporaryDirectory, makeSparseFile, textOf } from '../helpers/trees.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** So many that both large files are cut. */
const COUNT = 5;

class HashingSink extends Writable {
  readonly #hash = createHash('sha256');

  override _write(block: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#hash.update(block);
    callback();
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

async function hashOf(ranges: readonly { source: string; from: number; to: number }[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { source, from, to } of ranges) {
    if (to === from) continue;
    for await (const piece of createReadStream(source, { start: from, end: to - 1, highWaterMark: MIB }))
      hash.update(piece);
  }
  return hash.digest('hex');
}

/** Mostly zeros, with something of its own in each chunk. */
async function makeFile(path: string, size: number): Promise<void> {
  const marks = new Map<number, string>();
  for (let at = 0; at < size; at += MIB) marks.set((at + ((at / 97) % 1000)) | 0, randomBytes(30).toString('hex'));
  await makeSparseFile(path, size, marks);
}

interface Built {
  readonly folder: string;
  readonly whole: string;
  readonly options: CreateArchiveOptions;
}

/** An entry that is stored, of more than 4 GiB; one behind it that is deflated; and small ones. */
async function build(t: TestContext): Promise<Built> {
  const folder = await inTemporaryDirectory(t);
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'd'), { recursive: true });
  writeFileSync(join(tree, 'a'), 'the first');
  await makeFile(join(tree, 'b-stored'), 4 * GIB + 123_456);
  await makeFile(join(tree, 'c-deflated'), GIB);
  for (let index = 0; index < 20; index++) writeFileSync(join(tree, 'd', `${index}`), textOf(20_000, index));
  const options = { cwd: folder, level: 1, levelFor: { pattern: 'b-stored', level: 0 } } as const;
  const whole = join(folder, 'whole.zip');
  await createArchive(whole, ['tree'], options);
  return { folder, whole, options };
}

test('beyond 4 GiB', { skip: !isSlowSuite }, async (t) => {
  const { folder, whole, options } = await build(t);
  const size = statSync(whole).size;
  const expected = await hashOf([{ source: whole, from: 0, to: size }]);

  await t.test('parts are merged to the bytes of one machine, and read', async () => {
    const parts = Array.from({ length: COUNT }, (_, index) => join(folder, `part-${index + 1}.zip`));
    for (const [index, path] of parts.entries())
      await createArchive(path, ['tree'], {
        ...options,
        threads: index % 3,
        shard: { index: index + 1, count: COUNT },
      });
    const merged = join(folder, 'merged.zip');
    await mergeArchives(merged, parts);
    assert.equal(await hashOf([{ source: merged, from: 0, to: size }]), expected, 'merged to a file');
    rmSync(merged);
    const sink = new HashingSink();
    await mergeArchives(sink, parts);
    assert.equal(sink.digest(), expected, 'merged to a stream');
    for (const minRange of [0, 5 * MIB]) {
      const list = await mergeRanges(join(folder, 'tail'), parts, { minRange, maxRange: GIB });
      assert.equal(list.size, size);
      assert.equal(await hashOf(list.ranges), expected, `as ranges of ${minRange} bytes or more`);
    }

    await using archive = await openArchive(whole);
    const sizes = new Map<string, number>();
    for await (const entry of archive.entries()) sizes.set(entry.name, entry.compressedSize);
    assert.equal(sizes.get('tree/b-stored'), 4 * GIB + 123_456);
    assert.ok((sizes.get('tree/c-deflated') ?? 0) < 100 * MIB);
    await checkWithEveryReader(whole, undefined, { readers: ['unzip test', '7zz test', 'python'] });
  });

  await t.test('entries that are copied have the same content for every reader', async () => {
    const behind = new CollectingSink();
    const content = new Map([
      ['z/deflated', Buffer.from(textOf(100_000, 5)).toString()],
      ['z/stored', 'stored'],
    ]);
    // With data descriptors, as an archive in a stream has them.
    const archive = new ZipArchive(behind);
    for (const [name, text] of content) archive.addStream(name, () => Readable.from([Buffer.from(text)]));
    await archive.close();
    const copy = join(folder, 'copy.zip');
    await createArchive(copy, [], { from: [whole, behind.bytes] });

    for (const [name, text] of content) {
      for (const [program, ...args] of [
        ['unzip', '-p', copy, name],
        ['7zz', 'x', '-so', copy, name],
        [
          'python3',
          '-c',
          'import sys, zipfile; sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())',
          copy,
          name,
        ],
      ] as const) {
        if (findPrograms([program]).length === 0) continue;
        const { code, stdout } = await runProcess(program, args);
        assert.deepEqual([code, stdout.toString()], [0, text], `${program} ${name}`);
      }
    }
    await checkWithEveryReader(copy, undefined, { readers: ['unzip test', '7zz test'] });
    const wholeAgain = new HashingSink();
    await createArchive(wholeAgain, [], { from: copy, exclude: 'z/' });
    assert.equal(wholeAgain.digest(), expected, 'copied back');
  });
});
