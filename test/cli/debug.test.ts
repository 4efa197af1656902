/** What PZIP_DEBUG and PZIP_TRACE add to a run of the command, and what they leave as it is. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { detailsOf } from '../../dist/cli/debug.js';
import { startTrace } from '../../dist/common/trace.js';
import { createArchive } from '../../dist/index.js';
import { actingCommand } from '../helpers/ci-runners.js';
import { runPzip } from '../helpers/run-pzip.js';
import { buildTree, manySmallFiles, textOf } from '../helpers/trees.js';

const folder = mkdtempSync(join(tmpdir(), 'pzip-debug-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const LARGE = 2_200_000;
buildTree(
  join(folder, 'tree'),
  new Map([...manySmallFiles(80), ['large', { kind: 'file', data: () => textOf(LARGE, 5) }]]),
);

interface TraceEvent {
  readonly name: string;
  readonly cat?: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: {
    readonly name?: string;
    readonly bytes?: number;
    readonly entries?: readonly { readonly name: string; readonly bytes: number; readonly level?: number }[];
  };
}

function readTrace(path: string): readonly TraceEvent[] {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Bytes of each entry in all tasks of these kinds. */
function bytesOf(events: readonly TraceEvent[], ...kinds: string[]): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const { name, cat, args } of events) {
    if (cat !== 'task' || !kinds.includes(name)) continue;
    for (const entry of args.entries ?? []) bytes.set(entry.name, (bytes.get(entry.name) ?? 0) + entry.bytes);
  }
  return bytes;
}

function runIn(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return runPzip(args, { cwd, env });
}

describe('PZIP_TRACE', () => {
  for (const threads of [0, 2]) {
    test(`accounts for the bytes of every entry, with ${threads} worker threads, and changes none of the archive's`, async () => {
      const args = ['-q', '-T', '--threads', String(threads)];
      assert.equal((await runIn(folder, [...args, 'plain.zip', 'tree'])).code, 0);
      const { code, stderr } = await runIn(folder, [...args, 'traced.zip', 'tree'], { PZIP_TRACE: 'trace.json' });
      assert.deepEqual([code, stderr], [0, '']);
      assert.deepEqual(readFileSync(join(folder, 'traced.zip')), readFileSync(join(folder, 'plain.zip')));

      const events = readTrace(join(folder, 'trace.json'));
      const { entries } = await createArchive(join(folder, 'again.zip'), 'tree', { cwd: folder, listEntries: true });
      const expected = new Map(entries?.map(({ name, uncompressedSize }) => [name, uncompressedSize]));
      assert.deepEqual(bytesOf(events, 'batch', 'chunk'), expected);
      assert.deepEqual(bytesOf(events, 'read back'), expected);
      assert.equal(expected.get('tree/large'), LARGE);

      const spans = events.filter(({ ph }) => ph === 'X');
      for (const { ts, dur, name } of spans) assert.ok(Number.isInteger(ts) && Number.isInteger(dur) && dur >= 0, name);
      for (const category of ['planning', 'writing', 'task']) assert.ok(spans.some(({ cat }) => cat === category));
      assert.ok(spans.some(({ name, cat }) => name === 'read back' && cat === 'writing'));
      const tracks = events.filter(({ name }) => name === 'thread_name').map(({ args }) => args.name ?? '');
      assert.equal(tracks.filter((name) => name.startsWith('worker thread')).length > 0, threads > 0);
      // What one thread or loop does, it does one after the other.
      for (const track of new Set(spans.filter(({ name }) => name !== 'read back').map(({ tid }) => tid))) {
        const own = spans.filter(({ tid, name }) => tid === track && name !== 'read back').sort((a, b) => a.ts - b.ts);
        own.forEach((span, index) => {
          assert.ok(span.ts + span.dur <= (own[index + 1]?.ts ?? Number.POSITIVE_INFINITY), span.name);
        });
      }
    });
  }

  test('writes over an earlier trace, and lets nobody else read it', async () => {
    const path = join(folder, 'twice.json');
    await runIn(folder, ['-q', 'a.zip', 'tree'], { PZIP_TRACE: path });
    await runIn(folder, ['-q', 'a.zip', 'tree/large'], { PZIP_TRACE: path });
    assert.deepEqual([...bytesOf(readTrace(path), 'batch', 'chunk').keys()], ['tree/large']);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('never packs the trace itself', async () => {
    const work = join(folder, 'work');
    mkdirSync(work);
    writeFileSync(join(work, 'a'), 'a');
    const { code } = await runIn(work, ['-q', 'a.zip', '.'], { PZIP_TRACE: 'trace.json' });
    assert.equal(code, 0);
    assert.deepEqual([...bytesOf(readTrace(join(work, 'trace.json')), 'batch').keys()], ['a']);
  });

  test('leaves files that are no trace as they are, and says so in one line', async () => {
    writeFileSync(join(folder, 'notes'), '[\nnotes');
    symlinkSync('new.json', join(folder, 'link.json'));
    for (const path of ['notes', 'link.json', 'tree', '/dev/null', 'missing/trace.json']) {
      const { code, stderr } = await runIn(folder, ['-q', 'none.zip', 'tree'], { PZIP_TRACE: path });
      assert.equal(code, 2, path);
      assert.match(stderr, /^pzip: .*PZIP_TRACE.*\n$/);
    }
    assert.equal(readFileSync(join(folder, 'notes'), 'utf8'), '[\nnotes');
    assert.throws(() => statSync(join(folder, 'new.json')));
    assert.throws(() => statSync(join(folder, 'none.zip')));
  });

  test('a failure leaves a trace that can be read', async () => {
    const path = join(folder, 'failed.json');
    const { code } = await runIn(folder, ['-q', 'none.zip', 'tree/large', 'missing'], { PZIP_TRACE: path });
    assert.equal(code, 1);
    assert.ok(readTrace(path).length > 0);
  });

  test('works for a program too, for several archives', async () => {
    const path = join(folder, 'api.json');
    process.env.PZIP_TRACE = path;
    try {
      await Promise.all(
        ['x', 'y'].map((name) => createArchive(join(folder, `${name}.zip`), join(folder, 'tree/large'))),
      );
    } finally {
      process.env.PZIP_TRACE = undefined;
      delete process.env.PZIP_TRACE;
    }
    startTrace()?.flush();
    assert.deepEqual([...bytesOf(readTrace(path), 'batch', 'chunk').values()], [2 * LARGE]);
  });
});

describe('PZIP_DEBUG', () => {
  test('adds the stack, which names files of src, and the causes', async () => {
    const { code, stderr } = await runIn(folder, ['none/a.zip', 'tree'], { PZIP_DEBUG: '1' });
    const plain = await runIn(folder, ['none/a.zip', 'tree']);
    assert.equal(code, plain.code);
    assert.ok(stderr.startsWith(plain.stderr));
    assert.match(plain.stderr, /^pzip: .+\n$/);
    assert.match(stderr, /^ {4}code: PZIP_OUTPUT_FAILED$/m);
    assert.match(stderr, /^ {4}at .+\/src\/output\/.+\.ts:\d+:\d+\)?$/m);
    assert.match(stderr, /^ {2}caused by: Error: ENOENT.+\n {4}code: ENOENT$/m);
  });

  test('gives the same archive', async () => {
    await runIn(folder, ['-q', 'plain.zip', 'tree']);
    await runIn(folder, ['-q', 'debug.zip', 'tree'], { PZIP_DEBUG: '1' });
    assert.deepEqual(readFileSync(join(folder, 'debug.zip')), readFileSync(join(folder, 'plain.zip')));
  });

  test('explains a wrong command line as well', async () => {
    const { code, stderr } = await runIn(folder, ['--wrong'], { PZIP_DEBUG: '1' });
    assert.equal(code, 2);
    assert.match(stderr, /^ {4}at .+\.ts:\d+:\d+\)?$/m);
  });

  test('shows causes that go in circles or never end, and names that act on logs, harmlessly', () => {
    const circle = new Error('::error::a\n##[error]b\u001b[2J\n    at ::warning::c');
    circle.cause = circle;
    let chain: unknown = 'the end';
    for (let length = 0; length < 1000; length++) chain = new Error('link', { cause: chain });
    for (const error of [circle, chain, new AggregateError([circle, chain]), Object.create(null), undefined]) {
      const lines = [...detailsOf(error)];
      assert.ok(lines.length < 1000);
      assert.equal(actingCommand(lines.join('\n')), undefined);
    }
  });
});
