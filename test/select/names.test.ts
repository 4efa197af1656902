import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quote } from '../../dist/common/errors.js';
import { absolutePath, entryNameOf } from '../../dist/select/names/entry-names.js';
import { checkEntryName } from '../../dist/zip/names.js';
import { pzipError } from './tree.js';

type Row = readonly [path: string, name: string, removed: string];

const POSIX: readonly Row[] = [
  ['dir', 'dir', ''],
  ['dir/', 'dir', ''],
  ['dir//sub///', 'dir/sub', ''],
  ['dir/./sub', 'dir/sub', ''],
  ['dir/sub/..', 'dir', ''],
  ['dir/..', '', ''],
  ['.', '', ''],
  ['./', '', ''],
  ['././.', '', ''],
  ['./dir', 'dir', './'],
  ['/etc/hosts', 'etc/hosts', '/'],
  ['//etc', 'etc', '//'],
  ['/', '', '/'],
  ['..', '', '..'],
  ['../', '', '../'],
  ['../../a/b', 'a/b', '../../'],
  ['./../a', 'a', './../'],
  ['/../a', 'a', '/../'],
  ['...', '...', ''],
  ['..a/b', '..a/b', ''],
  ['.hidden', '.hidden', ''],
  ['a\\b', 'a\\b', ''],
  ['C:\\a', 'C:\\a', ''],
  ['a/ b ', 'a/ b ', ''],
];

const WINDOWS: readonly Row[] = [
  ['dir\\sub', 'dir/sub', ''],
  ['dir\\sub\\', 'dir/sub', ''],
  ['.\\dir', 'dir', '.\\'],
  ['..\\dir/x', 'dir/x', '..\\'],
  ['C:\\Users\\me', 'Users/me', 'C:\\'],
  ['c:/Users', 'Users', 'c:/'],
  ['C:dir', 'dir', 'C:'],
  ['C:\\', '', 'C:\\'],
  ['\\dir', 'dir', '\\'],
  ['\\\\server\\share\\dir\\x', 'dir/x', '\\\\server\\share\\'],
  ['//server/share/x', 'x', '//server/share/'],
  ['\\\\?\\C:\\very\\long', 'very/long', '\\\\?\\C:\\'],
  ['\\\\?\\UNC\\server\\share\\x', 'x', '\\\\?\\UNC\\server\\share\\'],
];

for (const [platform, rows] of [
  ['linux', POSIX],
  ['darwin', POSIX],
  ['win32', WINDOWS],
] as const) {
  test(`a path's name is relative and /-separated, and what was left out is told (${platform})`, () => {
    for (const [path, name, removed] of rows) assert.deepEqual(entryNameOf(path, platform), { name, removed }, path);
  });
}

test('a path that leads out of its start is rejected', () => {
  for (const path of ['a/../..', 'a/../../b', './a/b/../../../c', '/a/../../etc']) {
    assert.throws(() => entryNameOf(path, 'linux'), pzipError('PZIP_NAME_INVALID', quote(path), '..'), path);
  }
  assert.throws(() => entryNameOf('a\\..\\..\\b', 'win32'), pzipError('PZIP_NAME_INVALID'));
});

test('a path lies where the platform says', () => {
  const rows = [
    ['linux', '/base', 'a/b', '/base/a/b'],
    ['linux', '/base', './a//b/', '/base/a/b'],
    ['linux', '/base', '../a', '/base/../a'],
    ['linux', '/base', 'link/../a', '/base/link/../a'],
    ['linux', '/base', '.', '/base'],
    ['linux', '/', 'a', '/a'],
    ['linux', '/base', '/', '/'],
    ['linux', '/base', '/etc//hosts', '/etc/hosts'],
    ['linux', '/base', 'a\\b', '/base/a\\b'],
    ['win32', 'C:\\work', 'a/b', 'C:\\work\\a\\b'],
    ['win32', 'C:\\', 'a', 'C:\\a'],
    ['win32', 'C:\\work', '.', 'C:\\work'],
    ['win32', 'C:\\work', '\\a', 'C:\\a'],
    ['win32', 'C:\\work', 'D:/a', 'D:\\a'],
    ['win32', 'C:\\work', '//server/share/a', '\\\\server\\share\\a'],
  ] as const;
  for (const [platform, cwd, path, absolute] of rows) assert.equal(absolutePath(cwd, path, platform), absolute, path);
});

test('on Windows a path whose name is invalid in archives is rejected', () => {
  for (const path of ['C:\\D:\\x', '.\\C:x', 'a:b:c', 'x:y/../z:w', 'a\0b', '\ud800', 'C:'.repeat(3)]) {
    assert.throws(() => entryNameOf(path, 'win32'), pzipError('PZIP_NAME_INVALID'), path);
  }
  const part = fc.constantFrom(
    'a',
    'b',
    '..',
    '.',
    '',
    'C:',
    'c:x',
    'D',
    ':',
    '\\',
    '/',
    '//',
    '\\\\?\\',
    'UNC',
    '\0',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), fc.constantFrom('', '/', '\\'), (parts, separator) => {
      let name: string;
      try {
        ({ name } = entryNameOf(parts.join(separator), 'win32'));
      } catch (error) {
        return pzipError('PZIP_NAME_INVALID')(error);
      }
      return name === '' || checkEntryName(name) === undefined;
    }),
    { numRuns: 20_000, seed: 1 },
  );
});

test('a path in a message cannot play tricks on the terminal', () => {
  assert.equal(quote('a\u001b[31m\nb\u202e'), "'a\\x1b[31m\\nb\\u202e'");
});
