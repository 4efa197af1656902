import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cachePath, compile, loadCached } from '../../dist/cli/code-cache.js';
import { inTemporaryDirectory } from '../helpers/trees.js';

const require = createRequire(import.meta.url);

async function module(t: TestContext, name: string): Promise<string> {
  const path = join(await inTemporaryDirectory(t), name);
  writeFileSync(path, "const { sep } = require('node:path'); exports.where = () => __dirname + sep + 'x'; // the end");
  return path;
}

function check(path: string): void {
  const loaded = loadCached(path, require);
  assert.ok(typeof loaded === 'object' && loaded !== null && 'where' in loaded && typeof loaded.where === 'function');
  assert.equal(loaded.where(), join(path, '..', 'x'));
}

test('a module does the same with its cache, without one, and with one that is none of it', async (t) => {
  const path = await module(t, 'module.cjs');
  check(path);
  writeFileSync(cachePath(path), compile(path).createCachedData());
  assert.equal(compile(path, readFileSync(cachePath(path))).cachedDataRejected, false);
  check(path);
  for (const broken of ['', 'none', 'x'.repeat(1000)]) {
    writeFileSync(cachePath(path), broken);
    check(path);
  }
});

test('the command has its cache, for the Node that built it', () => {
  const path = fileURLToPath(new URL('../../dist/command/main.js', import.meta.url));
  if (!existsSync(cachePath(path))) return;
  assert.equal(compile(path, readFileSync(cachePath(path))).cachedDataRejected, false);
});
