import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { parseFileList } from '../../dist/select/file-list.js';
import { makeTree, pzipError, select } from './tree.js';

test('a list of lines gives a name for each that is not empty', async () => {
  for (const text of ['a\nb c\n*.txt', 'a\nb c\n*.txt\n', '\na\n\nb c\r\n*.txt\r\n', '\uFEFFa\nb c\n*.txt']) {
    assert.deepEqual(parseFileList(Buffer.from(text), false, 'x'), ['a', 'b c', '*.txt'], JSON.stringify(text));
  }
  assert.deepEqual(parseFileList(Buffer.from(''), false, 'x'), []);
});

test('a NUL-separated list keeps line feeds, carriage returns and spaces', async () => {
  assert.deepEqual(parseFileList(Buffer.from('a\nb\0 c \r\0\0ü'), true, 'x'), ['a\nb', ' c \r', 'ü']);
});

test('a list of lines with NULs in it is recognised', async () => {
  assert.throws(
    () => parseFileList(Buffer.from('a\0b\0'), false, "'list'"),
    pzipError('PZIP_USAGE', "'list'", 'NUL-separated'),
  );
});

test('a name that is not UTF-8 is an error that shows its bytes, or is told and left out', async () => {
  const list = Buffer.from([0x61, 0x0a, 0x62, 0xe9, 0x0a, 0x63]);
  assert.throws(() => parseFileList(list, false, "'list'"), pzipError('PZIP_NAME_INVALID', "'b\\xe9'", "'list'"));
  const messages: string[] = [];
  assert.deepEqual(
    parseFileList(list, false, "'list'", ({ message }) => messages.push(message)),
    ['a', 'c'],
  );
  assert.equal(messages.length, 1);
});

test('a list in UTF-16 is read by its byte order mark, by lines and by NULs', () => {
  const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();
  const lines = Buffer.from('\uFEFFa\r\nd/é 😀\r\n\r\n', 'utf16le');
  const nuls = Buffer.from('\uFEFFa\0d/é 😀\0', 'utf16le');
  for (const [list, isNulSeparated] of [
    [lines, false],
    [swapped(lines), false],
    [nuls, true],
    [swapped(nuls), true],
  ] as const) {
    assert.deepEqual(parseFileList(list, isNulSeparated, 'x'), ['a', 'd/é 😀']);
  }
  assert.deepEqual(parseFileList(Buffer.from([0xff, 0xfe]), false, 'x'), []);
});

test('a list in UTF-16 that is cut off, malformed or separated otherwise is an error that says so', () => {
  const list = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');
  assert.throws(
    () => parseFileList(list('ab').subarray(0, 5), false, 'x'),
    pzipError('PZIP_NAME_INVALID', 'UTF-16', 'x'),
  );
  assert.throws(() => parseFileList(list('a\n\ud800b\n'), false, 'x'), pzipError('PZIP_NAME_INVALID', 'UTF-16', 'x'));
  assert.throws(() => parseFileList(list('a\0b\0'), false, 'x'), pzipError('PZIP_USAGE', 'NUL-separated'));
  assert.throws(() => parseFileList(Buffer.from('a\n', 'utf16le'), false, 'x'), pzipError('PZIP_USAGE', 'UTF-16'));
  assert.throws(
    () => parseFileList(Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), false, 'x'),
    pzipError('PZIP_USAGE', 'UTF-32'),
  );
});

test('a list without a name is an error that says so', async (t) => {
  const cwd = makeTree(t, {});
  await assert.rejects(
    async () => select([], { cwd, filesFrom: [] }),
    pzipError('PZIP_NOTHING_MATCHED', 'list of names is empty'),
  );
  assert.deepEqual((await select([], { cwd, filesFrom: [], ifEmpty: 'ignore' })).names, []);
});

test('listed names are taken literally', async (t) => {
  const cwd = makeTree(t, { 'a*': '', ab: '', '!x': '', '-n': '', 'new\nline': '', ' space ': '' });
  const filesFrom = ['a*', '!x', '-n', 'new\nline', ' space '];
  assert.deepEqual((await select([], { cwd, filesFrom })).names, [' space ', '!x', '-n', 'a*', 'new\nline']);
  await assert.rejects(async () => select([], { cwd, filesFrom: ['*b'] }), pzipError('PZIP_SOURCE_MISSING', "'*b'"));
});

test('what git ls-files lists is what goes in', async (t) => {
  const cwd = makeTree(t, {
    '.gitignore': '*.o',
    'a.o': '',
    'b.c': '',
    'd/[e].c': '',
    'd/é': '',
    link: '→ b.c',
    'x\ny': '',
  });
  execFileSync('git', ['init', '-q'], { cwd });
  execFileSync('git', ['add', '.'], { cwd });
  const filesFrom = parseFileList(execFileSync('git', ['ls-files', '-z'], { cwd }), true, 'standard input');
  assert.deepEqual((await select([], { cwd, filesFrom })).names, [
    '.gitignore',
    'b.c',
    'd/[e].c',
    'd/é',
    'link',
    'x\ny',
  ]);
});

test('a listed directory stands for itself, so that what find leaves out stays out', async (t) => {
  const cwd = makeTree(t, { 'd/a': '', 'd/b.log': '', 'd/e/': '', 'd/s/c.log': '' });
  const find = execFileSync('find', ['d', '-not', '-name', '*.log', '-print0'], { cwd });
  const { names, warnings } = await select([], { cwd, filesFrom: parseFileList(find, true, 'find') });
  assert.deepEqual(names, ['d/', 'd/a', 'd/e/', 'd/s/']);
  assert.deepEqual(
    warnings.map(({ code, severity, path }) => [code, severity, path]),
    [['PZIP_DIRECTORY_ONLY', 'notice', 'd/s/']],
  );
});

test('a list and inputs make one selection, and its names keep the order of their bytes', async (t) => {
  const cwd = makeTree(t, { 'a-b': '', 'a/x': '', 'a/y': '', 'a.z': '', c: '' });
  const { names } = await select(['c', 'a/x'], { cwd, filesFrom: ['a/y', 'a', 'a-b', 'a.z', 'a/x', './c'] });
  assert.deepEqual(names, ['a-b', 'a.z', 'a/', 'a/x', 'a/y', 'c']);
});

test('a listed file that is gone is an error that names it, or is skipped', async (t) => {
  const cwd = makeTree(t, { a: '' });
  await assert.rejects(
    async () => select([], { cwd, filesFrom: ['a', 'gone'] }),
    pzipError('PZIP_SOURCE_MISSING', "'gone'"),
  );
  const { names, warnings } = await select([], { cwd, filesFrom: ['a', 'gone'], skipUnreadable: true });
  assert.deepEqual(names, ['a']);
  assert.deepEqual(
    warnings.map(({ path }) => path),
    ['gone'],
  );
});
