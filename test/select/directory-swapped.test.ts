import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Source } from '../../dist/common/entry.js';
import { selectSources } from '../../dist/select/select.js';
import type { SelectOptions } from '../../dist/select/select-options.js';
import { interruptedBy, noInterruptions } from '../helpers/act-on-call.js';
import { runPzip } from '../helpers/run-pzip.js';
import { casesOf } from '../helpers/slow-suite.js';
import { byBytes, makeTree, pzipError, select } from './tree.js';

/** More names than a batch has, so that a walk stands in the middle of them when it has given the first. */
const MANY = Array.from({ length: 300 }, (_, index) => `n${1000 + index}`);

function manyIn(folder: string, content: string): Record<string, string> {
  return Object.fromEntries(MANY.map((name) => [`${folder}/${name}`, content]));
}

/** What a selection gives when a directory is exchanged for a link after its first batch. */
async function selectWhileSwapping(cwd: string, folder: string, options: SelectOptions): Promise<Source[]> {
  const sources: Source[] = [];
  for await (const batch of selectSources(['t'], { cwd, ...options })) {
    sources.push(...batch);
    if (sources.length < 200 || sources.length > 270) continue;
    renameSync(join(cwd, folder), join(cwd, 'moved'));
    symlinkSync(join(cwd, 'outside'), join(cwd, folder));
  }
  return sources;
}

const FOLDERS = ['t/a/b', 't/a', 't'];

/** 300 links in `t/a/b`, and as many elsewhere, under the same names below what takes the folder's place. */
function makeTwoTrees(t: TestContext, folder: string): string {
  const below = 't/a/b'.slice(folder.length);
  return makeTree(t, { ...manyIn('t/a/b', '→ inside'), ...manyIn(`outside${below}`, '→ secret') });
}

test('a directory that is exchanged for a link in the middle of its entries is read to its end, and nothing else', {
  skip: process.platform === 'linux' ? false : 'only Linux has /proc/self/fd',
}, async (t) => {
  for (const folder of FOLDERS) {
    for (const directoryEntries of [true, false]) {
      const cwd = makeTwoTrees(t, folder);
      const links = (await selectWhileSwapping(cwd, folder, { directoryEntries })).filter(
        ({ kind }) => kind === 'symlink',
      );
      assert.deepEqual(
        links.map(targetOf),
        MANY.map(() => 'inside'),
      );
    }
  }
});

test('without /proc, a directory that is replaced by a link while it is read is an error', async (t) => {
  for (const folder of FOLDERS) {
    for (const directoryEntries of [true, false]) {
      const cwd = makeTwoTrees(t, folder);
      const selecting = selectWhileSwapping(cwd, folder, { directoryEntries, platform: 'darwin' });
      await assert.rejects(selecting, pzipError('PZIP_SOURCE_CHANGED', 'was replaced'));
    }
  }
});

function targetOf(source: Source): string {
  return source.kind === 'symlink' ? Buffer.from(source.target).toString() : '';
}

test('a walk of a tree that is deeper than it holds directories open finds its way back', async (t) => {
  const tree: Record<string, string> = {};
  for (let depth = 1; depth <= 40; depth++) {
    tree[`${'d/'.repeat(depth)}a`] = '';
    tree[`${'d/'.repeat(depth)}z`] = '';
  }
  const cwd = makeTree(t, tree);
  for (const platform of ['linux', 'darwin'] as const) {
    const { names } = await select(['d'], { cwd, platform, directoryEntries: false });
    assert.deepEqual(names, byBytes(Object.keys(tree)));
  }
});

test('a walk that is given up leaves no directory open', {
  skip: existsSync('/proc/self/fd') ? false : 'there is no /proc/self/fd to count in',
}, async (t) => {
  const cwd = makeTree(t, { ...manyIn('t/a/b', ''), ...manyIn('u/a/b', '') });
  const before = readdirSync('/proc/self/fd').length;
  for await (const batch of selectSources(['u', 't'], { cwd })) if (batch.length > 0) break;
  assert.equal(readdirSync('/proc/self/fd').length, before);
});

const CALLS = [
  ['scandir', 't/x'],
  ['statx', 't/x/file'],
  ['open', 't/x'],
  ['open', 't/x/sub'],
  ['readlink', 't/x/link'],
  ['scandir', 't/x/sub'],
  ['open', 't/x/file'],
] as const;

/** The directory found by a walk, and as what patterns and a list name, which look at less. */
const WALKS = [['t'], ['-D', '--skip-unreadable', 't'], ['t/x']];
const NAMINGS = [['t/x/**'], ['**/file', 't/*/{link,sub/*}'], ['--files-from', 'list', '--skip-unreadable']];

test('nothing from outside is archived, whichever call sees a directory replaced by a link', async (t) => {
  const reason = noInterruptions();
  if (reason !== undefined) return t.skip(reason);
  for (const [index, [call, path]] of CALLS.entries()) {
    for (const when of ['before', 'after'] as const) {
      const selections = path.startsWith('t/x/sub') || call === 'readlink' ? WALKS : [...WALKS, ...NAMINGS];
      const chosen = (2 * index + (when === 'before' ? 0 : 1)) % selections.length;
      for (const selection of casesOf(selections, (_, i) => i === chosen)) {
        const cwd = makeTree(t, {
          't/x/file': 'inside',
          't/x/link': '→ inside',
          't/x/sub/deep': 'inside',
          'outside/file': 'SECRET',
          'outside/link': '→ SECRET',
          'outside/sub/deep': 'SECRET',
          'outside/sub/more': 'SECRET',
          list: 't/x/file\nt/x/link\nt/x/sub/deep\n',
        });
        const env = interruptedBy({ call, path, when, command: 'mv t/x moved && ln -s ../outside t/x' });
        const { code, stderr } = await runPzip(['-q', '-0', 'out.zip', ...selection], { cwd, env });
        const what = `${call} ${path} ${when} ${selection}: ${code} ${stderr}`;
        assert.ok([0, 1, 3].includes(code ?? -1), what);
        const archive = existsSync(join(cwd, 'out.zip')) ? readFileSync(join(cwd, 'out.zip'), 'latin1') : '';
        assert.doesNotMatch(archive, /SECRET|more/, what);
        if (code !== 0) assert.match(stderr, /chang|replaced|gone|disappear|link|exist|match/, what);
      }
    }
  }
});

test('a file that becomes a FIFO before --skip-unreadable opens it does not block the run', async (t) => {
  const reason = noInterruptions();
  if (reason !== undefined) return t.skip(reason);
  const cwd = makeTree(t, { 't/file': 'content', 't/other': 'content' });
  const command = 'rm t/file && mkfifo t/file';
  const env = interruptedBy({ call: 'open', path: 't/file', when: 'before', command });
  const { code, stderr } = await runPzip(['-q', '--skip-unreadable', 'out.zip', 't'], { cwd, env, timeout: 20_000 });
  assert.notEqual(code, 0, stderr);
  assert.match(stderr, /t\/file/);
});
