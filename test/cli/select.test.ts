import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { selectSources } from '../../dist/select/select.js';
import { runPzip } from '../helpers/run-pzip.js';
import { makeTree } from '../select/tree.js';
import { namesOf, pzip, pzipFails } from './command.js';

/** What the command packs of these inputs, without starting it. */
async function selected(cwd: string, inputs: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  for await (const batch of selectSources(inputs, { cwd })) names.push(...batch.map(({ name }) => name));
  return names;
}

test('a pattern packs the same whether the shell or pzip expands it', async (t) => {
  const cwd = makeTree(t, {
    'top/a.txt': '',
    'top/.env': '',
    'top/sub/b': '',
    'top/sub/.c': '',
    'top/empty/': '',
    'top/[x]/y': '',
    'top/sub2/deep/d': '',
  });
  for (const pattern of [
    'top/*',
    '*',
    'top/s*',
    'top/*/*',
    'top/?ub',
    'top/[a-s]*',
    'top/.*',
    'top/{sub,a}*',
    '*/sub*/*',
  ]) {
    const words = execFileSync('bash', ['-c', `printf '%s\\n' ${pattern}`], { cwd, encoding: 'utf8' })
      .split('\n')
      .slice(0, -1);
    assert.deepEqual(await selected(cwd, [pattern]), await selected(cwd, words), pattern);
  }
});

test('-C LINK . packs the directory behind the link, beside another input too', async (t) => {
  const cwd = makeTree(t, { 'real/sub/g': '', LICENSE: '', current: '→ real' });
  assert.deepEqual(await namesOf(cwd, '-C', 'current', '.'), ['sub/', 'sub/g']);
  assert.deepEqual(await namesOf(cwd, '-C', 'current', '.', '../LICENSE'), ['LICENSE', 'sub/', 'sub/g']);
  const { stdout } = await pzip(cwd, ['-n', '-C', 'current', 'x.zip', '.', '!sub/*']);
  assert.match(stdout.toString(), /sub\/\n$/);
});

test('--prefix, --rename, -x and -j reach standard input, and what is left out is said', async (t) => {
  const cwd = makeTree(t, { f: '' });
  const stdin = { stdin: 'x' };
  const names = async (...args: string[]) => {
    const { stdout } = await pzip(cwd, ['-n', ...args, 'x.zip', '-', 'f'], stdin);
    return stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/\s+/)[1]);
  };
  assert.deepEqual(await names('--prefix', 'app'), ['app/f', 'app/stdin']);
  assert.deepEqual(await names('--rename', 'stdin=dump.sql'), ['dump.sql', 'f']);
  assert.deepEqual(await names('--stdin-name', 'd/in', '-j'), ['f', 'in']);
  assert.deepEqual(await names('--stdin-name', 'd/in', '-x', 'd/'), ['f']);
  const { stderr } = await runPzip(['x.zip', '-', 'f', '-x', 'stdin'], { cwd, ...stdin });
  assert.match(stderr, /'stdin' is left out by an ignore pattern/);
});

test('under --strict a pattern that can match nothing, and a link that leads outside, are errors', async (t) => {
  const cwd = makeTree(t, { '.env': '', 't/a': '', 't/out': '→ /etc/passwd' });
  await pzipFails(cwd, ['--strict', 'o.zip', '-x=.env', '.env'], 1, ['=.env']);
  await pzipFails(cwd, ['--strict', 'o.zip', '-x', '../elsewhere', 't/a'], 1, ['../elsewhere']);
  await pzipFails(cwd, ['--strict', 'o.zip', 't'], 1, ['t/out', '/etc/passwd']);
  const { stderr } = await pzip(cwd, ['o.zip', 't']);
  assert.match(stderr, /'t\/out' leads to '\/etc\/passwd', outside of what is packed/);
});

test('a process substitution and /dev/stdin as inputs are errors that name -', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async (t) => {
  const cwd = makeTree(t, {});
  await pzipFails(cwd, ['o.zip', '/dev/stdin'], 1, ['/dev/stdin', "'-'"], { stdin: 'x' });
  const bin = new URL('../../bin/pzip.js', import.meta.url).pathname;
  const { status, stderr } = spawnSync('bash', ['-c', `"$0" "${bin}" -q o.zip <(echo content)`, process.execPath], {
    cwd,
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /leads to a pipe/);
});

test('a --files-from list in UTF-16 is read', async (t) => {
  const cwd = makeTree(t, { 't/a': '', 't/é': '' });
  writeFileSync(join(cwd, 'list'), Buffer.from('\uFEFFt/a\r\nt/é\r\n', 'utf16le'));
  assert.deepEqual(await namesOf(cwd, '--files-from', 'list'), ['t/a', 't/é']);
  await pzipFails(cwd, ['o.zip', '--files-from', '-'], 1, ['list of names is empty'], { stdin: '' });
});

test('a hostile pattern ends soon, with one line', async (t) => {
  const cwd = makeTree(t, {});
  for (const pattern of ['{a,b}'.repeat(25), '{1..1000000000}', `${'*a'.repeat(30)}b`, '(a+)+$*']) {
    const { code, stderr } = await runPzip(['-q', 'o.zip', pattern], { cwd });
    assert.ok(code === 1 || code === 2, stderr);
    assert.match(stderr, /^pzip: .+\n$/);
  }
});
