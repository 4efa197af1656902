import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runProcess } from '../helpers/run-process.js';
import { PZIP } from '../helpers/run-pzip.js';
import { casesOf } from '../helpers/slow-suite.js';
import { buildTree, DEFAULT_MTIME, everyKindOfEntry, inTemporaryDirectory, type TreePlan } from '../helpers/trees.js';
import { namesIn, open, pzip } from './command.js';

const EPOCH_1980 = 315_532_800;

/** Midnight of the first of January 1980, as MS-DOS writes it. */
const DOS_1980 = { lastModFileDate: (1 << 5) | 1, lastModFileTime: 0 };

/** Without a hard link, whose mode is that of what it is linked to, and whatever keeps its owner from reading. */
function plan(): TreePlan {
  return new Map([...everyKindOfEntry()].filter(([name]) => name !== 'hard-link'));
}

async function madeTree(t: TestContext): Promise<string> {
  const root = await inTemporaryDirectory(t);
  buildTree(join(root, 'tree'), plan());
  return root;
}

test('another umask, time zone, locale, directory, date and order of creation give the same bytes', async (t) => {
  const one = await madeTree(t);
  const other = join(await inTemporaryDirectory(t), 'elsewhere');
  buildTree(join(other, 'tree'), new Map([...plan()].map(([name, item]) => [name, otherwise(item)])), {
    order: 7,
  });
  await pzip(one, ['-q', '--reproducible', 'out.zip', 'tree'], { env: { TZ: 'Asia/Kathmandu' } });
  const expected = readFileSync(join(one, 'out.zip'));

  const surroundings: NodeJS.ProcessEnv[] = [
    { TZ: 'America/St_Johns', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
    { TZ: 'Pacific/Kiritimati', LC_ALL: 'C', HOME: '/' },
  ];
  for (const [index, env] of surroundings.entries()) {
    const command = `umask 0${index}77; exec "$@"`;
    const argv = ['-c', command, 'sh', process.execPath, PZIP, '-q', '--reproducible', '--threads', String(index + 1)];
    const outcome = await runProcess('sh', [...argv, 'out.zip', 'tree'], {
      cwd: other,
      env: { PATH: process.env.PATH, ...env },
    });
    assert.deepEqual([outcome.code, outcome.stderr], [0, '']);
    assert.ok(readFileSync(join(other, 'out.zip')).equals(expected), JSON.stringify(env));
  }
});

/** The same content under the same name, as another user with another umask has it, at another time. */
function otherwise(item: NonNullable<ReturnType<TreePlan['get']>>): typeof item {
  if (item.kind === 'hardlink') return item;
  const mtime = (item.mtime ?? DEFAULT_MTIME) + 86_399;
  if (item.kind === 'symlink') return { ...item, mtime };
  if (item.kind === 'directory') return { ...item, mtime, mode: 0o770 };
  const isExecutable = ((item.mode ?? 0o644) & 0o111) !== 0;
  return { ...item, mtime, mode: isExecutable ? 0o710 : 0o640 };
}

test('--reproducible writes one date, in UTC, and modes of 0644 and 0755', async (t) => {
  const cwd = await madeTree(t);
  await pzip(cwd, ['-q', '--reproducible', 'out.zip', 'tree'], { env: { TZ: 'America/New_York' } });
  for (const { name, unixTime, lastModFileDate, lastModFileTime, mode } of open(cwd, 'out.zip').entries) {
    assert.equal(unixTime, EPOCH_1980, name);
    assert.deepEqual({ lastModFileDate, lastModFileTime }, DOS_1980, name);
    const permissions = { 4: 0o755, 8: name.endsWith('script.sh') ? 0o755 : 0o644, 10: 0o777 }[mode >> 12];
    assert.equal(mode & 0o7777, permissions, name);
  }
});

test('SOURCE_DATE_EPOCH is the date of everything with --reproducible, and the latest without', async (t) => {
  const cwd = await madeTree(t);
  const env = { SOURCE_DATE_EPOCH: '1600000000' };
  await pzip(cwd, ['-q', '--reproducible', 'out.zip', 'tree'], { env });
  assert.deepEqual(new Set(open(cwd, 'out.zip').entries.map(({ unixTime }) => unixTime)), new Set([1_600_000_000]));

  await pzip(cwd, ['-q', 'out.zip', 'tree'], { env });
  const times = new Map(open(cwd, 'out.zip').entries.map(({ name, unixTime }) => [name, unixTime]));
  assert.equal(times.get('tree/readme.txt'), 1_600_000_000);
  assert.equal(times.get('tree/private-folder/'), 1_500_000_001);
  assert.equal(times.get('tree/times/2038'), 1_600_000_000);
  assert.equal(times.get('tree/times/1970'), 0);
});

test('a SOURCE_DATE_EPOCH that is no number ends it', async (t) => {
  const cwd = await madeTree(t);
  for (const value of casesOf(['yesterday', '1.5', '-1', '0x10', '99999999999999999999'], (_, i) => i % 3 === 1)) {
    const { code, stderr } = await runProcess(process.execPath, [PZIP, 'out.zip', 'tree'], {
      cwd,
      env: { PATH: process.env.PATH, SOURCE_DATE_EPOCH: value },
    });
    assert.equal(code, 2);
    assert.match(stderr, /^pzip: SOURCE_DATE_EPOCH .*\n$/);
  }
  assert.ok(!existsSync(join(cwd, 'out.zip')));
});

test('strip-nondeterminism finds nothing to do', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  // It takes the type from the mode of a link, which is its own mistake, and puts dates before noon of 1980-01-01 there.
  buildTree(join(cwd, 'tree'), new Map([...plan()].filter(([, { kind }]) => kind !== 'symlink')));
  await pzip(cwd, ['-q', '--reproducible', 'out.zip', 'tree'], { env: { SOURCE_DATE_EPOCH: '1600000000' } });
  copyFileSync(join(cwd, 'out.zip'), join(cwd, 'stripped.zip'));
  const outcome = await runProcess('strip-nondeterminism', ['-t', 'zip', '-T', '1600000000', 'stripped.zip'], {
    cwd,
    env: { ...process.env, TZ: 'UTC' },
  }).catch(() => undefined);
  if (outcome === undefined) {
    t.diagnostic('strip-nondeterminism is not installed');
    return;
  }
  assert.equal(outcome.code, 0, outcome.stderr);
  assert.ok(
    readFileSync(join(cwd, 'stripped.zip')).equals(readFileSync(join(cwd, 'out.zip'))),
    'it changed the archive',
  );
});

const MODE_CASES: readonly (readonly [policy: string, ofFile: number, written: number])[] = [
  ['keep', 0o640, 0o640],
  ['keep', 0o4711, 0o711],
  ['keep', 0o7711, 0o711],
  ['keep-special', 0o4711, 0o4711],
  ['keep-special', 0o7640, 0o7640],
  ['a+rX', 0o4711, 0o755],
  ['normalize', 0o640, 0o644],
  ['normalize', 0o4711, 0o755],
  ['normalize', 0o401, 0o755],
  ['a+rX', 0o600, 0o644],
  ['a+rX', 0o700, 0o755],
  ['a+rX', 0o660, 0o664],
];

test('--modes says which permissions are written', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  mkdirSync(join(cwd, 'd'));
  for (const ofFile of new Set(MODE_CASES.map(([, mode]) => mode))) {
    const file = join(cwd, 'd', ofFile.toString(8));
    writeFileSync(file, 'x');
    chmodSync(file, ofFile);
  }
  chmodSync(join(cwd, 'd'), 0o7750);
  for (const policy of new Set(MODE_CASES.map(([name]) => name))) {
    await pzip(cwd, ['-q', '--modes', policy, 'out.zip', 'd']);
    const modes = new Map(open(cwd, 'out.zip').entries.map(({ name, mode }) => [name, (mode & 0o7777).toString(8)]));
    const directory = { keep: 0o750, 'keep-special': 0o7750 }[policy] ?? 0o755;
    assert.equal(modes.get('d/'), directory.toString(8), policy);
    for (const [, ofFile, written] of MODE_CASES.filter(([name]) => name === policy)) {
      const name = `d/${ofFile.toString(8)}`;
      assert.equal(modes.get(name), written.toString(8), `${policy} ${name}`);
    }
  }
});

test('a file without read permission is readable only for its owner in the archive', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root, who reads such files all the same');
  const cwd = await inTemporaryDirectory(t);
  const large = 'x'.repeat(1024 * 1024 + 1);
  const tree = new Map([
    ['closed/f', { kind: 'file', data: 'x' }],
    ['large', { kind: 'file', data: large }],
    ['shadow', { kind: 'file', data: 'x' }],
  ] as const);
  buildTree(join(cwd, 'd'), tree);
  for (const special of casesOf([0o7000, 0], (mode) => mode !== 0)) {
    for (const name of ['d/closed', 'd/large', 'd/shadow']) chmodSync(join(cwd, name), special);
    await pzip(cwd, ['-q', '-x', 'f', 'out.zip', 'd']);
    const modes = open(cwd, 'out.zip').entries.map(({ name, mode }) => [name, (mode & 0o7777).toString(8)]);
    assert.deepEqual(modes.slice(1), [
      ['d/closed/', '700'],
      ['d/large', '400'],
      ['d/shadow', '400'],
    ]);
    await pzip(cwd, ['-q', '--modes', 'a+rX', 'out.zip', 'd']);
    assert.ok(open(cwd, 'out.zip').entries.every(({ mode }) => (mode & 0o444) === 0o444));
  }
});

test('--no-extra leaves the fields out, -D the directories, and -c writes the comment', async (t) => {
  const cwd = await madeTree(t);
  await pzip(cwd, ['-q', '--no-extra', '-D', '-c', 'made by hand', 'out.zip', 'tree']);
  const { entries, comment } = open(cwd, 'out.zip');
  assert.equal(comment.toString(), 'made by hand');
  assert.ok(entries.every(({ unixTime, name }) => unixTime === undefined && !name.endsWith('/')));
});

test('a file that was only touched or moved gives the same archive with --reproducible', async (t) => {
  const cwd = await madeTree(t);
  await pzip(cwd, ['-q', '--reproducible', 'one.zip', 'tree']);
  utimesSync(join(cwd, 'tree/readme.txt'), 1, 1);
  renameSync(join(cwd, 'tree'), join(cwd, 'moved'));
  await pzip(cwd, ['-q', '--reproducible', '--rename', 'moved=tree', 'two.zip', 'moved']);
  assert.ok(readFileSync(join(cwd, 'one.zip')).equals(readFileSync(join(cwd, 'two.zip'))));
  assert.ok(namesIn(cwd, 'two.zip').includes('tree/readme.txt'));
});
