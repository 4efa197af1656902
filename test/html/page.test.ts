/** The file that --html writes: its entries, its policy, and when it is written. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { DirectoryHeaders } from '../../dist/html/directory-headers.js';
import { createArchive, createPool, openArchive, ZipArchive } from '../../dist/index.js';
import { pzip, pzipFails } from '../cli/command.js';
import { runPzip } from '../helpers/run-pzip.js';
import { buildTree, inTemporaryDirectory, manySmallFiles, textOf } from '../helpers/trees.js';

const pool = createPool({ threads: 1 });
after(() => pool.close());

type Row = readonly [name: string, compressedSize: number, size: number, crc32: number];
type Chunk = readonly [readonly number[], readonly string[], readonly number[], readonly number[], string];

/** The entries in a page. */
function rowsOf(page: string, className: string): Row[] {
  let previous = '';
  const elements = page.matchAll(
    new RegExp(`<script type="application/json" class="${className}">(.*?)</script>`, 'g'),
  );
  return [...elements].flatMap(([, json = '']) => {
    const [shared, rests, compressed, sizes, crc32s]: Chunk = JSON.parse(json);
    const bytes = Buffer.from(crc32s, 'base64');
    return rests.map((rest, row): Row => {
      previous = previous.slice(0, shared[row]) + rest;
      return [previous, compressed[row] ?? -1, sizes[row] ?? -1, bytes.readUInt32LE(4 * row)];
    });
  });
}

async function rowsIn(archive: string): Promise<Row[]> {
  await using reader = await openArchive(archive);
  const rows: Row[] = [];
  for await (const { name, compressedSize, uncompressedSize, crc32 } of reader.entries())
    rows.push([name, compressedSize, uncompressedSize, crc32]);
  return rows;
}

test('the page has every entry of the archive, and of the earlier one that it replaces', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(30));
  writeFileSync(join(cwd, 'tree/large'), textOf(2_500_000, 1));
  const output = join(cwd, 'out.zip');
  await createArchive(output, ['tree'], { cwd, pool });
  const earlier = await rowsIn(output);
  writeFileSync(join(cwd, 'tree/new'), 'content');
  const html = pathToFileURL(join(cwd, 'page.html'));
  await createArchive(output, ['tree'], { cwd, pool, html, htmlAgainst: output });
  const page = readFileSync(html, 'utf8');
  assert.deepEqual(rowsOf(page, 'entries'), await rowsIn(output));
  assert.deepEqual(rowsOf(page, 'earlier'), earlier);
  const [, archive = ''] = /<script type="application\/json" id="archive">(.*?)<\/script>/.exec(page) ?? [];
  const { bytes, ...rest }: { bytes: number } = JSON.parse(archive);
  assert.equal(bytes, statSync(output).size);
  assert.deepEqual(rest, { name: 'out.zip', earlier: { name: 'out.zip', bytes: JSON.parse(archive).earlier.bytes } });
});

test('more entries than a part of the page takes are all there, also from a stream', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const output = join(cwd, 'out.zip');
  const names = Array.from({ length: 4200 }, (_, index) => `d/${index % 7}/\ud83d\ude00${index}`);
  for (const target of [output, new PassThrough().resume()]) {
    const html = join(cwd, 'page.html');
    const archive = new ZipArchive(target, { html, pool });
    for (const name of names) archive.addBuffer(name, name).catch(() => {});
    await archive.close();
    const rows = rowsOf(readFileSync(html, 'utf8'), 'entries');
    assert.deepEqual(rows, await rowsIn(output));
    assert.equal(rows.length, 4200);
  }
});

test('headers are found wherever a block of the directory ends', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const output = join(cwd, 'out.zip');
  const archive = new ZipArchive(output, { pool });
  for (const name of ['a', 'b/c', 'name']) await archive.addBuffer(name, name, { comment: `about ${name}` });
  await archive.close();
  const bytes = readFileSync(output);
  const end = bytes.length - 22;
  const directory = bytes.subarray(bytes.readUInt32LE(end + 16), end);
  for (let length = 1; length <= directory.length; length++) {
    const headers = new DirectoryHeaders();
    const names: string[] = [];
    const block = Buffer.alloc(length);
    for (let at = 0; at < directory.length; at += length) {
      // As the blocks of the archive's own directory, it is used again.
      const copied = directory.copy(block, 0, at, at + length);
      for (const { name } of headers.entriesOf(block.subarray(0, copied))) names.push(name);
    }
    assert.deepEqual(names, ['a', 'b/c', 'name']);
  }
});

test('no name ends its element, and the policy has the hashes of the only style and script', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const archive = new ZipArchive(join(cwd, 'out.zip'), { html: join(cwd, 'page.html'), pool });
  for (const name of ['</script><script>x', '<!-- <script>', ']]>&lt;\u2028']) await archive.addBuffer(name, '');
  await archive.close();
  const page = readFileSync(join(cwd, 'page.html'), 'utf8');
  const data = page.slice(page.indexOf('</noscript>'), page.indexOf('<script>'));
  assert.equal(
    data.match(/<(?!\/noscript>|script type="application\/json" (?:class="entries"|id="archive")>|\/script>)/g),
    null,
  );
  assert.equal(data.includes('\u2028'), false);
  const hash = (tag: string): string => {
    const [, text = ''] = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(page) ?? [];
    return createHash('sha256').update(text).digest('base64');
  };
  const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
  assert.equal(
    policy,
    `default-src 'none'; img-src data:; script-src 'sha256-${hash('script')}'; style-src 'sha256-${hash('style')}'; base-uri 'none'; form-action 'none'`,
  );
});

test('the page is at most 60 KiB without entries, and has the licence of the library in it', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), '');
  await pzip(cwd, ['--html', 'page.html', 'out.zip', 'a']);
  const page = readFileSync(join(cwd, 'page.html'), 'utf8');
  assert.ok(page.length < 60 * 1024, `${page.length} bytes`);
  assert.match(page, /d3-hierarchy\.\nCopyright .* Mike Bostock\n/);
});

test('an existing page stays out of the archive, and one with the same bytes is left alone', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(3));
  const args = ['--html', 'tree/page.html', 'out.zip', 'tree'];
  await pzip(cwd, args);
  const { ino } = statSync(join(cwd, 'tree/page.html'));
  const { stdout } = await pzip(cwd, ['-n', ...args]);
  assert.doesNotMatch(String(stdout), /page\.html/);
  await pzip(cwd, args);
  assert.equal(statSync(join(cwd, 'tree/page.html')).ino, ino);
  assert.ok(!(await rowsIn(join(cwd, 'out.zip'))).some(([name]) => name.includes('page.html')));
});

test('a page that cannot be written, or an earlier archive that cannot be read, fails before anything is replaced', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), 'content');
  mkdirSync(join(cwd, 'directory'));
  for (const name of ['out.zip', 'page.html', 'text']) writeFileSync(join(cwd, name), 'old');
  const run = (...args: string[]): string[] => [...args, 'out.zip', 'a'];
  await pzipFails(cwd, run('--html', 'missing/page.html'), 1, ['missing']);
  await pzipFails(cwd, run('--html', 'directory'), 1, ['directory']);
  await pzipFails(cwd, run('--html', 'out.zip'), 2, ['out.zip', 'cannot be written twice']);
  await pzipFails(cwd, run('--html', 'page.html', '--sha256=page.html'), 2, ['page.html', 'cannot be written twice']);
  await pzipFails(cwd, run('--html', 'page.html', '--html-against', 'text'), 1, ['text']);
  await pzipFails(cwd, run('--html', '-'), 2, ['--html needs a file']);
  await pzipFails(cwd, run('--html-against', 'text'), 2, ['--html-against requires --html']);
  for (const name of ['out.zip', 'page.html']) assert.equal(readFileSync(join(cwd, name), 'utf8'), 'old');
  await assert.rejects(createArchive(join(cwd, 'out.zip'), ['a'], { cwd, htmlAgainst: 'text' }), {
    code: 'PZIP_USAGE',
    message: 'Option `htmlAgainst` requires `html`, the page that shows the comparison',
  });
});

test('a run that fails leaves no page', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), textOf(100_000, 1));
  const { code } = await runPzip(['--html', 'page.html', '--max-size', '100', 'out.zip', 'a'], { cwd });
  assert.equal(code, 1);
  assert.deepEqual(readdirSync(cwd), ['a']);
});

test('without an earlier archive there is a notice, and a page without a comparison', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), 'content');
  const { stderr } = await pzip(cwd, ['--html', 'page.html', '--html-against', 'out.zip', 'out.zip', 'a']);
  assert.match(stderr, /The page has no comparison: there is no 'out\.zip'/);
  assert.match(readFileSync(join(cwd, 'page.html'), 'utf8'), /"earlier":null/);
});
