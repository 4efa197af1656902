/** --preset and --require. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createArchive } from 'pzip';
import { runPzip } from '../helpers/run-pzip.js';
import { makeTree } from '../select/tree.js';
import { open, pzip, pzipFails } from './command.js';

const BOOK = { 'b/mimetype': 'application/epub+zip', 'b/META-INF/container.xml': '<x/>', 'b/a.xhtml': 'a' };

test('an archive that lacks a required name fails, and a directory is any name in it', async (t) => {
  const cwd = makeTree(t, { 'd/a.txt': 'a', 'd/sub/b': 'b' });
  await pzip(cwd, ['--require', 'd/a.txt', '--require', 'd/sub', '--require', 'd/', 'out.zip', 'd']);
  const missing = [
    "The archive would lack 'a.txt', 'd/su', which is required; ",
    'relative to the working directory (-C)',
  ];
  await pzipFails(cwd, ['--require', 'a.txt', '--require', 'd/su', 'new.zip', 'd'], 1, missing);
  await assert.rejects(createArchive(join(cwd, 'new.zip'), 'd', { cwd, required: ['d/a.txt', 'x'] }), {
    code: 'PZIP_ENTRY_MISSING',
    entryName: 'x',
  });
  assert.ok(!existsSync(join(cwd, 'new.zip')));
});

test('a preset prints what it sets, once and not with -q', async (t) => {
  const cwd = makeTree(t, BOOK);
  const { stderr } = await pzip(cwd, ['--preset', 'epub', '-C', 'b', 'book.epub', '.']);
  assert.match(
    stderr,
    /^pzip: preset epub: --first \/mimetype --level-for \/mimetype=0 --no-dir-entries --symlinks error .* \(.*\)\n3 entries/,
  );
  const names = open(cwd, 'book.epub').entries.map(({ name }) => name);
  assert.deepEqual(names, ['mimetype', 'META-INF/container.xml', 'a.xhtml']);
  assert.equal(readFileSync(join(cwd, 'book.epub')).subarray(30, 58).toString(), 'mimetypeapplication/epub+zip');
  assert.equal((await pzip(cwd, ['-q', '--preset', 'epub', '-C', 'b', 'book.epub', '.'])).stderr, '');
});

test('a preset fails where its platform would', async (t) => {
  const cwd = makeTree(t, { ...BOOK, 'b/link': '→ a.xhtml', 'web/ext/manifest.json': '{}', 'web/a?.js': '' });
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['epub', 'b/a.xhtml'], /lack 'mimetype', 'META-INF\/container\.xml'/],
    [['epub', '-C', 'b', '.'], /link' is a symbolic link/],
    [['webext', '-C', 'web', 'ext'], /lack 'manifest\.json'/],
    [['webext', '-C', 'web', '.'], /Windows has no name for/],
    [['vsix', '-C', 'web', 'ext'], /lack 'extension\.vsixmanifest', '\[Content_Types\]\.xml'/],
    [['lambda', '--max-unpacked', '10', 'b'], /more than --max-unpacked, 10/],
  ];
  for (const [[preset = '', ...args], message] of cases) {
    const [last = ''] = args.slice(-1);
    const { code, stderr } = await runPzip(['--preset', preset, ...args.slice(0, -1), 'out.zip', last], { cwd });
    assert.equal(code, 1, stderr);
    assert.match(stderr, message);
  }
});

test('options of the user replace those of a preset, wherever they are', async (t) => {
  const cwd = makeTree(t, { f: 'f' });
  chmodSync(join(cwd, 'f'), 0o600);
  const modeOf = (archive: string): number => (open(cwd, archive).entries[0]?.mode ?? 0) & 0o777;
  await pzip(cwd, ['--modes', 'keep', '--preset', 'lambda', 'a.zip', 'f']);
  await pzip(cwd, ['--preset', 'lambda', 'b.zip', 'f', '--max-size', '1M']);
  assert.equal(modeOf('a.zip'), 0o600);
  assert.equal(modeOf('b.zip'), 0o644);
  const { code, stderr } = await runPzip(['--preset', 'npm', 'c.zip', 'f'], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /lambda, vsix, webext, epub/);
});
