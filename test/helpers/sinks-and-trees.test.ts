import assert from 'node:assert/strict';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { compareTrees, readTree } from './compare-trees.js';
import { CollectingSink, FailingSink, SlowSink, StallingSink } from './failing-sinks.js';
import { runProcess } from './run-process.js';
import {
  buildTree,
  DEFAULT_MTIME,
  everyKindOfEntry,
  everySize,
  inTemporaryDirectory,
  makeSparseFile,
  manySmallFiles,
  randomBytes,
  repetitiveBytes,
  textOf,
} from './trees.js';

describe('sinks', () => {
  const blocks = () => Readable.from([Buffer.from('one'), Buffer.from('two'), Buffer.from('three')]);

  test('one that collects has all that was written', async () => {
    const sink = new CollectingSink();
    await pipeline(blocks(), sink);
    assert.equal(sink.bytes.toString(), 'onetwothree');
  });

  test('one that fails does so at the write it was told', async () => {
    const sink = new FailingSink(2, new Error('no space'));
    await assert.rejects(pipeline(blocks(), sink), /no space/);
    assert.equal(sink.writes, 2);
  });

  test('one that stalls goes on when it is released', async () => {
    const sink = new StallingSink(1);
    let ended = false;
    const end = pipeline(blocks(), sink).then(() => {
      ended = true;
    });
    await sink.stalled;
    await sleep(20);
    assert.equal(ended, false);
    sink.release();
    await end;
  });

  test('one that is slow takes its time for each write', async () => {
    const sink = new SlowSink(20);
    const start = performance.now();
    await pipeline(blocks(), sink);
    assert.equal(sink.bytesTaken, 11);
    assert.ok(performance.now() - start >= 55, 'timers may fire up to a millisecond early');
  });
});

describe('trees', () => {
  test('hold what they are said to hold', async (t) => {
    const root = await inTemporaryDirectory(t);
    buildTree(root, everyKindOfEntry());
    const tree = await readTree(root);
    const entry = (name: string) => tree.get(name) ?? assert.fail(`no ${name}`);
    assert.equal(entry('empty').size, 0);
    assert.equal(entry('script.sh').mode, 0o755);
    assert.equal(entry('read-only').mode, 0o444);
    assert.equal(entry('private-folder/').mode, 0o700);
    assert.equal(entry('private-folder/').mtime, 1_500_000_001);
    assert.equal(entry('deep/').mtime, DEFAULT_MTIME);
    assert.equal(entry('links/dangling').type, 'symlink');
    assert.equal(entry('times/1970').mtime, 0);
    assert.equal((await stat(path.join(root, 'hard-link'))).nlink, 2);
    assert.equal(Math.max(...[...tree.keys()].map((name) => Buffer.byteLength(path.basename(name)))), 255);
  });

  test('are the same whatever the order in which their entries were made', async (t) => {
    const folder = await inTemporaryDirectory(t);
    const orders = { planned: 'planned', reversed: 'reversed', shuffled: 5 } as const;
    for (const [name, order] of Object.entries(orders)) {
      buildTree(path.join(folder, name), manySmallFiles(50), { order });
    }
    assert.deepEqual(await compareTrees(path.join(folder, 'reversed'), path.join(folder, 'planned')), []);
    assert.deepEqual(await compareTrees(path.join(folder, 'shuffled'), path.join(folder, 'planned')), []);
  });

  test('have contents that shrink a little, a lot and not at all', () => {
    const ratio = (bytes: Uint8Array) => deflateRawSync(bytes).length / bytes.length;
    assert.ok(ratio(textOf(100_000, 1)) < 0.5);
    assert.ok(ratio(textOf(100_000, 1)) > 0.1);
    assert.ok(ratio(repetitiveBytes(100_000)) < 0.01);
    assert.ok(ratio(randomBytes(100_000, 1)) > 1);
    assert.deepEqual(randomBytes(10, 1), randomBytes(10, 1));
    assert.notDeepEqual(randomBytes(10, 1), randomBytes(10, 2));
  });

  test('of every size have files of exactly these sizes', () => {
    for (const [name, item] of everySize(4096)) {
      assert.ok(item.kind === 'file' && typeof item.data === 'function');
      assert.equal(item.data().length, Number(name.split('-')[1]));
    }
  });

  test('may have a file of 5 GiB that takes no room', async (t) => {
    const file = path.join(await inTemporaryDirectory(t), 'sparse');
    await makeSparseFile(file, 5 * 2 ** 30, new Map([[4 * 2 ** 30, 'mark']]));
    const { size, blocks } = await stat(file);
    assert.equal(size, 5 * 2 ** 30);
    assert.ok(blocks * 512 < 2 ** 20, `${blocks} blocks`);
    const handle = await open(file);
    const { buffer } = await handle.read(Buffer.alloc(6), 0, 6, 4 * 2 ** 30 - 1);
    await handle.close();
    assert.equal(buffer.toString('latin1'), '\0mark\0');
  });
});

describe('a program that is run', () => {
  test('has its output, its exit code and its signal told', async () => {
    const script = 'process.stdout.write("out"); process.stderr.write("err"); process.exitCode = 3';
    const outcome = await runProcess(process.execPath, ['-e', script]);
    assert.deepEqual(
      { ...outcome, stdout: outcome.stdout.toString() },
      { code: 3, signal: null, stdout: 'out', stderr: 'err' },
    );
    const killed = await runProcess(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      onSpawn: (child) => child.kill('SIGTERM'),
    });
    assert.equal(killed.signal, 'SIGTERM');
  });

  test('gets its input, and a file through a pipe', async (t) => {
    const file = path.join(await inTemporaryDirectory(t), 'input');
    await makeSparseFile(file, 200_000, new Map([[0, 'first']]));
    const { stdout } = await runProcess('cat', [], { stdin: { pipedFile: file } });
    assert.deepEqual(stdout, await readFile(file));
    assert.equal((await runProcess('cat', [], { stdin: 'text' })).stdout.toString(), 'text');
  });

  test('is killed when it runs too long', async () => {
    await assert.rejects(runProcess('sleep', ['60'], { timeout: 50 }), /sleep ran longer than 50 ms/);
  });
});
