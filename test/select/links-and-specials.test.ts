import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SymlinkPolicy } from '../../dist/select/select-options.js';
import { makeTree, pzipError, select } from './tree.js';

const POLICIES: readonly SymlinkPolicy[] = ['keep', 'follow', 'skip', 'error'];

test('a working directory that is a link is packed, whatever becomes of links', async (t) => {
  const root = makeTree(t, {
    'real/f': '',
    'real/sub/g': '',
    'real/.gitignore': 'ignored',
    'real/ignored': '',
    LICENSE: '',
  });
  symlinkSync('real', join(root, 'current'));
  const cwd = join(root, 'current');
  for (const symlinks of POLICIES) {
    for (const input of ['.', './', './.']) {
      const { names } = await select([input], { cwd, symlinks });
      assert.deepEqual(names, ['.gitignore', 'f', 'ignored', 'sub/', 'sub/g'], `${symlinks} ${input}`);
    }
    const several = await select(['.', '../LICENSE'], { cwd, symlinks, prefix: 'p', gitignore: true });
    assert.deepEqual(several.names, ['p/.gitignore', 'p/LICENSE', 'p/f', 'p/sub/', 'p/sub/g'], symlinks);
    assert.deepEqual((await select(['sub', '*'], { cwd, symlinks })).names, ['f', 'ignored', 'sub/', 'sub/g']);
  }
});

test('LINK/. and LINK/ are the directory behind the link where links are kept or followed', async (t) => {
  const cwd = makeTree(t, { 'real/f': '', current: '→ real' });
  for (const input of ['current/', 'current/.', './current/./', join(cwd, 'current/')]) {
    for (const symlinks of ['keep', 'follow'] as const) {
      const { names } = await select([input], { cwd, symlinks });
      assert.deepEqual(
        names.map((name) => name.replace(`${cwd.slice(1)}/`, '')),
        ['current/', 'current/f'],
        input,
      );
    }
    assert.deepEqual((await select([input], { cwd, symlinks: 'skip', ifEmpty: 'ignore' })).names, [], input);
    await assert.rejects(
      async () => select([input], { cwd, symlinks: 'error' }),
      pzipError('PZIP_SOURCE_UNSUPPORTED', 'current', 'real'),
    );
  }
});

const BEHIND = [
  'dist/id_rsa',
  'dist/sub',
  'dist/sub/',
  'dist/sub/deep',
  './dist/id_rsa',
  '../repo/dist/id_rsa',
  'real/link/../outside/id_rsa',
  'real/link/..',
];

test('an input or a line of a list that leads through a link is rejected, unless links are followed', async (t) => {
  const root = makeTree(t, {
    'outside/id_rsa': '',
    'outside/sub/deep': '',
    'repo/dist': '→ ../outside',
    'repo/real/link': '→ ../../outside',
  });
  const cwd = join(root, 'repo');
  for (const path of [...BEHIND, join(cwd, 'dist/id_rsa')]) {
    for (const [inputs, filesFrom] of [
      [[path], []],
      [[], [path]],
    ] as const) {
      for (const symlinks of ['keep', 'error'] as const) {
        await assert.rejects(
          async () => select(inputs, { cwd, filesFrom, symlinks }),
          pzipError('PZIP_SOURCE_UNSUPPORTED', 'symbolic link', '../outside'),
          `${symlinks} ${path}`,
        );
      }
      const counts = { ignored: 0, skipped: 0 };
      const skipped = await select(inputs, { cwd, filesFrom, symlinks: 'skip', ifEmpty: 'ignore', counts });
      assert.deepEqual([skipped.names, counts.skipped], [[], 1], path);
      const unreadable = await select(inputs, { cwd, filesFrom, skipUnreadable: true, ifEmpty: 'ignore' });
      assert.deepEqual(
        unreadable.warnings.map(({ code }) => code),
        ['PZIP_SOURCE_SKIPPED'],
        path,
      );
    }
  }
  assert.deepEqual((await select(['dist/id_rsa'], { cwd, symlinks: 'follow' })).names, ['dist/id_rsa']);
});

test('what is written from the root lies where the caller says, links on the way included', async (t) => {
  const root = makeTree(t, { 'releases/2/app/f': '', current: '→ releases/2', 'in/': '' });
  const { sources } = await select([join(root, 'current/app')], { cwd: join(root, 'in') });
  assert.deepEqual(
    sources.map(({ kind }) => kind),
    ['directory', 'file'],
  );
  assert.equal((await select([join(root, 'current/app/*')], { cwd: join(root, 'in') })).sources.length, 1);
});

test('a named pipe, socket or device is an error that says what to do, whatever becomes of links', async (t) => {
  const cwd = makeTree(t, { 'd/a': '' });
  execFileSync('mkfifo', [join(cwd, 'd/pipe')]);
  symlinkSync('d/pipe', join(cwd, 'to-pipe'));
  symlinkSync('/dev/zero', join(cwd, 'to-device'));
  symlinkSync('/dev/null', join(cwd, 'masked'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(cwd, 'd/socket'), resolve));
  t.after(() => server.close());
  for (const symlinks of POLICIES) {
    for (const path of ['d/pipe', 'd/socket', 'to-pipe', 'to-device', '/dev/zero', '/dev/null']) {
      for (const [inputs, filesFrom] of [
        [[path], []],
        [[], [path]],
      ] as const) {
        await assert.rejects(
          async () => select(inputs, { cwd, filesFrom, symlinks }),
          pzipError('PZIP_SOURCE_UNSUPPORTED', `'${path}'`, "'-'"),
          `${symlinks} ${path}`,
        );
      }
    }
  }
  assert.deepEqual((await select(['masked'], { cwd })).names, ['masked'], 'a link to /dev/null loses nothing');
  const skipped = await select(['d/pipe', 'd'], { cwd, skipUnreadable: true });
  assert.deepEqual(
    skipped.warnings.map(({ code }) => code),
    ['PZIP_SOURCE_SKIPPED', 'PZIP_SPECIAL_SKIPPED', 'PZIP_SPECIAL_SKIPPED'],
  );
});

test('a regular file behind a descriptor goes in with its content', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async (t) => {
  const cwd = makeTree(t, { a: 'content' });
  const descriptor = openSync(join(cwd, 'a'), 'r');
  t.after(() => closeSync(descriptor));
  for (const path of [`/dev/fd/${descriptor}`, `/proc/self/fd/${descriptor}`]) {
    const { sources } = await select([path], { cwd });
    assert.deepEqual(
      sources.map(({ kind, name, path: found }) => [kind, name, found]),
      [['file', path.slice(1), join(cwd, 'a')]],
    );
  }
});
