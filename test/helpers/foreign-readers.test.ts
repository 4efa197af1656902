import assert from 'node:assert/strict';
import path from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compareTrees, readTree } from './compare-trees.js';
import {
  assertExtractsTo,
  availableReaders,
  checkWithEveryReader,
  differencesFrom,
  type ExpectedEntry,
  expectedOfTree,
  type ReadEntry,
  type ReaderName,
} from './foreign-readers.js';
import { runProcess } from './run-process.js';
import { buildTree, everyKindOfEntry, inTemporaryDirectory, type TreePlan } from './trees.js';

describe('archives that other programs made', () => {
  test('every reader finds in an archive of Info-ZIP what was packed', async (t) => {
    // Info-ZIP marks no name as UTF-8 in a way that Python and yauzl know of.
    const { folder, root } = await treeOf(t, only(everyKindOfEntry(), isAscii));
    const archive = path.join(folder, 'info-zip.zip');
    await make('zip', ['-qry', archive, '.'], root);
    const tree = await readTree(root);
    await checkWithEveryReader(archive, expectedOfTree(tree));
    await assertExtractsTo(archive, folder, tree);
  });

  test('every reader finds in an archive of 7-Zip what was packed', async (t) => {
    const { folder, root } = await treeOf(t, only(everyKindOfEntry(), isInDosRange));
    const archive = path.join(folder, '7-zip.zip');
    await make('7zz', ['a', '-tzip', '-snl', archive, '.'], root);
    const tree = await readTree(root);
    // It writes NTFS times, which some readers leave for the two-second DOS field.
    await checkWithEveryReader(archive, expectedOfTree(tree), { mtimeTolerance: 1 });
    await assertExtractsTo(archive, folder, tree, { mtimeTolerance: 1 });
  });

  test('every reader finds in an archive of Python what every other one finds', async (t) => {
    const { folder, root } = await treeOf(t, new Map([['a/b.txt', { kind: 'file', data: 'text '.repeat(1000) }]]));
    const archive = path.join(folder, 'python.zip');
    await make('python3', ['-m', 'zipfile', '-c', archive, 'a'], root);
    await checkWithEveryReader(archive);
  });
});

describe('what the readers must notice', () => {
  const plan: TreePlan = new Map([
    ['file.txt', { kind: 'file', data: 'the content\n'.repeat(100) }],
    ['folder', { kind: 'directory' }],
    ['link', { kind: 'symlink', target: 'file.txt' }],
  ]);

  test('an entry that was not expected, and a wrong content, size, CRC, type, mode or time, by each reader that sees it', async (t) => {
    const { folder, root } = await treeOf(t, plan);
    const archive = path.join(folder, 'good.zip');
    await make('zip', ['-qry', archive, '.'], root);
    const good = expectedOfTree(await readTree(root));
    const extracting = ['unzip extract', '7zz extract', 'bsdtar extract'];
    const streaming = ['bsdtar pipe', 'java ZipInputStream'];
    const listings = await listingsOf(archive);
    const expected = new Map(good);
    expected.delete('link');
    for (const [name, entries] of listings) {
      assert.deepEqual(differencesFrom(expected, entries), ['"link" was not expected'], name);
    }
    const readers: ReaderName[] = ['unzip extract'];
    const check = checkWithEveryReader(archive, expected, { readers });
    await assert.rejects(check, /unzip extract on .*good.zip: "link" was not expected/);

    const all = [...listings.keys()];
    const except = (...names: string[]) => all.filter((name) => !names.includes(name));

    const wrongs: [ExpectedEntry & { name: string }, string[]][] = [
      [{ name: 'file.txt', sha256: '00' }, all],
      [{ name: 'file.txt', size: 1199 }, all],
      [{ name: 'file.txt', crc32: 1 }, except(...extracting, 'bsdtar pipe')],
      [{ name: 'file.txt', type: 'directory' }, all],
      [{ name: 'link', type: 'file' }, [...extracting, 'python', 'go', 'yauzl']],
      [{ name: 'file.txt', mode: 0o600 }, except(...streaming, 'java ZipFile')],
      [{ name: 'file.txt', mtime: 1 }, except('python')],
      [{ name: 'not-there' }, all],
    ];
    for (const [{ name: entryName, ...wrong }, expectedToNotice] of wrongs) {
      const expected = new Map(good).set(entryName, { ...good.get(entryName), ...wrong });
      const noticed = [...listings].filter(([, entries]) => differencesFrom(expected, entries).length > 0);
      const names = noticed.map(([name]) => name);
      assert.deepEqual(names.sort(), expectedToNotice.sort(), `${entryName} with ${JSON.stringify(wrong)}`);
    }
  });
});

describe('what the readers must reject', () => {
  const crcReaders: ReaderName[] = ['unzip test', 'unzip extract', '7zz test', '7zz extract', 'bsdtar extract'];
  const refusals: [string, ReaderName[]][] = [
    [
      'content-with-another-crc',
      [...crcReaders, 'bsdtar pipe', 'zipcmp test', 'python', 'java ZipFile', 'java ZipInputStream', 'go', 'yauzl'],
    ],
    ['content-without-its-last-block', ['java zipfs']],
    ['local-crc-differs', ['ziptool consistency', 'yauzl']],
    ['local-version-differs', ['ziptool consistency', 'yauzl']],
    ['stored-with-a-descriptor', ['java ZipInputStream']],
    ['name-climbs-out', ['bsdtar extract', 'bsdtar pipe', 'java zipfs', 'yauzl']],
    // Here unzip extracts everything and ends with a warning, which is as bad.
    ['bytes-before-the-archive', ['unzip test', 'unzip extract', '7zz test', 'zipcmp test']],
  ];
  for (const [point, readers] of refusals) {
    test(point, async () => {
      const archive = fileURLToPath(new URL(`../../fixtures/broken/${point}.by-hand.zip`, import.meta.url));
      const refused: ReaderName[] = [];
      const installed = (await availableReaders()).filter(({ name }) => readers.includes(name));
      for (const { name, read } of installed) await read([archive]).catch(() => refused.push(name));
      assert.deepEqual(
        refused,
        installed.map(({ name }) => name),
      );
    });
  }

  test('the table has, for each reader, an archive that the reader rejects', () => {
    const all = new Set(refusals.flatMap(([, readers]) => readers));
    assert.equal(all.size, 14);
  });

  test('nothing of an archive with nothing wrong', async () => {
    await checkWithEveryReader(
      fileURLToPath(new URL('../../fixtures/broken/nothing-wrong.by-hand.zip', import.meta.url)),
    );
  });
});

describe('a reader that is not installed', () => {
  const script = `
    import { availableReaders } from ${JSON.stringify(new URL('./foreign-readers.js', import.meta.url).href)};
    console.log((await availableReaders()).map(({ name }) => name).join());
    await availableReaders();
  `;
  const run = (env: NodeJS.ProcessEnv) =>
    runProcess(process.execPath, ['--input-type=module', '-e', script], { env: { PATH: '/nowhere', ...env } });

  test('is named once on stderr and left out', async () => {
    const { code, stdout, stderr } = await run({});
    assert.equal(code, 0);
    assert.equal(stdout.toString(), 'yauzl\n');
    assert.match(stderr, /^foreign readers not installed: unzip, 7zz, .*go; what only they can check is left out\n$/);
  });

  test('fails where CI is set', async () => {
    const { code, stderr } = await run({ CI: '1' });
    assert.equal(code, 1);
    assert.match(stderr, /Error: foreign readers not installed: unzip, /);
  });
});

describe('two trees', () => {
  let differencesOf: (t: TestContext, plan: TreePlan) => Promise<string[]>;
  before(() => {
    const plan: TreePlan = new Map([
      ['file', { kind: 'file', data: 'content' }],
      ['empty', { kind: 'directory' }],
      ['link', { kind: 'symlink', target: 'file' }],
    ]);
    differencesOf = async (t, other) => {
      const a = await treeOf(t, new Map([...plan, ...other]));
      const b = await treeOf(t, plan);
      return compareTrees(a.root, b.root);
    };
  });

  test('are the same when nothing differs', async (t) => {
    assert.deepEqual(await differencesOf(t, new Map()), []);
  });

  const different: [string, TreePlan, RegExp][] = [
    ['content', new Map([['file', { kind: 'file', data: 'CONTENT' }]]), /"file" has other content/],
    ['size', new Map([['file', { kind: 'file', data: 'longer content' }]]), /"file" has 14 bytes, not 7/],
    ['mode', new Map([['file', { kind: 'file', data: 'content', mode: 0o755 }]]), /"file" has mode 755, not 644/],
    ['time', new Map([['file', { kind: 'file', data: 'content', mtime: 5 }]]), /"file" has mtime 5, not /],
    ['folder time', new Map([['empty', { kind: 'directory', mtime: 5 }]]), /"empty\/" has mtime 5, not /],
    ['link target', new Map([['link', { kind: 'symlink', target: 'FILE' }]]), /"link" has other content/],
    ['type', new Map([['link', { kind: 'file', data: 'file' }]]), /"link" is a file, not a symlink/],
    ['additional folder', new Map([['more', { kind: 'directory' }]]), /"more\/" was not expected/],
  ];
  for (const [what, plan, message] of different) {
    test(`differ in ${what}`, async (t) => {
      const differences = await differencesOf(t, plan);
      assert.equal(differences.length, 1);
      assert.match(differences[0] ?? '', message);
    });
  }

  test('differ in what is missing', async (t) => {
    const { root } = await treeOf(t, new Map([['file', { kind: 'file', data: '' }]]));
    assert.deepEqual(await compareTrees(new Map(), root), ['"file" is missing']);
  });

  test('are made with the same bytes, modes and times in any order', async (t) => {
    const { root } = await treeOf(t, everyKindOfEntry());
    const { root: other } = await treeOf(t, everyKindOfEntry(), 7);
    assert.deepEqual(await compareTrees(other, root, { compareLinkTimes: true }), []);
  });
});

async function treeOf(t: TestContext, plan: TreePlan, order?: number): Promise<{ folder: string; root: string }> {
  const folder = await inTemporaryDirectory(t);
  const root = path.join(folder, 'tree');
  buildTree(root, plan, order === undefined ? {} : { order });
  return { folder, root };
}

/** What each reader that tells anything tells of the archive. */
async function listingsOf(archive: string): Promise<Map<ReaderName, ReadEntry[]>> {
  const listings = new Map<ReaderName, ReadEntry[]>();
  for (const { name, read } of await availableReaders()) {
    const [entries] = await read([archive]);
    if (entries !== undefined) listings.set(name, entries);
  }
  return listings;
}

async function make(command: string, args: readonly string[], cwd: string): Promise<void> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  const { code, stderr } = await runProcess(command, args, { cwd, env });
  assert.equal(code, 0, `${command}: ${stderr}`);
}

function only(plan: TreePlan, keep: (name: string) => boolean): TreePlan {
  return new Map([...plan].filter(([name]) => keep(name)));
}

function isAscii(name: string): boolean {
  return Buffer.byteLength(name) === name.length;
}

function isInDosRange(name: string): boolean {
  return !['times/before-1980', 'times/1970', 'times/2038'].includes(name);
}
