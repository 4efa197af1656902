import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createArchive } from '../../dist/index.js';
import { selectSources } from '../../dist/input/select.js';
import type { SelectOptions } from '../../dist/input/select-options.js';
import { makeTree } from './tree.js';

const FOLDERS = 40;
const FILES = 500;

/** Enough that every way of finding it takes a fast machine more than the 20 ms after which the event loop is let in. */
function largeTree(t: TestContext): string {
  const root = makeTree(t, {});
  for (let folder = 0; folder < FOLDERS; folder++) {
    mkdirSync(join(root, `d${folder}`));
    for (let file = 0; file < FILES; file++) writeFileSync(join(root, `d${folder}`, `f${file}.txt`), '');
  }
  return root;
}

const MANY_PATTERNS = Array.from({ length: 200 }, (_, index) => `*.${index}`);

/** Ways to find nothing, or nothing until all has been looked at. */
const SEARCHES: readonly { inputs: readonly string[]; options?: SelectOptions }[] = [
  { inputs: ['**/*.txt', '!**/f*'] },
  { inputs: ['**/f[0-4]*'] },
  { inputs: ['.'], options: { exclude: [...MANY_PATTERNS, '*.txt'], directoryEntries: false } },
  { inputs: ['.'], options: { rename: [{ from: 'f*', to: 'g*' }] } },
  { inputs: ['.'], options: { first: ['z*'] } },
  { inputs: [], options: { filesFrom: Array.from({ length: 40_000 }, (_, i) => `d${i % FOLDERS}/f${i % FILES}.txt`) } },
];

test('a search that finds nothing for long lets the event loop in, and can be stopped there', async (t) => {
  const cwd = largeTree(t);
  for (const { inputs, options } of SEARCHES) {
    const stop = new Error('stop');
    let checks = 0;
    const checkpoint = () => {
      checks++;
      throw stop;
    };
    let turns = 0;
    const count = () => {
      turns++;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    let found = 0;
    const search = async () => {
      for await (const batch of selectSources(inputs, { ...options, cwd, checkpoint })) found += batch.length;
    };
    const label = `${inputs} ${Object.keys(options ?? {})}`;
    await assert.rejects(search(), stop, label);
    clearImmediate(timer);
    assert.equal(checks, 1, label);
    assert.ok(turns >= 1, `${turns} turns of the event loop: ${label}`);
    assert.ok(found < FOLDERS * FILES, label);
  }
});

test('an archive that is stopped while its files are looked for is stopped at once', async (t) => {
  const cwd = largeTree(t);
  const controller = new AbortController();
  const reason = new Error('stop');
  let at = 0;
  setTimeout(() => {
    at = performance.now();
    controller.abort(reason);
  }, 5);
  // Each of them has all of the tree looked through.
  const patterns = Array.from({ length: 20 }, (_, index) => `**/f${index}*.txt`);
  await assert.rejects(createArchive(join(cwd, 'out.zip'), patterns, { cwd, signal: controller.signal }), reason);
  assert.ok(performance.now() - at < 500, `${performance.now() - at} ms`);
});
