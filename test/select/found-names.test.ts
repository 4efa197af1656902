import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ZipArchive } from '../../dist/index.js';
import { NameRegistry } from '../../dist/select/names/name-registry.js';
import { leadsOutside } from '../../dist/select/outside-links.js';
import { checkEntryName } from '../../dist/zip/names.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { makeTree, pzipError, select } from './tree.js';

const BAD = ['C:/evil', 'C:\\Windows\\evil.dll', '\\\\srv\\share\\x', '\\abs', 'a\\b', 'd/..\\..\\x', 'c:', 'd/x\\y/z'];

test('a found name that is invalid in archives is an error that names it: in a walk, a pattern, a list and an input', async (t) => {
  for (const name of BAD) {
    const cwd = makeTree(t, { ok: '', [name]: '' });
    const pattern = `${name.replace(/[\\]/g, '\\\\').slice(0, -1)}?`;
    for (const [inputs, filesFrom] of [
      [['.'], []],
      [[name], []],
      [[], [name]],
      [['*', '*/*', '*/*/*'], []],
      [[pattern], []],
    ] as const) {
      for (const directoryEntries of [true, false]) {
        const options = { cwd, filesFrom, directoryEntries, ifEmpty: 'ignore' } as const;
        await assert.rejects(
          async () => select(inputs, options),
          pzipError('PZIP_NAME_INVALID', 'rename or exclude'),
          name,
        );
        const { names, warnings } = await select(inputs, { ...options, skipUnreadable: true });
        for (const kept of names) assert.equal(checkEntryName(kept, kept.endsWith('/')), undefined, kept);
        assert.deepEqual(
          warnings.map(({ code }) => code),
          ['PZIP_SOURCE_SKIPPED'],
          `${name} ${inputs}`,
        );
      }
    }
  }
});

test('a directory that is misnamed is reported once, with all that is in it', async (t) => {
  const cwd = makeTree(t, { 'C:/a': '', 'C:/b/c': '', 'x/ok': '' });
  for (const directoryEntries of [true, false]) {
    const { names, warnings } = await select(['.'], { cwd, skipUnreadable: true, directoryEntries });
    assert.deepEqual(
      names.filter((name) => !name.endsWith('/')),
      ['x/ok'],
    );
    assert.equal(warnings.length, 1);
  }
});

test('names are checked after renaming, which can make them valid; stripping and a prefix can make them invalid', async (t) => {
  const cwd = makeTree(t, { 'C:/evil': '', 'a\\b': '', 'x/C:evil': '' });
  const rename = [
    { from: 'C:', to: 'c' },
    { from: 'a\\b', to: 'a/b' },
  ];
  assert.deepEqual((await select(['.'], { cwd, rename })).names, ['a/b', 'c/', 'c/evil', 'x/', 'x/C:evil']);
  assert.deepEqual((await select(['C:'], { cwd, prefix: 'p' })).names, ['p/C:/', 'p/C:/evil']);
  assert.deepEqual((await select(['C:'], { cwd, stripComponents: 1 })).names, ['evil']);
  await assert.rejects(
    async () => select(['x'], { cwd, stripComponents: 1 }),
    pzipError('PZIP_NAME_INVALID', "'C:evil'"),
  );
  await assert.rejects(async () => select(['x'], { cwd, junkPaths: true }), pzipError('PZIP_NAME_INVALID', "'C:evil'"));
});

test('every call of the API rejects a name that is invalid in archives', async () => {
  for (const name of [...BAD, '/etc/passwd', '../up', 'd/../../up', '..', 'd//x', 'nul\0']) {
    const archive = new ZipArchive(new CollectingSink());
    const calls = [
      () => archive.addBuffer(name, ''),
      () => archive.addFile(name, import.meta.filename),
      () => archive.addStream(name, async function* () {}),
      () => archive.addDirectory(name),
      () => archive.addSymlink(name, 'target'),
    ];
    for (const call of calls) assert.throws(call, pzipError('PZIP_NAME_INVALID'), name);
    void archive.addEntries([{ name, data: '' }]);
    await assert.rejects(archive.close(), pzipError('PZIP_NAME_INVALID'), name);
  }
});

test('a prefix that makes a name too long is rejected by the name, in a short message', async (t) => {
  const cwd = makeTree(t, { [`t/${'n'.repeat(250)}`]: '', 't/s': '' });
  for (const length of [65_210, 65_330]) {
    const error = await select(['t'], { cwd, prefix: 'p'.repeat(length) }).catch((reason: unknown) => reason);
    pzipError('PZIP_NAME_INVALID', 'bytes long')(error);
    assert.ok((error as Error).message.length < 1000);
  }
  assert.equal(
    (await select(['t'], { cwd, prefix: 'p'.repeat(65_210), skipUnreadable: true, portableNames: 'off' })).warnings
      .length,
    1,
  );
});

const CLASHES = [
  ['A', 'a/'],
  ['a', 'A/'],
  ['\u00e9', 'e\u0301/'],
  ['e\u0301', '\u00e9/'],
  ['a.', 'a/'],
  ['a', 'a. ./'],
  ['stra\u00dfe', 'STRASSE/'],
  ['a\u200c', 'a/'],
] as const;

test("a link whose name equals a directory's on Windows or macOS is an error, whatever the policy", async (t) => {
  for (const [link, other] of CLASHES) {
    const decoys = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`d/ ${index}:`, '']));
    const cwd = makeTree(t, { ...decoys, [`d/${other}${other.endsWith('/') ? 'x' : ''}`]: '' });
    symlinkSync('/nowhere', join(cwd, 'd', link));
    for (const portableNames of ['warn', 'off', 'error', undefined] as const) {
      const selection = select([`d/${link}`, `d/${other}`], {
        cwd,
        directoryEntries: portableNames !== 'off',
        ...(portableNames && { portableNames }),
      });
      await assert.rejects(selection, (error: Error & { code: string }) =>
        ['PZIP_NAME_CONFLICT', 'PZIP_NAME_INVALID'].includes(error.code),
      );
    }
    await assert.rejects(async () => select(['d'], { cwd }), pzipError('PZIP_NAME_CONFLICT', 'symbolic link', 'd/'));
  }
  const cwd = makeTree(t, { A: '→ x', a: '→ y', b: '→ x', 'B.x': '', 'c/': '' });
  assert.deepEqual((await select(['.'], { cwd })).names.length, 5, 'two links, and what is not one name, go in');
  const manual = makeTree(t, { '_exit.2.gz': '', '_Exit.2.gz': '→ _exit.2.gz' });
  const { names, warnings } = await select(['.'], { cwd: manual, portableNames: 'warn' });
  assert.deepEqual([names.length, warnings.map(({ code }) => code)], [2, ['PZIP_NAME_NOT_PORTABLE']], 'beside a file');
});

test('entries added call by call follow the same rule, in either order', () => {
  for (const [link, other] of CLASHES) {
    for (const name of other.endsWith('/') ? [other, `${other}x`, `${other}x/y/`] : [other]) {
      for (const folder of ['', 'd/', 'D/é/']) {
        const linkFirst = new NameRegistry();
        linkFirst.add(folder + link, true);
        assert.throws(() => linkFirst.add(folder + name), pzipError('PZIP_NAME_CONFLICT', 'symbolic link'));
        linkFirst.add(`${folder}another`);
        const linkLast = new NameRegistry();
        linkLast.add(folder + name);
        assert.throws(() => linkLast.add(folder + link, true), pzipError('PZIP_NAME_CONFLICT', 'symbolic link'));
        linkLast.add(folder + link);
      }
    }
  }
  const registry = new NameRegistry();
  registry.add('A', true);
  registry.add('a', true);
  registry.add('b/A', true);
  registry.add('B/x');
  assert.throws(() => registry.add('B/a/x'), pzipError('PZIP_NAME_CONFLICT'));
});

test("an entry below a link's name is an error, in a walk and in the API, in either order", async (t) => {
  const cwd = makeTree(t, { a: '→ outside', 'b/f': '' });
  for (const directoryEntries of [true, false]) {
    const selection = select(['a', 'b'], { cwd, directoryEntries, rename: [{ from: 'b', to: 'a' }] });
    await assert.rejects(selection, pzipError('PZIP_NAME_CONFLICT', "'a"));
  }
  for (const below of ['a/f', 'a/', 'a/d/f']) {
    const linkFirst = new NameRegistry();
    linkFirst.add('a', true);
    assert.throws(() => linkFirst.add(below), pzipError('PZIP_NAME_CONFLICT', "'a'"), below);
    const linkLast = new NameRegistry();
    linkLast.add(below);
    assert.throws(() => linkLast.add('a', true), pzipError('PZIP_NAME_CONFLICT', "'a'"), below);
  }
});

test('names that do not travel are counted by kind: many of one do not hide another', async (t) => {
  const cwd = makeTree(t, {});
  mkdirSync(join(cwd, 'd'));
  for (let index = 0; index < 9; index++) writeFileSync(join(cwd, 'd', ` ${index}:`), '');
  for (const name of ['aux', 'z.', 'README', 'readme', 'x'.repeat(100)]) writeFileSync(join(cwd, 'd', name), '');
  const { warnings } = await select(['d'], { cwd, portableNames: 'warn' });
  assert.deepEqual(
    warnings.map(({ path, message }) => path || message),
    [
      'd/ 0:',
      'd/ 1:',
      'd/ 2:',
      'd/ 3:',
      'd/aux',
      'd/readme',
      'd/z.',
      '5 more names hold a character that Windows has no name for',
    ],
  );
});

test('links that lead out of the archive cause a warning, for the first few by name', async (t) => {
  const cwd = makeTree(t, { 't/a': '', 't/in/side': '→ ../a', 't/up': '→ ../other', 't/deep/ok': '→ ../../t/a' });
  const targets = ['/etc/passwd', '../../../../etc/passwd', '/', 'in/../../..', 'C:\\x', '\\\\srv\\x', '..', '../..'];
  for (const [index, target] of targets.entries()) symlinkSync(target, join(cwd, 't', `l${index}`));
  const { names, warnings } = await select(['t'], { cwd });
  assert.equal(names.length, 15);
  const outside = warnings.filter(({ code }) => code === 'PZIP_LINK_OUTSIDE');
  assert.deepEqual(
    outside.map(({ path, severity }) => `${severity} ${path.split('/').at(-1)}`),
    ['warning l0', 'warning l1', 'warning l2', 'warning l3', 'warning '],
  );
  assert.match(outside[4]?.message ?? '', /^3 more/);
});

test('a link is outside by its own place and by its text alone', () => {
  for (const [name, target] of [
    ['a', 'b'],
    ['a', './b/c'],
    ['d/a', '../b'],
    ['d/e/a', '../..'],
    ['d/a', '..'],
    ['a', '...'],
    ['a', 'b..c'],
  ] as const) {
    assert.equal(leadsOutside(name, target), false, `${name} ${target}`);
  }
  for (const [name, target] of [
    ['a', '..'],
    ['d/a', '../..'],
    ['d/a', 'x/../y'],
    ['d/a', '..\\..\\x'],
    ['a', '/x'],
    ['a', 'c:x'],
  ] as const) {
    assert.equal(leadsOutside(name, target), true, `${name} ${target}`);
  }
});

test('entries treated as inputs are renamed, excluded and prefixed, others are as given', async (t) => {
  const cwd = makeTree(t, { f: '' });
  const additional = [{ kind: 'bytes', name: 'd/in', mode: 0o100644, mtimeMs: 0, bytes: new Uint8Array() }] as const;
  const names = async (options: object) =>
    (await select(['f'], { cwd, additional, additionalAsInputs: true, ...options })).names;
  assert.deepEqual(await names({ prefix: 'app' }), ['app/d/in', 'app/f']);
  assert.deepEqual(await names({ rename: [{ from: 'd/in', to: 'out' }] }), ['f', 'out']);
  assert.deepEqual(await names({ junkPaths: true }), ['f', 'in']);
  assert.deepEqual(await names({ exclude: ['in'] }), ['f']);
  assert.deepEqual(await names({ exclude: ['d/'] }), ['f']);
  assert.deepEqual((await select(['f', '!d/*'], { cwd, additional, additionalAsInputs: true })).names, ['f']);
  assert.deepEqual((await select(['f'], { cwd, additional, prefix: 'app', exclude: ['in'] })).names, ['app/f', 'd/in']);
  const stripped = await select(['f'], {
    cwd,
    additional,
    additionalAsInputs: true,
    stripComponents: 2,
    ifEmpty: 'ignore',
  });
  assert.deepEqual([stripped.names, stripped.warnings.map(({ code }) => code)], [[], ['PZIP_INPUT_IGNORED']]);
});
