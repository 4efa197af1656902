import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Interruption, interruptedBy, noInterruptions } from '../helpers/act-on-call.js';
import type { ProcessOutcome } from '../helpers/run-process.js';
import { runPzip } from '../helpers/run-pzip.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { textOf } from '../helpers/trees.js';
import { assertCleanAnatomy } from '../helpers/zip-anatomy.js';
import { makeTree } from '../select/tree.js';

const SMALL = 'as it was selected\n'.repeat(50);
/** Of four chunks, of which a thread reads one after the other. */
const LARGE = Buffer.from(textOf(3_500_000, 1));

interface Scene {
  readonly content: string | Buffer;
  /** What happens to `t/log`, where `other` and `outside/log` lie beside `t`. */
  readonly interruption: Omit<Interruption, 'path'>;
}

const LAST_READ = { call: 'pread', when: 'after' } as const;

type Output = 'out.zip' | '-';

const BOTH: readonly Output[] = ['out.zip', '-'];

const turns = new WeakMap<TestContext, number>();

/** A file or a pipe in turn, in the order of Thue and Morse: each of two things that alternate meets both. */
function nextOutputs(t: TestContext): readonly Output[] {
  if (isSlowSuite) return BOTH;
  const turn = turns.get(t) ?? 0;
  turns.set(t, turn + 1);
  const ones = turn.toString(2).replaceAll('0', '').length;
  return [ones % 2 === 0 ? 'out.zip' : '-'];
}

/** Runs the command on a file that changes meanwhile. */
async function archive(
  t: TestContext,
  scene: Scene,
  args: readonly string[],
  outputs = nextOutputs(t),
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const output of outputs) {
    const cwd = makeTree(t, { 't/before': 'b', 't/zlast': 'z', other: 'another file', 'outside/log': 'SECRET' });
    writeFileSync(join(cwd, 't/log'), scene.content);
    const env = interruptedBy({ ...scene.interruption, path: 't/log' });
    const outcome = await runPzip(['--no-progress', '--threads', '1', ...args, output, 't'], { cwd, env });
    if (outcome.code === 0 || outcome.code === 3) {
      if (output === '-') writeFileSync(join(cwd, 'out.zip'), outcome.stdout);
      assertCleanAnatomy(join(cwd, 'out.zip'), output === '-' ? {} : { output: 'file' });
      outcomes.push({ ...outcome, content: contentOf(cwd), what: `${args} ${output}: ${outcome.stderr}` });
    } else outcomes.push({ ...outcome, content: undefined, what: `${args} ${output}: ${outcome.stderr}` });
  }
  return outcomes;
}

interface Outcome extends ProcessOutcome {
  /** Of `t/log` in the archive, by unzip; undefined where it is not there. */
  readonly content: Buffer | undefined;
  readonly what: string;
}

function contentOf(cwd: string): Buffer | undefined {
  execFileSync('unzip', ['-qq', 'out.zip', '-d', 'out'], { cwd });
  try {
    return readFileSync(join(cwd, 'out/t/log'));
  } catch {
    return undefined;
  }
}

function small(command: string, when: 'before' | 'after' = 'after'): Scene {
  return { content: SMALL, interruption: { call: 'pread', when, command } };
}

function large(command: string, nth: number): Scene {
  return { content: LARGE, interruption: { ...LAST_READ, nth, command } };
}

function interruptible(t: TestContext): boolean {
  const reason = noInterruptions();
  if (reason !== undefined) t.skip(reason);
  return reason === undefined;
}

test('a file that grows while it is read is an error by default, and left out under --skip-unreadable', async (t) => {
  if (!interruptible(t)) return;
  for (const scene of [small('echo more >> t/log'), large('echo more >> t/log', 1)]) {
    for (const { code, stderr, what } of await archive(t, scene, ['-q'])) {
      assert.equal(code, 1, what);
      assert.match(stderr, /t\/log' changed while the archive was being made: it was \d+ bytes long and is \d+ now/);
    }
    for (const { code, content, what } of await archive(t, scene, ['-q', '--skip-unreadable'])) {
      assert.equal(code, 3, what);
      assert.equal(content, undefined, what);
    }
  }
});

test('--on-change warn archives a growing file at its selected length, with one warning', async (t) => {
  if (!interruptible(t)) return;
  const more = 'echo more >> t/log';
  const scenes = [
    { scene: small(more), level: '-6' },
    { scene: large(more, 1), level: '-6' },
    { scene: large(more, 4), level: '-0' },
  ];
  for (const { scene, level } of scenes) {
    for (const { code, content, stderr, what } of await archive(t, scene, ['--on-change', 'warn', level])) {
      assert.equal(code, 0, what);
      assert.ok(content?.equals(Buffer.from(scene.content)), what);
      assert.equal(stderr.match(/t\/log' changed while it was read/g)?.length, 1, what);
    }
  }
});

test('--on-change warn takes what is left of a file that becomes shorter', async (t) => {
  if (!interruptible(t)) return;
  const mib = 1024 * 1024;
  const scenes = [
    { scene: small(': > t/log', 'before'), length: 0, level: '-6' },
    { scene: small('truncate -s 100 t/log', 'before'), length: 100, level: '-0' },
    { scene: large('truncate -s 1500000 t/log', 1), length: 1_500_000, level: '-6' },
    { scene: large('truncate -s 1500000 t/log', 1), length: 1_500_000, level: '-0' },
    { scene: large(`truncate -s ${2 * mib} t/log`, 1), length: 2 * mib, level: '-6' },
    { scene: large('truncate -s 100 t/log', 1), length: mib, level: '-0' },
    { scene: large(': > t/log', 4), length: LARGE.length, level: '-6' },
  ];
  for (const { scene, length, level } of scenes) {
    for (const { code, content, what } of await archive(t, scene, ['--on-change', 'warn', level])) {
      assert.equal(code, 0, what);
      assert.ok(
        content?.equals(Buffer.from(scene.content).subarray(0, length)),
        `${length} ${content?.length} ${what}`,
      );
    }
  }
});

test('--on-change retry reads a file again that has changed, and takes it as it is then', async (t) => {
  if (!interruptible(t)) return;
  for (const scene of [small('echo more >> t/log'), small('truncate -s 5 t/log')]) {
    for (const { code, content, stderr, what } of await archive(t, scene, ['--on-change', 'retry'])) {
      assert.equal(code, 0, what);
      assert.ok(content?.toString() === `${SMALL}more\n` || content?.toString() === SMALL.slice(0, 5), what);
      assert.doesNotMatch(stderr, /changed/);
    }
  }
  const [file, stream] = await archive(t, large('echo more >> t/log', 3), ['--on-change', 'retry'], BOTH);
  assert.equal(file?.code, 0, file?.what);
  assert.ok(file?.content?.equals(Buffer.concat([LARGE, Buffer.from('more\n')])));
  assert.ok(stream?.code === 0 || stream?.code === 1, stream?.what);
});

test('--on-change retry takes a file that grows to more than a MiB, or becomes less than that', async (t) => {
  if (!interruptible(t)) return;
  const grown = await archive(t, small('head -c 2500000 /dev/zero >> t/log'), ['--on-change', 'retry']);
  for (const { code, content, what } of grown) {
    assert.equal(code, 0, what);
    assert.ok(content?.equals(Buffer.concat([Buffer.from(SMALL), Buffer.alloc(2_500_000)])), what);
  }
  const [shrunk] = await archive(t, large('truncate -s 1000 t/log', 1), ['--on-change', 'retry'], ['out.zip']);
  assert.equal(shrunk?.code, 0, shrunk?.what);
  assert.ok(shrunk?.content?.equals(LARGE.subarray(0, 1000)));
});

test('a file that another one replaces is an error, unless it is read again', async (t) => {
  if (!interruptible(t)) return;
  const replace = { call: 'open', when: 'before', command: 'mv other t/log' } as const;
  for (const content of [SMALL, LARGE]) {
    for (const how of ['error', 'warn']) {
      for (const { code, stderr, what } of await archive(t, { content, interruption: replace }, ['--on-change', how])) {
        assert.equal(code, 1, what);
        assert.match(stderr, /another file has taken its place/);
      }
    }
    const retried = await archive(t, { content, interruption: replace }, ['--on-change', 'retry']);
    for (const { code, content: found, what } of retried) {
      assert.equal(code, 0, what);
      assert.equal(found?.toString(), 'another file', what);
    }
  }
});

test('no --on-change policy reads through a link that replaced a file or its directory', async (t) => {
  if (!interruptible(t)) return;
  const commands = ['mv t moved && ln -s outside t', 'rm t/log && ln -s ../outside/log t/log'];
  for (const [index, command] of commands.entries()) {
    for (const [howIndex, how] of ['error', 'retry', 'warn'].entries()) {
      for (const content of isSlowSuite ? [SMALL, LARGE] : [(index + howIndex) % 2 === 0 ? SMALL : LARGE]) {
        const scene = { content, interruption: { call: 'open', when: 'before', command } } as const;
        for (const { code, content: found, what } of await archive(t, scene, [
          '--on-change',
          how,
          '--skip-unreadable',
        ])) {
          assert.equal(code, 3, what);
          assert.equal(found, undefined, what);
        }
      }
    }
  }
});

test('--strict makes an error of a file that changes', async (t) => {
  if (!interruptible(t)) return;
  for (const scene of [small('echo more >> t/log'), large('echo more >> t/log', 2)]) {
    for (const { code, what } of await archive(t, scene, ['--on-change', 'warn', '--strict']))
      assert.equal(code, 1, what);
  }
});

test('a file that is written and dated back is not taken in silence', async (t) => {
  if (!interruptible(t)) return;
  const command =
    'head -c 3500000 /dev/zero > t/new; touch -r t/log stamp; cat t/new > t/log; rm t/new; touch -r stamp t/log';
  for (const { code, stderr, what } of await archive(t, large(command, 1), ['-q'])) {
    assert.equal(code, 1, what);
    assert.match(stderr, /ctime/);
  }
});
