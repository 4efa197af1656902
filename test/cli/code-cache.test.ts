import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cachePath, compile, encodeCache, loadCached, readCache } from '../../dist/cli/code-cache.js';
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
  const source = readFileSync(path);
  writeFileSync(cachePath(path), encodeCache(compile(path, source), source));
  assert.equal(compile(path, source, readCache(path, source)).cachedDataRejected, false);
  check(path);
  for (const broken of ['', 'none', 'x'.repeat(1000), source, Buffer.concat([source, Buffer.alloc(1000, 'x')])]) {
    writeFileSync(cachePath(path), broken);
    check(path);
  }
});

test('a module that was changed without changing its length does what it says now', async (t) => {
  const path = await module(t, 'module.cjs');
  const source = readFileSync(path);
  writeFileSync(cachePath(path), encodeCache(compile(path, source), source));
  writeFileSync(path, source.toString().replace("'x'", "'y'"));
  const { where } = loadCached(path, require) as { where(): string };
  assert.equal(where(), join(path, '..', 'y'));
});

test('the command has a cache that this Node takes', () => {
  const path = fileURLToPath(new URL('../../dist/command/main.js', import.meta.url));
  const source = readFileSync(path);
  const cache = readCache(path, source);
  assert.ok(cache !== undefined, `there is none in ${cachePath(path)}: it is of the Node that built it`);
  assert.equal(compile(path, source, cache).cachedDataRejected, false);
});
