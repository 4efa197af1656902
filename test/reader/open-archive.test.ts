/** openArchive() on sound archives: of others, with something before and behind, zip64, and every form of an entry's facts. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { crc32, deflateRawSync } from 'node:zlib';
import { type ArchivedEntry, openArchive, ZipArchive } from '../../dist/index.js';
import { runProcess } from '../helpers/run-process.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';
import { buildArchive, extraField, fields } from './build-archive.js';

async function entriesOf(input: string | URL | Uint8Array): Promise<ArchivedEntry[]> {
  await using archive = await openArchive(input);
  const entries: ArchivedEntry[] = [];
  for await (const entry of archive.entries()) entries.push(entry);
  return entries;
}

async function contentsOf(input: string | URL | Uint8Array): Promise<Record<string, string>> {
  await using archive = await openArchive(input);
  const contents: Record<string, string> = {};
  for await (const entry of archive.entries()) contents[entry.name] = await new Response(entry.content()).text();
  return contents;
}

const HELLO = { name: 'hello.txt', data: Buffer.from('hello\n') };
const LINES = { name: 'lines.txt', data: Buffer.from(textOf(5000, 1)), deflate: true };
const PLAIN = buildArchive([HELLO, LINES]);
const PLAIN_CONTENTS = { 'hello.txt': 'hello\n', 'lines.txt': String(LINES.data) };

const WRITERS: Record<string, readonly string[]> = {
  zip: ['zip', '-qry', 'out.zip', 'tree'],
  'zip to a pipe': ['sh', '-c', 'zip -qry - tree > out.zip'],
  'zip, zip64 to a pipe': ['sh', '-c', 'zip -fz -qry - tree > out.zip'],
  '7zz': ['7zz', 'a', '-bso0', '-snl', 'out.zip', 'tree'],
  bsdtar: ['bsdtar', '--format', 'zip', '-cf', 'out.zip', 'tree'],
  'bsdtar to a pipe': ['sh', '-c', 'bsdtar --format zip -cf - tree | cat > out.zip'],
  jar: ['jar', '--create', '--no-manifest', '--file', 'out.zip', 'tree'],
  Python: ['python3', '-c', 'import shutil; shutil.make_archive("out", "zip", ".", "tree")'],
};

for (const [writer, [command = '', ...args]] of Object.entries(WRITERS)) {
  test(`an archive of ${writer} reads as what was packed`, async (t) => {
    const folder = await inTemporaryDirectory(t);
    mkdirSync(join(folder, 'tree/sub'), { recursive: true });
    const contents = {
      'a.txt': 'a\n',
      'sub/ä €.txt': textOf(100_000, 2),
      'sub/empty': '',
      large: textOf(3_000_000, 3),
    };
    for (const [name, data] of Object.entries(contents)) writeFileSync(join(folder, 'tree', name), data);
    chmodSync(join(folder, 'tree/a.txt'), 0o750);
    const keepsLinks = /^(zip|7zz|bsdtar)/.test(writer);
    if (keepsLinks) symlinkSync('a.txt', join(folder, 'tree/link'));
    try {
      const { code, stderr } = await runProcess(command, args, { cwd: folder });
      if (code === 127) return t.skip(stderr);
      assert.equal(code, 0, stderr);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return t.skip(`no ${command}`);
      throw error;
    }
    await using archive = await openArchive(join(folder, 'out.zip'));
    const seen = new Map<string, ArchivedEntry>();
    for await (const entry of archive.entries()) {
      const name = entry.name.replace(/^tree\//, '');
      seen.set(name, entry);
      const expected = name === 'link' ? 'a.txt' : (contents[name as keyof typeof contents] ?? '');
      assert.equal(await new Response(entry.content()).text(), String(expected), name);
      assert.equal((await new Response(entry.raw()).arrayBuffer()).byteLength, entry.compressedSize);
      assert.ok(Math.abs(entry.mtime.getTime() - Date.now()) < 600_000, `${name}: ${entry.mtime.toISOString()}`);
    }
    assert.equal(archive.entryCount, seen.size);
    for (const name of Object.keys(contents)) assert.equal(seen.get(name)?.kind, 'file', name);
    if (seen.get('a.txt')?.mode !== undefined) assert.equal((seen.get('a.txt')?.mode ?? 0) & 0o777, 0o750);
    if (keepsLinks) assert.equal(seen.get('link')?.kind, 'symlink');
  });
}

test('an archive of pzip has the facts that its result lists', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'o.zip');
  const archive = new ZipArchive(path, { comment: 'of pzip' });
  archive.addBuffer('a', 'x'.repeat(1000), { mode: 0o600, mtime: new Date(1_600_000_001_000), comment: 'ä' });
  archive.addDirectory('d/');
  archive.addSymlink('l', 'a');
  await archive.close();
  await using opened = await openArchive(pathToFileURL(path));
  assert.equal(opened.comment, 'of pzip');
  const facts: object[] = [];
  for await (const { content, raw, ...entry } of opened.entries()) facts.push(entry);
  assert.equal(facts.length, opened.entryCount);
  const first = { name: 'a', kind: 'file', method: 'deflate', crc32: crc32('x'.repeat(1000)), uncompressedSize: 1000 };
  const { compressedSize, ...rest } = facts[0] as ArchivedEntry;
  assert.ok(compressedSize < 50);
  assert.deepEqual(rest, {
    ...first,
    mode: 0o100600,
    mtime: new Date(1_600_000_001_000),
    comment: 'ä',
    isEncrypted: false,
    offset: 0,
  });
  const kinds = (await entriesOf(path)).map(({ name, kind }) => [name, kind]);
  assert.deepEqual(kinds, [
    ['a', 'file'],
    ['d/', 'directory'],
    ['l', 'symlink'],
  ]);
});

test('bytes are read as a file is', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'o.zip');
  writeFileSync(path, PLAIN);
  assert.deepEqual(await contentsOf(path), PLAIN_CONTENTS);
  const inside = Buffer.concat([Buffer.from('xx'), PLAIN, Buffer.from('yy')]);
  assert.deepEqual(await contentsOf(inside.subarray(2, -2)), PLAIN_CONTENTS);
});

test('a prefix is found, whether the offsets count from it or from the file', async () => {
  for (const zip64 of [false, true]) {
    const program = Buffer.from('#!/bin/sh\nexit\n');
    const archive = buildArchive([HELLO, LINES], { zip64 });
    assert.deepEqual(await contentsOf(Buffer.concat([program, archive])), PLAIN_CONTENTS);
    const [first] = await entriesOf(Buffer.concat([program, archive]));
    assert.equal(first?.offset, program.length);
  }
  const adjusted = buildArchive([{ name: 'x', data: Buffer.alloc(10) }, HELLO]);
  assert.equal((await entriesOf(adjusted))[1]?.offset, 41);
});

test('zip64 end records are read, with an extensible data sector too', async () => {
  for (const extensible of [Buffer.alloc(0), Buffer.from('something of 30 bytes, or so..')]) {
    const comment = Buffer.from('comment');
    assert.deepEqual(
      await contentsOf(buildArchive([HELLO, LINES], { zip64: true, extensible, comment })),
      PLAIN_CONTENTS,
    );
  }
});

test('65,535 entries without zip64 are read as such', async () => {
  const parts = Array.from({ length: 0xffff }, (_, index) => ({ name: String(index) }));
  await using archive = await openArchive(buildArchive(parts));
  let count = 0;
  for await (const { name } of archive.entries()) assert.equal(name, String(count++));
  assert.equal(count, 0xffff);
});

test('an entry beyond 4 GiB is read by its zip64 fields', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'o.zip');
  const start = 2 ** 32 + 100;
  const zip64 = extraField(1, fields([8, start]));
  const archive = buildArchive([{ ...HELLO, extra: zip64, offset: 0xffffffff }], { zip64: true, offsetShift: start });
  const file = openSync(path, 'w');
  writeSync(file, archive, 0, archive.length, start);
  assert.deepEqual(await contentsOf(path), { 'hello.txt': 'hello\n' });
  assert.equal((await entriesOf(path))[0]?.offset, start);
});

test('the end record is found before bytes behind it, and behind a comment with its signature', async () => {
  const signature = Buffer.from('PK\x05\x06');
  for (const trailing of [1, 500, 70_000, 1_000_000]) {
    assert.deepEqual(await contentsOf(Buffer.concat([PLAIN, Buffer.alloc(trailing)])), PLAIN_CONTENTS, `${trailing}`);
  }
  for (const comment of [signature, Buffer.alloc(0xffff, 'c'), Buffer.concat([signature, Buffer.alloc(30, 1)])]) {
    await using archive = await openArchive(buildArchive([HELLO, LINES], { comment }));
    assert.equal(archive.comment, comment.toString());
    assert.equal(archive.entryCount, 2);
  }
  const nested = buildArchive([{ name: 'inner.zip', data: PLAIN }, HELLO]);
  assert.deepEqual(Object.keys(await contentsOf(nested)), ['inner.zip', 'hello.txt']);
});

test('names are UTF-8 by flag, Unicode path or host, else code page 437', async () => {
  const cp437 = Buffer.from([0x84, 0x2e, 0xe1]); // "ä.ß"
  const path = (crc: number): Buffer =>
    extraField(0x7075, Buffer.concat([Buffer.of(1), fields([4, crc]), Buffer.from('ünï')]));
  const names = (
    await entriesOf(
      buildArchive([
        { name: cp437 },
        { name: Buffer.from('日本'), flags: 1 << 11 },
        { name: cp437, extra: path(crc32(cp437)) },
        { name: cp437, extra: path(1) },
        { name: Buffer.from([0xff, 0x61]), flags: 1 << 11 },
        { name: cp437, extra: Buffer.from('up\x09\x00') },
        { name: Buffer.from('é') },
        { name: Buffer.from('é'), madeBy: 20 },
      ]),
    )
  ).map(({ name }) => name);
  assert.deepEqual(names, ['ä.ß', '日本', 'ünï', 'ä.ß', '\ufffda', 'ä.ß', 'é', '├⌐']);
});

test('times are the extended timestamp, NTFS, or MS-DOS in local time', async () => {
  const unix = extraField(0x5455, Buffer.concat([Buffer.of(1), fields([4, -5])]));
  const ticks = (BigInt(Date.UTC(2020, 0, 2)) + 11_644_473_600_000n) * 10_000n + 1_230_000n;
  const ntfs = extraField(
    10,
    Buffer.concat([
      fields([4, 0], [2, 7], [2, 1]),
      Buffer.of(0),
      fields([2, 1], [2, 24], [8, ticks]),
      Buffer.alloc(16),
    ]),
  );
  const dos = { date: (41 << 9) | (2 << 5) | 3, time: (4 << 11) | (5 << 5) | 3 };
  const times = (
    await entriesOf(
      buildArchive([
        { name: 'unix', extra: Buffer.concat([ntfs, unix]), ...dos },
        { name: 'ntfs', extra: ntfs, ...dos },
        { name: 'dos', ...dos },
        {
          name: 'empty fields',
          extra: Buffer.concat([extraField(0x5455, Buffer.of()), extraField(10, Buffer.of(1))]),
          ...dos,
        },
        { name: 'no date', date: 0, time: 0 },
      ]),
    )
  ).map(({ mtime }) => mtime);
  const local = new Date(2021, 1, 3, 4, 5, 6);
  assert.deepEqual(times, [
    new Date(-5000),
    new Date(Date.UTC(2020, 0, 2) + 123),
    local,
    local,
    new Date(1979, 10, 30),
  ]);
});

test('kinds and modes are those of the host that wrote the entry', async () => {
  const facts = (
    await entriesOf(
      buildArchive([
        { name: 'unix', attributes: 0o120777 * 0x10000 },
        { name: 'fifo', attributes: 0o010644 * 0x10000 },
        { name: 'folder', attributes: 0o040755 * 0x10000 },
        { name: 'macos', madeBy: 19 << 8, attributes: 0o100600 * 0x10000 },
        { name: 'msdos', madeBy: 0, attributes: 0x10 },
        { name: 'ntfs', madeBy: 11 << 8, attributes: 0x20 },
        { name: 'no-type', attributes: 0o644 * 0x10000 },
        { name: 'odd', flags: 1, method: 12 },
      ]),
    )
  ).map(({ kind, mode, isEncrypted, method }) => [kind, mode?.toString(8), isEncrypted, method]);
  assert.deepEqual(facts, [
    ['symlink', '120777', false, 'store'],
    ['other', '10644', false, 'store'],
    ['directory', '40755', false, 'store'],
    ['file', '100600', false, 'store'],
    ['directory', undefined, false, 'store'],
    ['file', undefined, false, 'store'],
    ['file', '644', false, 'store'],
    ['file', '100644', true, 12],
  ]);
});

test('raw() gives the compressed bytes as they are', async () => {
  const [, lines] = await entriesOf(PLAIN);
  assert.ok(lines !== undefined);
  await assert.rejects(new Response(lines.raw()).text(), 'the archive is closed');
  await using archive = await openArchive(PLAIN);
  for await (const entry of archive.entries()) {
    const raw = Buffer.from(await new Response(entry.raw()).arrayBuffer());
    assert.deepEqual(raw, entry.name === 'lines.txt' ? deflateRawSync(LINES.data) : HELLO.data);
  }
});

test('a closed archive is read no more', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'o.zip');
  writeFileSync(path, PLAIN);
  for (const input of [path, PLAIN]) {
    const archive = await openArchive(input);
    const iterator = archive.entries();
    const { value } = await iterator.next();
    await archive.close();
    await archive.close();
    assert.ok(value !== undefined);
    await assert.rejects(new Response(value.content()).text(), pzipError('PZIP_CLOSED'));
    await assert.rejects(archive.entries().next(), pzipError('PZIP_CLOSED'));
  }
});

test('a missing file, a special file and an invalid input are rejected', async (t) => {
  const folder = await inTemporaryDirectory(t);
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  await assert.rejects(openArchive(folder), pzipError('PZIP_SOURCE_UNSUPPORTED'));
  await assert.rejects(openArchive(join(folder, 'fifo')), pzipError('PZIP_SOURCE_UNSUPPORTED'));
  await assert.rejects(openArchive(join(folder, 'no')), pzipError('PZIP_SOURCE_MISSING'));
  for (const input of ['', 'a\0b', 5, null, undefined, {}, new URL('http://x/')]) {
    // @ts-expect-error some are not what the types allow
    await assert.rejects(openArchive(input), pzipError('PZIP_USAGE'));
  }
});

test('a file that becomes shorter while it is open is a fault', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'o.zip');
  writeFileSync(path, PLAIN);
  await using archive = await openArchive(path);
  truncateSync(path, 20);
  await assert.rejects(archive.entries().next(), pzipError('PZIP_ARCHIVE_INVALID', 'it ends at'));
  assert.equal(readFileSync(path).length, 20);
});
