import assert from 'node:assert/strict';
import { open, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProcess } from './run-process.js';
import { inTemporaryDirectory } from './trees.js';
import { assertCleanAnatomy, dissect, RULES, type Rule } from './zip-anatomy.js';

const BROKEN = fileURLToPath(new URL('../../fixtures/broken/', import.meta.url));

/** What the anatomist must say of each archive in fixtures/broken: these rules are broken, and no other. */
const DIAGNOSES: Record<string, Rule[]> = {
  'nothing-wrong': [],
  'nothing-wrong-empty': [],
  'nothing-wrong-zip64-descriptor': [],
  'bytes-after-the-end': ['end-record'],
  'bytes-before-the-archive': ['end-counts', 'gap'],
  'bytes-before-the-directory': ['gap'],
  'bytes-before-the-end-record': ['gap'],
  'bytes-before-the-first-entry': ['gap'],
  'bytes-between-entries': ['gap'],
  'content-ends-early': ['content'],
  'content-longer-than-said': ['content'],
  'content-past-the-end': ['content', 'headers-differ'],
  'content-with-another-crc': ['content'],
  'content-without-its-last-block': ['content'],
  'cut-off-in-the-comment': ['end-record'],
  'date-of-month-zero': ['time'],
  'descriptor-flag-in-the-directory-only': ['headers-differ'],
  'descriptor-flag-in-the-local-header-only': ['headers-differ'],
  'descriptor-missing': ['descriptor'],
  'descriptor-narrow-with-zip64': ['descriptor', 'gap'],
  'descriptor-wide-without-zip64': ['descriptor', 'gap'],
  'descriptor-with-another-crc': ['descriptor'],
  'descriptor-without-signature': ['descriptor'],
  'directory-in-another-order': ['gap', 'order'],
  'directory-with-a-descriptor': ['directory'],
  'directory-with-content': ['directory'],
  'directory-with-the-mode-of-a-file': ['attributes'],
  'directory-without-a-slash': ['attributes', 'version-needed'],
  'directory-without-the-dos-bit': ['attributes'],
  'empty-but-deflated': ['stored'],
  'end-counts-one-too-few': ['end-counts'],
  'end-counts-one-too-many': ['end-counts'],
  'end-signature-in-the-comment': ['end-record'],
  'end-size-too-small': ['end-counts', 'gap'],
  'extra-field-longer-than-its-place': ['extra-fields'],
  'extra-field-twice': ['extra-fields'],
  'extra-field-unknown': ['extra-fields'],
  'extra-field-with-stray-bytes': ['extra-fields'],
  'extra-time-differs': ['extra-fields'],
  'flag-of-deflate-level': ['flags'],
  'headers-too-long-together': ['length'],
  'local-crc-differs': ['headers-differ'],
  'local-method-differs': ['headers-differ'],
  'local-name-differs': ['headers-differ'],
  'local-size-differs': ['headers-differ'],
  'local-time-differs': ['headers-differ'],
  'local-version-differs': ['headers-differ'],
  'made-by-msdos': ['version-made-by'],
  'made-by-the-future': ['version-made-by'],
  'method-deflate64': ['method', 'version-needed'],
  'mode-unreadable': ['attributes'],
  'mode-zero': ['attributes'],
  'name-absolute': ['name'],
  'name-climbs-out': ['name'],
  'name-not-utf8': ['name'],
  'name-of-a-file-and-a-directory': ['duplicate'],
  'name-twice': ['duplicate'],
  'name-with-a-backslash': ['name'],
  'name-with-a-dot-part': ['name'],
  'name-with-a-drive': ['name'],
  'name-with-an-empty-part': ['name'],
  'name-with-nul': ['name'],
  'no-end-record': ['end-record'],
  'sizes-filled-in-before-a-descriptor': ['headers-differ'],
  'stored-with-a-descriptor': ['descriptor'],
  'stored-with-two-sizes': ['content', 'stored'],
  'symlink-deflated': ['symlink'],
  'symlink-with-nul': ['symlink'],
  'symlink-without-a-target': ['symlink'],
  'time-of-second-62': ['time'],
  'utf8-flag-for-ascii': ['utf8-flag'],
  'utf8-flag-in-the-directory-only': ['headers-differ'],
  'utf8-flag-missing': ['utf8-flag'],
  'version-10-of-deflate': ['version-needed'],
  'version-45-without-need': ['version-needed'],
  'version-63': ['version-needed'],
  'zip64-central-masked-but-missing': ['headers-differ', 'stored', 'version-needed', 'zip64-central'],
  'zip64-central-of-fields-not-masked': ['zip64-central'],
  'zip64-central-without-need': ['zip64-central'],
  'zip64-end-masked-but-missing': ['end-counts', 'end-zip64'],
  'zip64-end-without-need': ['end-zip64'],
  'zip64-local-masked-but-missing': ['zip64-local'],
  'zip64-local-not-masked': ['zip64-local'],
  'zip64-local-with-one-size': ['zip64-local'],
  'zip64-local-without-need': ['zip64-local'],
};

describe('each rule of the format', () => {
  for (const [point, rules] of Object.entries(DIAGNOSES)) {
    test(`${point}: ${rules.join(', ') || 'no fault'}`, async () => {
      const file = path.join(BROKEN, `${point}.by-hand.zip`);
      assert.deepEqual(brokenRules(file), rules);
      assert.deepEqual(brokenRules(await readFile(file)), rules, 'from memory as from a file');
    });
  }

  test('is broken by some fixture, and every fixture is in the table', async () => {
    const broken = new Set(Object.values(DIAGNOSES).flat());
    // This one is no matter of an archive, but of what it was written to.
    assert.deepEqual(
      RULES.filter((rule) => !broken.has(rule)),
      ['descriptor-in-file'],
    );
    const files = await readdir(BROKEN);
    assert.deepEqual(
      files.sort(),
      Object.keys(DIAGNOSES)
        .map((point) => `${point}.by-hand.zip`)
        .sort(),
    );
  });

  test('forbids every descriptor where the output could be seeked', () => {
    const archive = path.join(BROKEN, 'nothing-wrong.by-hand.zip');
    assert.throws(() => assertCleanAnatomy(archive, { output: 'file' }), /descriptor-in-file: "streamed.txt"/);
  });

  test('is named with the entry and the values when it is broken', () => {
    const archive = path.join(BROKEN, 'local-crc-differs.by-hand.zip');
    assert.throws(() => assertCleanAnatomy(archive), /1 fault.*\n {2}headers-differ: "stored.txt": CRC-32 is 1 /);
  });

  test('is broken by archives of others only where their writers choose otherwise', async (t) => {
    const folder = await inTemporaryDirectory(t);
    const archive = path.join(folder, 'info-zip.zip');
    await runProcess('zip', ['-qr', archive, '.'], { cwd: BROKEN });
    // Info-ZIP adds user IDs and a second time, and says that its text is text.
    assert.deepEqual(brokenRules(archive), ['extra-fields']);
  });
});

describe('an archive of more than 4 GiB', () => {
  const SIZE = 0x1_0000_0010;

  test('is read by its headers alone, with its zip64 fields', async (t) => {
    const archive = path.join(await inTemporaryDirectory(t), 'large.zip');
    await writeLargeArchive(archive, { localSize: SIZE });
    const { entries, hasZip64End } = assertCleanAnatomy(archive, { output: 'file' });
    assert.equal(hasZip64End, true);
    assert.deepEqual(
      entries.map(({ name, uncompressedSize, offset }) => [name, uncompressedSize, offset]),
      [
        ['large', SIZE, 0],
        ['behind', 0, SIZE + 30 + 5 + 20],
      ],
    );
  });

  test('has faults like any other', async (t) => {
    const archive = path.join(await inTemporaryDirectory(t), 'large.zip');
    await writeLargeArchive(archive, { localSize: SIZE - 1 });
    assert.deepEqual(brokenRules(archive), ['zip64-local']);
  });
});

function brokenRules(archive: string | Uint8Array): Rule[] {
  return [...new Set(dissect(archive).faults.map(({ rule }) => rule))].sort();
}

/** A stored entry of 4 GiB and 16 zeros, of which none is written, and an empty entry behind it. */
async function writeLargeArchive(archive: string, { localSize }: { localSize: number }): Promise<void> {
  const size = 0x1_0000_0010;
  const behind = size + 30 + 5 + 20;
  const local = numbers([4, 0x04034b50], [2, 45], [2, 0], [2, 0], [2, 0], [2, 33], [4, 0], [4, 0xffffffff]);
  const localRest = numbers([4, 0xffffffff], [2, 5], [2, 20]);
  const localExtra = numbers([2, 1], [2, 16], [8, localSize], [8, localSize]);
  const second = numbers(
    [4, 0x04034b50],
    [2, 10],
    [2, 0],
    [2, 0],
    [2, 0],
    [2, 33],
    [4, 0],
    [4, 0],
    [4, 0],
    [2, 6],
    [2, 0],
  );
  const directory = Buffer.concat([central('large', 45, size, 0), central('behind', 10, 0, behind)]);
  const start = behind + 30 + 6;
  const zip64End = numbers([4, 0x06064b50], [8, 44], [2, 0x33f], [2, 45], [4, 0], [4, 0], [8, 2], [8, 2]);
  const zip64Rest = numbers([8, directory.length], [8, start], [4, 0x07064b50], [4, 0], [8, start + directory.length]);
  const end = numbers([4, 1], [4, 0x06054b50], [4, 0], [2, 2], [2, 2], [4, directory.length], [4, 0xffffffff], [2, 0]);

  const file = await open(archive, 'w');
  try {
    await file.write(Buffer.concat([local, localRest, Buffer.from('large'), localExtra]), 0, null, 0);
    const tail = Buffer.concat([second, Buffer.from('behind'), directory, zip64End, zip64Rest, end]);
    await file.write(tail, 0, null, behind);
  } finally {
    await file.close();
  }
}

function central(name: string, version: number, size: number, offset: number): Buffer {
  const zip64 = numbers([2, 1], [2, 24], [8, size], [8, size], [8, offset]);
  const sums = numbers([2, 0], [2, 33], [4, 0], [4, 0xffffffff], [4, 0xffffffff], [2, name.length], [2, zip64.length]);
  const rest = numbers([2, 0], [2, 0], [2, 0], [4, 0o100644 * 65536], [4, 0xffffffff]);
  const head = numbers([4, 0x02014b50], [2, 0x33f], [2, version], [2, 0], [2, 0]);
  return Buffer.concat([head, sums, rest, Buffer.from(name), zip64]);
}

/** Each as [width, value], the low byte first. */
function numbers(...fields: [number, number][]): Buffer {
  return Buffer.concat(
    fields.map(([width, value]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(value));
      return bytes.subarray(0, width);
    }),
  );
}
