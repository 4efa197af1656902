import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { predictSize, ZipArchive } from '../../dist/index.js';
import { runPzip } from '../helpers/run-pzip.js';
import { casesOf } from '../helpers/slow-suite.js';
import { makeTree, pzipError } from '../select/tree.js';
import { open, pzip } from './command.js';

/** Files that the system makes up as they are read: empty by their size, longer than it, longer than a MiB. */
const FILES = ['/proc/version', '/sys/class/net/lo/mtu', '/proc/kallsyms'].filter((path) => existsSync(path));

const NONE = FILES.length === 0 ? 'there is no /proc/version, /sys/class/net/lo/mtu or /proc/kallsyms' : false;

test('a file whose size says nothing goes in with all its content', { skip: NONE }, async (t) => {
  for (const [index, path] of FILES.entries()) {
    const expected = readFileSync(path);
    assert.notEqual(statSync(path).size, expected.length, `${path} is not what this test is about`);
    const options = [['-T'], ['-0'], ['--threads', '1', '--engine', 'zlib']];
    // In the fast suite, the longest of them with each, the others with one.
    for (const args of casesOf(options, (_, i) => i === index || path === FILES.at(-1))) {
      const cwd = makeTree(t, { after: 'content', before: 'content' });
      await pzip(cwd, ['-q', ...args, 'out.zip', path, 'after', 'before']);
      open(cwd, 'out.zip');
      assert.ok(
        execFileSync('unzip', ['-p', 'out.zip', path.slice(1)], { cwd, maxBuffer: 1e9 }).equals(expected),
        path,
      );
      const names = open(cwd, 'out.zip').entries.map(({ name }) => name);
      assert.deepEqual(names, ['after', 'before', path.slice(1)]);
    }
  }
});

test('it does so in a stream, and between others of one batch', { skip: NONE }, async (t) => {
  const cwd = makeTree(t, { 'a.txt': 'content', 'z.txt': 'content' });
  const { code, stdout, stderr } = await runPzip(['-q', '-', 'a.txt', ...FILES, 'z.txt'], { cwd });
  assert.equal(code, 0, stderr);
  const archive = new ZipArchive(join(cwd, 'api.zip'));
  archive.addBuffer('first', 'content');
  for (const path of FILES) archive.addFile(path.slice(1), path);
  archive.addBuffer('last', 'content');
  await archive.close();
  execFileSync('tee', ['out.zip'], { cwd, input: stdout, maxBuffer: 1e9 });
  for (const name of ['out.zip', 'api.zip']) {
    for (const path of FILES) {
      const content = execFileSync('unzip', ['-p', name, path.slice(1)], { cwd, maxBuffer: 1e9 });
      assert.ok(content.equals(readFileSync(path)), `${name} ${path}`);
    }
  }
});

test('the size of an archive that holds one cannot be predicted', { skip: NONE }, () => {
  for (const path of FILES) {
    const predict = () => predictSize([{ name: 'x', path }], { level: 0 });
    assert.throws(predict, pzipError('PZIP_USAGE', 'cannot be predicted'));
  }
});

test('the size of one with an empty file can', (t) => {
  const cwd = makeTree(t, { empty: '' });
  assert.equal(predictSize([{ name: 'empty', path: join(cwd, 'empty') }]), 30 + 5 + 9 + 46 + 5 + 9 + 22);
});

const STRACE = existsSync('/usr/bin/strace') ? false : 'strace injects the faults, and is not there';

test('what a signal interrupts is read again; what the system fails to close is not readable', {
  skip: STRACE,
}, async (t) => {
  const cwd = makeTree(t, { 't/file': 'content' });
  const inject = async (fault: string, ...args: string[]) => {
    const strace = ['-f', '-qq', '-o', '/dev/null', '-P', join(cwd, 't/file'), '-e', `inject=${fault}`];
    const { runProcess } = await import('../helpers/run-process.js');
    const { PZIP } = await import('../helpers/run-pzip.js');
    return runProcess('strace', [...strace, process.execPath, PZIP, '-q', ...args, 'out.zip', 't'], { cwd });
  };
  const interrupted = await inject('pread64:error=EINTR:when=1');
  assert.equal(interrupted.code, 0, interrupted.stderr);
  const broken = await inject('close:error=EIO');
  assert.match(broken.stderr, /Cannot close '.*file': the disk reports an error \(EIO\)/);
  assert.equal(broken.code, 1);
  assert.equal((await inject('close:error=EIO', '--skip-unreadable')).code, 3);
});
