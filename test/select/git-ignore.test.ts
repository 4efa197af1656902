import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SelectOptions } from '../../dist/select/select-options.js';
import { withEnvironment } from '../helpers/environment.js';
import { asNobody, byBytes, makeTree, pzipError, type Selection, select, type Tree } from './tree.js';

const isRoot = process.geteuid?.() === 0;
const NEEDS_ROOT = 'needs root, to make the files of another user';

/** A directory for the user's configuration, and `w`, a repository. */
function makeRepository(t: TestContext, tree: Tree): { readonly home: string; readonly cwd: string } {
  const home = makeTree(t, Object.fromEntries(Object.entries(tree).map(([name, content]) => [`w/${name}`, content])));
  const cwd = join(home, 'w');
  mkdirSync(cwd, { recursive: true });
  git(cwd, 'init', '-q');
  return { home, cwd };
}

/** The user's directory is the one above the working directory, and the system's configuration is left out. */
function environmentOf(home: string): Record<string, string | undefined> {
  const none = ['XDG_CONFIG_HOME', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_COUNT', 'SUDO_UID'];
  return { HOME: home, GIT_CONFIG_NOSYSTEM: '1', ...Object.fromEntries(none.map((name) => [name, undefined])) };
}

function git(cwd: string, ...args: readonly string[]): string {
  const home = /^.*?pzip-input-[^/]+/.exec(cwd)?.[0] ?? '';
  const name = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'protocol.file.allow=always'];
  return execFileSync('git', [...name, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...environmentOf(home), GIT_CONFIG_GLOBAL: join(home, '.gitconfig') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function listed(cwd: string): string[] {
  return byBytes([...new Set(git(cwd, 'ls-files', '-z', '-co', '--exclude-standard').split('\0').slice(0, -1))]);
}

async function taken(
  home: string,
  cwd: string,
  options: SelectOptions = {},
  inputs: readonly string[] = ['.'],
  variables: Readonly<Record<string, string | undefined>> = {},
): Promise<Selection & { readonly files: string[] }> {
  const selection = await withEnvironment({ ...environmentOf(home), ...variables }, () =>
    select(inputs, { cwd, gitignore: true, ...options }),
  );
  return { ...selection, files: selection.names.filter((name) => !name.endsWith('/')) };
}

function codes({ warnings }: Selection): string[] {
  return warnings.map(({ code }) => code);
}

test('.git/info/exclude counts, in a linked worktree too', async (t) => {
  const { home, cwd } = makeRepository(t, { a: '', secret: '', 'd/secret': '', '.gitignore': '!d/secret\n' });
  writeFileSync(join(cwd, '.git/info/exclude'), 'secret\n');
  assert.deepEqual(listed(cwd), ['.gitignore', 'a', 'd/secret']);
  assert.deepEqual((await taken(home, cwd)).files, listed(cwd));
  git(cwd, 'add', '-A');
  git(cwd, 'commit', '-qm', 'x');
  git(cwd, 'worktree', 'add', '-q', '../linked');
  const linked = join(home, 'linked');
  writeFileSync(join(linked, 'secret'), '');
  assert.deepEqual((await taken(home, linked)).files, listed(linked));
  assert.ok(!listed(linked).includes('secret'));
});

test("core.excludesFile counts from each of git's sources, and its default place without one", async (t) => {
  const names = ['xdg', 'home', 'system', 'own', 'worktree', 'included', 'conditional', 'branch', 'env', 'kept'];
  const { home, cwd } = makeRepository(t, Object.fromEntries(names.map((name) => [name, ''])));
  for (const name of names) writeFileSync(join(home, `${name}.ignore`), `${name}\n`);
  const check = async (ignored: string, variables: Record<string, string | undefined> = {}) => {
    const expected = byBytes(names.filter((name) => name !== ignored));
    assert.deepEqual((await taken(home, cwd, {}, ['.'], variables)).files, expected, ignored);
    const env = { ...process.env, ...environmentOf(home), ...variables };
    const theirs = execFileSync('git', ['ls-files', '-o', '--exclude-standard'], { cwd, env, encoding: 'utf8' });
    assert.deepEqual(byBytes(theirs.split('\n').slice(0, -1)), expected, `git, ${ignored}`);
  };
  mkdirSync(join(home, '.config/git'), { recursive: true });
  writeFileSync(join(home, '.config/git/ignore'), 'xdg\n');
  await check('xdg');
  writeFileSync(join(home, 'system'), `[core]\n\texcludesFile = ${home}/system.ignore\n`);
  await check('system', { GIT_CONFIG_NOSYSTEM: undefined, GIT_CONFIG_SYSTEM: join(home, 'system') });
  writeFileSync(
    join(home, '.gitconfig'),
    '[Core "x"]\nexcludesFile=no\n[CORE]\n\tExcludesFile = "~/home.ignore" ; mine\n',
  );
  await check('home', { GIT_CONFIG_NOSYSTEM: undefined, GIT_CONFIG_SYSTEM: join(home, 'system') });
  await check('', { GIT_CONFIG_GLOBAL: '/dev/null', XDG_CONFIG_HOME: '/nonexistent' });
  writeFileSync(join(home, 'more'), '[core]\nexcludesFile = ~/in\\\ncluded.ignore\n');
  appendFileSync(join(home, '.gitconfig'), '[include]\n path = more\n');
  await check('included');
  writeFileSync(join(home, 'conditional'), '[core]\nexcludesFile = ~/conditional.ignore\n');
  appendFileSync(
    join(home, '.gitconfig'),
    '[includeIf "gitdir:~/W/"]\npath=system\n[includeIf "gitdir:w/"]\npath = conditional\n',
  );
  await check('conditional');
  writeFileSync(join(home, 'branch'), '[core]\nexcludesFile = ~/branch.ignore\n');
  git(cwd, 'symbolic-ref', 'HEAD', 'refs/heads/topic/x');
  appendFileSync(
    join(home, '.gitconfig'),
    '[includeIf "onbranch:x"]\npath=system\n[includeIf "onbranch:topic/"]\npath = branch\n',
  );
  await check('branch');
  git(cwd, 'config', 'core.excludesFile', '../own.ignore');
  await check('own');
  git(cwd, 'config', 'extensions.worktreeConfig', 'true');
  git(cwd, 'config', '--worktree', 'core.excludesFile', `${home}/worktree.ignore`);
  await check('worktree');
  const variables = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'Core.ExcludesFile',
    GIT_CONFIG_VALUE_0: '~/env.ignore',
  };
  await check('env', variables);
  await check('', { ...variables, GIT_CONFIG_VALUE_0: '' });
});

test('tracked files that a pattern matches go in, and from an ignored directory only these', async (t) => {
  const { home, cwd } = makeRepository(t, {
    '.gitignore': '*.log\nout/\n/sub/\n',
    'a.log': '',
    'b.log': '',
    'out/kept': '',
    'out/other': '',
    'out/deep/er/kept': '',
    'out/deep/.gitignore': '!*\n',
    'out/deep/other': '',
    'out/empty/gone': '',
    'sub/x/é.log': '',
    'sub/x/y': '',
  });
  for (const version of ['2', '3', '4']) {
    git(cwd, 'add', '-f', 'a.log', 'out/kept', 'out/deep/er/kept', 'out/empty/gone', 'sub/x/é.log');
    if (version === '3') git(cwd, 'add', '-f', '-N', 'out/other');
    else git(cwd, 'rm', '-q', '--cached', '-f', '--ignore-unmatch', 'out/other');
    rmSync(join(cwd, 'out/empty/gone'), { force: true });
    git(cwd, 'update-index', '--index-version', version === '3' ? '2' : version);
    assert.equal(readFileSync(join(cwd, '.git/index')).readUInt32BE(4), Number(version));
    const { names, files, warnings } = await taken(home, cwd);
    assert.deepEqual(
      files,
      listed(cwd).filter((name) => name !== 'out/empty/gone'),
    );
    assert.ok(!names.includes('out/empty/') && names.includes('out/deep/er/'), 'directories that hold nothing tracked');
    assert.deepEqual(warnings, []);
    const viaPattern = await taken(home, cwd, {}, ['**']);
    assert.deepEqual(viaPattern.files, files);
    writeFileSync(join(cwd, 'out/empty/gone'), '');
  }
  const named = await taken(home, cwd, {}, ['a.log', 'b.log', 'out', 'sub/x']);
  assert.deepEqual(named.files, ['a.log', 'out/deep/er/kept', 'out/empty/gone', 'out/kept', 'sub/x/é.log']);
  const excluded = await taken(home, cwd, { exclude: ['a.log', 'out/deep'] });
  assert.deepEqual(excluded.files, ['.gitignore', 'out/empty/gone', 'out/kept', 'sub/x/é.log']);
});

test('in a working directory that git ignores, tracked files alone go in', async (t) => {
  const { home, cwd } = makeRepository(t, { '.gitignore': 'dist/\n', 'dist/a': '', 'dist/b': '', 'dist/c/d': '' });
  git(cwd, 'add', '-f', 'dist/b');
  for (const inputs of [['.'], ['**']]) {
    assert.deepEqual((await taken(home, join(cwd, 'dist'), {}, inputs)).files, listed(join(cwd, 'dist')));
  }
  await assert.rejects(taken(home, join(cwd, 'dist/c')), pzipError('PZIP_NOTHING_MATCHED', 'ignored'));
});

test('a split index and one with SHA-256 are read', async (t) => {
  const { home, cwd } = makeRepository(t, { '.gitignore': '*.log\n' });
  const names = Array.from({ length: 150 }, (_, index) => `${index}.log`);
  for (const name of names) writeFileSync(join(cwd, name), name);
  git(cwd, 'add', '-f', ...names.slice(0, 140));
  git(cwd, 'update-index', '--split-index');
  git(cwd, 'rm', '-q', '--cached', '3.log', '70.log', '139.log');
  writeFileSync(join(cwd, '5.log'), 'other');
  git(cwd, 'add', '-f', '5.log', '145.log', '146.log');
  const split = await taken(home, cwd);
  assert.deepEqual(split.files, listed(cwd));
  assert.equal(split.files.length, 140);
  assert.deepEqual(split.warnings, []);
  rmSync(join(cwd, '.git'), { recursive: true });
  git(cwd, 'init', '-q', '--object-format=sha256');
  git(cwd, 'add', '-f', '1.log', '2.log');
  assert.deepEqual((await taken(home, cwd)).files, ['.gitignore', '1.log', '2.log']);
});

test('an index that is damaged costs a warning, and never a crash', async (t) => {
  const { home, cwd } = makeRepository(t, { '.gitignore': '*.log\n', 'a.log': '', b: '' });
  for (const version of ['2', '4']) {
    git(cwd, 'add', '-f', '.');
    git(cwd, 'update-index', '--index-version', version);
    const path = join(cwd, '.git/index');
    const sound = readFileSync(path);
    // In place: ext4 has its blocks written at once where a file is emptied and written again.
    const starts = Array.from({ length: Math.ceil(sound.length / 7) }, (_, index) => 7 * index);
    for (const length of starts.reverse()) {
      truncateSync(path, length);
      const { files, warnings } = await taken(home, cwd);
      assert.deepEqual(files, ['.gitignore', 'b']);
      assert.deepEqual(
        warnings.map(({ code, path: where }) => [code, where]),
        [['PZIP_REPOSITORY_SKIPPED', path]],
      );
    }
    writeFileSync(path, sound);
    const index = openSync(path, 'r+');
    for (let position = 0; position < sound.length; position++) {
      for (const value of [0, 0x7f, 0xff]) {
        writeSync(index, Buffer.of(value), 0, 1, position);
        const { files } = await taken(home, cwd);
        assert.ok(files.includes('b') && files.includes('.gitignore'));
      }
      writeSync(index, sound, position, 1, position);
    }
    closeSync(index);
    unlinkSync(path);
  }
  execFileSync('mkfifo', [join(cwd, '.git/index')]);
  assert.deepEqual(codes(await taken(home, cwd)), ['PZIP_REPOSITORY_SKIPPED']);
});

test('with core.ignoreCase, patterns and tracked files match whatever the case of ASCII letters', async (t) => {
  const { home, cwd } = makeRepository(t, {
    '.gitignore': 'Build/\n*.LOG\n/One/Two\n[x]y\nÉ\n!Keep.log\n\\Quoted\n',
    'BUILD/x': '',
    'a.Log': '',
    'tracked.log': '',
    'one/two': '',
    XY: '',
    é: '',
    É: '',
    'keep.LOG': '',
    quoted: '',
    Quoted2: '',
  });
  for (const value of ['true', 'false', 'yes', '0']) {
    git(cwd, 'config', 'core.ignoreCase', value);
    git(cwd, 'add', '-f', 'tracked.log');
    assert.deepEqual((await taken(home, cwd)).files, listed(cwd), value);
  }
});

test('names and patterns are compared by their bytes', async (t) => {
  const { home, cwd } = makeRepository(t, {
    '.gitignore': 'caf?\n[é]\nx[!a]\n??.t\nz*é\n[[:alpha:]]1\n[[:punct:]]2\n',
    café: '',
    cafe: '',
    é: '',
    Ã: '',
    xé: '',
    xb: '',
    'é.t': '',
    'ab.t': '',
    zzé: '',
    é1: '',
    a1: '',
    '-2': '',
    é2: '',
  });
  writeFileSync(Buffer.concat([Buffer.from(`${cwd}/q`), Buffer.from([0xff])]), '');
  appendFileSync(join(cwd, '.gitignore'), Buffer.concat([Buffer.from('q'), Buffer.from([0xff, 0x0a])]));
  assert.deepEqual((await taken(home, cwd)).files, listed(cwd));
});

test('lines are read as git reads them: ends, marks, NULs, spaces, other encodings', async (t) => {
  const { home, cwd } = makeRepository(t, {
    a: '',
    b: '',
    c: '',
    'd ': '',
    e: '',
    f: '',
    'g\r': '',
    h: '',
    'sub/i': '',
  });
  for (const bytes of [
    Buffer.from('\uFEFFa\r\nb\r'),
    Buffer.from('a\0x\nb\0\n'),
    Buffer.from('c   \nd\\ \ne\\\\ \n'),
    Buffer.from('\uFEFF#a\n\\#\n!\n/\n//\n\\\nf\\\n'),
    Buffer.from('\uFEFFa\nb\n', 'utf16le'),
    Buffer.from('g\r\r\nh'),
    Buffer.from('\r\n\n \n  a\n'),
    Buffer.from('/sub/i\n[\n[]\n[a\n[!]\n[b-]\n'),
  ]) {
    writeFileSync(join(cwd, '.gitignore'), bytes);
    assert.deepEqual((await taken(home, cwd)).files, listed(cwd), bytes.toString('latin1'));
  }
});

test('a .gitignore that is a link is not followed, with one warning', async (t) => {
  const { home, cwd } = makeRepository(t, {
    rules: 'f\n',
    's/.gitignore': '→ ../rules',
    's/f': '',
    'dangling/.gitignore': '→ nowhere',
    'dangling/f': '',
    'loop/.gitignore': '→ .gitignore',
    'zero/.gitignore': '→ /dev/zero',
    'directory/.gitignore': '→ ..',
  });
  const selection = await taken(home, cwd);
  const { files } = selection;
  const warnings = selection.warnings.filter(({ code }) => code === 'PZIP_IGNORE_FILE_SKIPPED');
  assert.deepEqual(files, listed(cwd));
  assert.deepEqual(
    warnings.map(({ code, path }) => [code, path]),
    ['dangling', 'directory', 'loop', 's', 'zero'].map((name) => [
      'PZIP_IGNORE_FILE_SKIPPED',
      join(cwd, name, '.gitignore'),
    ]),
  );
  assert.match(warnings[0]?.message ?? '', /is a symbolic link/);
  const again = await taken(home, cwd, {}, ['s/{.*,*}', 's', 's/f']);
  assert.deepEqual(again.files, ['s/.gitignore', 's/f']);
  assert.equal(again.warnings.filter(({ code }) => code === 'PZIP_IGNORE_FILE_SKIPPED').length, 1);
});

test("special files in place of git's files do not block the run", async (t) => {
  const { home, cwd } = makeRepository(t, { a: '', 'd/.gitignore/x': '', 'f/x': '', 's/x': '' });
  execFileSync('mkfifo', [join(cwd, 'f/.gitignore'), join(home, 'config'), join(home, 'excludes')]);
  rmSync(join(cwd, '.git/info'), { recursive: true });
  mkdirSync(join(cwd, '.git/info'));
  execFileSync('mkfifo', [join(cwd, '.git/info/exclude')]);
  const server = createServer().listen(join(cwd, 's/.gitignore'));
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  writeFileSync(join(home, '.gitconfig'), `[include]\npath = config\n[core]\nexcludesFile = ${home}/excludes\n`);
  const { files, warnings } = await taken(home, cwd);
  assert.deepEqual(files, ['a', 'd/.gitignore/x', 'f/x', 's/x']);
  const skipped = warnings.filter(({ code }) => code !== 'PZIP_SPECIAL_SKIPPED').map(({ message }) => message);
  assert.equal(skipped.length, 5);
  for (const message of skipped) assert.match(message, /is a (?:FIFO|socket)/i);
  assert.equal(codes({ warnings, names: [], sources: [] }).filter((code) => code === 'PZIP_SPECIAL_SKIPPED').length, 2);
});

test('an ignore file that cannot be read to its end is an error, since it may keep a secret out', async (t) => {
  const { home, cwd } = makeRepository(t, { a: '', 'd/.gitignore': 'secret\n', 'd/secret': '' });
  const excludes = join(cwd, '.git/info/exclude');
  for (const path of [join(cwd, 'd/.gitignore'), excludes]) {
    truncateSync(path, 16 * 1024 * 1024 + 1);
    await assert.rejects(
      taken(home, cwd, { skipUnreadable: true }),
      pzipError('PZIP_SOURCE_UNSUPPORTED', path, 'large'),
    );
    writeFileSync(path, Array.from({ length: 151_000 }, (_, index) => `x${index}\n`).join(''));
    await assert.rejects(taken(home, cwd), pzipError('PZIP_SOURCE_UNSUPPORTED', path, 'too many patterns'));
    writeFileSync(path, 'secret\n');
  }
  execFileSync('chown', ['-R', isRoot ? '65534' : `${process.getuid?.()}`, home]);
  for (const path of [join(cwd, 'd/.gitignore'), excludes]) {
    chmodSync(path, 0);
    await asNobody(async () => {
      await assert.rejects(
        taken(home, cwd, { skipUnreadable: true }),
        pzipError('PZIP_SOURCE_UNREADABLE', path, 'EACCES'),
      );
    });
    chmodSync(path, 0o644);
  }
});

test("a user's configuration in a directory that is closed to this process does not stop it", async (t) => {
  const { home, cwd } = makeRepository(t, { a: '' });
  mkdirSync(join(home, 'closed'), { mode: 0o700 });
  if (!isRoot) chmodSync(join(home, 'closed'), 0);
  execFileSync('chown', ['-R', isRoot ? '65534' : `${process.getuid?.()}`, cwd]);
  await asNobody(async () => {
    const { files, warnings } = await taken(home, cwd, {}, ['.'], { HOME: join(home, 'closed') });
    assert.deepEqual([files, warnings], [['a'], []]);
  });
  chmodSync(join(home, 'closed'), 0o700);
});

test("another user's repository is not trusted, unless safe.directory names it", async (t) => {
  if (!isRoot) return t.skip(NEEDS_ROOT);
  const home = makeTree(t, {
    'open/.gitignore': 'important*\n',
    'open/w/important.txt': '',
    'open/w/other': '',
    'open/w/.gitignore': 'own\n',
    'open/w/own': '',
    'open/w/sub/important.log': '',
  });
  const open = join(home, 'open');
  const cwd = join(open, 'w');
  git(open, 'init', '-q');
  writeFileSync(join(open, '.git/info/exclude'), 'other\n');
  for (const name of ['.git', '.gitignore']) execFileSync('chown', ['-R', '65534', join(open, name)]);
  const foreign = ['.gitignore', 'important.txt', 'other', 'sub/important.log'];
  const check = async (expected: string[], warned: string[], variables: Record<string, string> = {}) => {
    for (const [where, inputs] of [
      [cwd, ['.']],
      [cwd, ['**']],
      [join(cwd, 'sub'), ['.']],
    ] as const) {
      const selection = await taken(home, where, { ifEmpty: 'ignore' }, inputs, variables);
      const at = where === cwd ? '' : 'sub/';
      assert.deepEqual(
        selection.files,
        expected.flatMap((name) => (name.startsWith(at) ? name.slice(at.length) : [])),
      );
      assert.deepEqual(codes(selection), warned);
    }
  };
  await check(foreign, ['PZIP_REPOSITORY_SKIPPED']);
  const [warning] = (await taken(home, cwd)).warnings;
  assert.match(warning?.message ?? '', /belongs to another user \(uid 65534\).*safe\.directory/);
  assert.equal(warning?.path, open);
  const config = join(home, '.gitconfig');
  for (const value of ['/elsewhere', `${home}/*x`, 'open', '.', `${open}/w`, `${open}\n\tdirectory =`]) {
    writeFileSync(config, `[safe]\n\tdirectory = ${value}\n`);
    await check(foreign, ['PZIP_REPOSITORY_SKIPPED']);
  }
  // A repository cannot vouch for itself.
  rmSync(config);
  appendFileSync(join(open, '.git/config'), '[safe]\n\tdirectory = *\n');
  await check(foreign, ['PZIP_REPOSITORY_SKIPPED']);
  for (const value of [open, `${open}/`, '*', '~/open', `${home}/*`]) {
    writeFileSync(config, `[safe]\n\tdirectory = ${value}\n`);
    await check(['.gitignore'], []);
  }
  rmSync(config);
  await check(['.gitignore'], [], { SUDO_UID: '65534' });
  // What is in the tree that is packed counts whoever owns it.
  chownSync(join(cwd, '.gitignore'), 65_534, 65_534);
  await check(foreign, ['PZIP_REPOSITORY_SKIPPED']);
});

test('of a foreign repository in the tree, the working tree alone counts', async (t) => {
  if (!isRoot) return t.skip(NEEDS_ROOT);
  const { home, cwd } = makeRepository(t, {
    '.gitignore': 'outer\n',
    'in/.gitignore': '*.log\n',
    'in/a.log': '',
    'in/b': '',
    'in/outer': '',
  });
  git(join(cwd, 'in'), 'init', '-q');
  git(join(cwd, 'in'), 'add', '-f', 'a.log');
  writeFileSync(join(cwd, 'in/.git/info/exclude'), 'b\n');
  assert.deepEqual((await taken(home, cwd)).files, ['.gitignore', 'in/.gitignore', 'in/a.log', 'in/outer']);
  execFileSync('chown', ['-R', '65534', join(cwd, 'in')]);
  const selection = await taken(home, cwd);
  assert.deepEqual(selection.files, ['.gitignore', 'in/.gitignore', 'in/b', 'in/outer']);
  assert.deepEqual(codes(selection), ['PZIP_REPOSITORY_SKIPPED']);
});

test('a .git that is no repository changes nothing', async (t) => {
  const tree = { '.gitignore': '*.x\n', 'in/a.x': '', 'in/b': '' };
  for (const mark of [
    { 'in/.git/': '' },
    { 'in/.git/HEAD': 'ref: refs/heads/main\n' },
    { 'in/.git/HEAD': 'nonsense', 'in/.git/objects/': '', 'in/.git/refs/': '' },
    { 'in/.git': 'not a pointer' },
    { 'in/.git': '→ nowhere' },
  ]) {
    const { home, cwd } = makeRepository(t, { ...tree, ...mark });
    assert.deepEqual((await taken(home, cwd)).files, ['.gitignore', 'in/b'], JSON.stringify(mark));
    assert.deepEqual((await taken(home, join(cwd, 'in'))).files, ['b'], JSON.stringify(mark));
  }
  const { home, cwd } = makeRepository(t, {
    ...tree,
    'in/.git/HEAD': 'ref: refs/heads/x',
    'in/.git/objects/': '',
    'in/.git/refs/': '',
  });
  assert.deepEqual((await taken(home, cwd)).files, ['.gitignore', 'in/a.x', 'in/b']);
});

test('a submodule is separate, also one in an ignored directory', async (t) => {
  const { home, cwd } = makeRepository(t, { '.gitignore': 'libs/\n*.o\n', 'libs/other': '' });
  const origin = join(home, 'origin');
  mkdirSync(origin);
  writeFileSync(join(origin, 'a.o'), '');
  git(origin, 'init', '-q');
  git(origin, 'add', '-A');
  git(origin, 'commit', '-qm', 'x');
  git(cwd, 'submodule', '--quiet', 'add', '-f', origin, 'libs/sub');
  writeFileSync(join(cwd, 'libs/sub/b.o'), '');
  writeFileSync(join(cwd, '.git/modules/libs/sub/info/exclude'), 'secret\n');
  writeFileSync(join(cwd, 'libs/sub/secret'), '');
  assert.deepEqual(listed(cwd), ['.gitignore', '.gitmodules', 'libs/sub']);
  assert.deepEqual(listed(join(cwd, 'libs/sub')), ['a.o', 'b.o']);
  assert.deepEqual((await taken(home, cwd)).files, ['.gitignore', '.gitmodules', 'libs/sub/a.o', 'libs/sub/b.o']);
  assert.deepEqual((await taken(home, join(cwd, 'libs/sub'))).files, ['a.o', 'b.o']);
});

test('a .gitignore that a sparse checkout leaves out is warned of', async (t) => {
  const { home, cwd } = makeRepository(t, { a: '', 'd/.gitignore': 'x\n', 'd/b': '' });
  git(cwd, 'add', '-A');
  git(cwd, 'commit', '-qm', 'x');
  git(cwd, 'sparse-checkout', 'set', '--no-cone', '/*', '!/d/.gitignore');
  const { warnings } = await taken(home, cwd);
  assert.deepEqual(
    warnings.map(({ code, path }) => [code, path]),
    [['PZIP_IGNORE_FILE_SKIPPED', join(cwd, 'd/.gitignore')]],
  );
});

test('includes that include themselves and broken configuration end in a warning at most', async (t) => {
  const { home, cwd } = makeRepository(t, { a: '', b: '' });
  const config = join(home, '.gitconfig');
  writeFileSync(config, '[include]\npath = .gitconfig\npath = ~/.gitconfig\n[core]\nexcludesFile = ~/x\n');
  writeFileSync(join(home, 'x'), 'b\n');
  assert.deepEqual((await taken(home, cwd)).files, ['a']);
  writeFileSync(config, '[core]\nexcludesFile = ~/x\n[broken\n');
  const selection = await taken(home, cwd);
  assert.deepEqual(selection.files, ['a']);
  assert.deepEqual(codes(selection), ['PZIP_REPOSITORY_SKIPPED']);
  assert.match(selection.warnings[0]?.message ?? '', /Line 3/);
  writeFileSync(config, '[include]\npath = /dev/zero\n');
  assert.deepEqual(codes(await taken(home, cwd)), ['PZIP_REPOSITORY_SKIPPED']);
});

test('the search for a repository stops at GIT_CEILING_DIRECTORIES', async (t) => {
  const { home, cwd } = makeRepository(t, { '.gitignore': 'x\n', 'd/e/x': '' });
  const inner = join(cwd, 'd/e');
  assert.deepEqual((await taken(home, inner, { ifEmpty: 'ignore' })).files, []);
  for (const [ceiling, isFound] of [
    [cwd, false],
    [join(cwd, 'd'), false],
    [home, true],
    [inner, true],
  ] as const) {
    const variables = { GIT_CEILING_DIRECTORIES: `relative:${ceiling}` };
    const { files } = await taken(home, inner, { ifEmpty: 'ignore' }, ['.'], variables);
    assert.deepEqual(files, isFound ? [] : ['x'], ceiling);
  }
});

test('a working directory that was given by a link lies where the link leads', async (t) => {
  const { home, cwd } = makeRepository(t, {
    '.gitignore': '*.log\nout/\n',
    'd/a.log': '',
    'd/t.log': '',
    'd/b': '',
    'd/out/x': '',
  });
  git(cwd, 'add', '-f', 'd/t.log');
  symlinkSync('w/d', join(home, 'link'));
  symlinkSync('w', join(home, 'top'));
  for (const inputs of [['.'], ['**'], ['a.log', 't.log', 'b', 'out']]) {
    assert.deepEqual((await taken(home, join(home, 'link'), {}, inputs)).files, ['b', 't.log']);
  }
  assert.deepEqual((await taken(home, join(home, 'top'))).files, ['.gitignore', 'd/b', 'd/t.log']);
  assert.deepEqual((await taken(home, join(home, 'top/d'))).files, ['b', 't.log']);
});

test('a repository that cannot be read is named, and its .gitignore files count', async (t) => {
  const { home, cwd } = makeRepository(t, {
    '.gitignore': 'outer\n',
    'in/.gitignore': '*.log\n',
    'in/a.log': '',
    'in/outer': '',
  });
  git(join(cwd, 'in'), 'init', '-q');
  execFileSync('chown', ['-R', isRoot ? '65534' : `${process.getuid?.()}`, cwd]);
  chmodSync(join(cwd, 'in/.git'), 0);
  await asNobody(async () => {
    const selection = await taken(home, cwd);
    assert.deepEqual(selection.files, ['.gitignore', 'in/.gitignore', 'in/outer']);
    assert.deepEqual(codes(selection), ['PZIP_REPOSITORY_SKIPPED']);
  });
  chmodSync(join(cwd, 'in/.git'), 0o755);
});

test('an ignored hard link or a repository reached by a link changes nothing', async (t) => {
  const { home, cwd } = makeRepository(t, { '.gitignore': 'x\n', x: '', y: '' });
  linkSync(join(cwd, 'x'), join(cwd, 'z'));
  renameSync(join(cwd, '.git'), join(home, 'elsewhere'));
  symlinkSync('../elsewhere', join(cwd, '.git'));
  writeFileSync(join(cwd, '.git/info/exclude'), 'y\n');
  assert.deepEqual(listed(cwd), ['.gitignore', 'z']);
  assert.deepEqual((await taken(home, cwd)).files, listed(cwd));
});
