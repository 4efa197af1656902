/** docs/decisions/011: pzip enables no compile cache, and works with the one that a user enables. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runPzip } from '../helpers/run-pzip.js';

const folder = mkdtempSync(join(tmpdir(), 'pzip-compile-cache-'));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'a'), 'a');

test('the command writes no compile cache of its own', async () => {
  const { code } = await runPzip(['-q', 'a.zip', 'a'], { cwd: folder, env: { TMPDIR: folder } });
  assert.equal(code, 0);
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'a.zip']);
});

test('NODE_COMPILE_CACHE works, cold and warm, and changes no byte', async (t) => {
  if (!('enableCompileCache' in module)) return t.skip(`Node ${process.versions.node} has no compile cache`);
  const cache = join(folder, 'cache');
  for (const archive of ['cold.zip', 'warm.zip']) {
    const env = { NODE_COMPILE_CACHE: cache };
    const { code, stderr } = await runPzip(['-q', archive, 'a'], { cwd: folder, env });
    assert.deepEqual([code, stderr], [0, '']);
  }
  assert.ok(existsSync(cache) && readdirSync(cache, { recursive: true }).length > 1, 'Node fills the folder');
  assert.deepEqual(readFileSync(join(folder, 'warm.zip')), readFileSync(join(folder, 'cold.zip')));
});
