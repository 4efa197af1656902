import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createArchive } from '../../dist/index.js';
import { selectSources } from '../../dist/select/select.js';
import type { SelectOptions } from '../../dist/select/select-options.js';

const FOLDERS = 20;
const FILES = 200;

/** Enough that every way of finding it asks the clock a hundred times. */
const cwd = mkdtempSync(join(tmpdir(), 'pzip-pace-'));
after(() => rmSync(cwd, { recursive: true, force: true }));
for (let folder = 0; folder < FOLDERS; folder++) {
  mkdirSync(join(cwd, `d${folder}`));
  for (let file = 0; file < FILES; file++) writeFileSync(join(cwd, `d${folder}`, `f${file}.txt`), '');
}

/** Ways to find nothing, or nothing until all has been looked at. */
const SEARCHES: readonly { inputs: readonly string[]; options?: SelectOptions }[] = [
  { inputs: ['**/*.txt', '!**/f*'] },
  { inputs: ['**/f[0-4]*'] },
  { inputs: ['.'], options: { exclude: ['*.txt'], directoryEntries: false } },
  { inputs: ['.'], options: { rename: [{ from: 'f*', to: 'g*' }] } },
  { inputs: ['.'], options: { first: ['z*'] } },
  {
    inputs: [],
    options: { filesFrom: Array.from({ length: FOLDERS * FILES }, (_, i) => `d${i % FOLDERS}/f${i % FILES}.txt`) },
  },
];

test('a search that finds nothing for long lets the event loop in, and can be stopped there', async (t) => {
  // However fast the machine is: each look at the clock takes five milliseconds, and the event loop is due after twenty.
  let clock = 0;
  t.mock.method(performance, 'now', () => (clock += 5));
  for (const { inputs, options } of SEARCHES) {
    const stop = new Error('stop');
    let checks = 0;
    const checkpoint = () => {
      checks++;
      if (checks === 2) throw stop;
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
    await assert.rejects(search(), stop, label).finally(() => clearImmediate(timer));
    assert.equal(checks, 2, label);
    assert.ok(turns >= 2, `${turns} turns of the event loop: ${label}`);
    assert.ok(found < FOLDERS * FILES, label);
  }
});

test('an archive that is stopped while its files are looked for is stopped at once', async () => {
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
