import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../../dist/deflate/engine.js';
import { DebugModule } from './debug-module.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('the memory map in docs/deflate.md is that of the source', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/write-memory-map.js', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
});

test('the module and its caller agree on the longest dictionary and the longest chunk', () => {
  const module = new DebugModule();
  assert.equal(module.global('MAX_DICTIONARY_LENGTH'), MAX_DICTIONARY_LENGTH);
  assert.equal(module.global('MAX_CHUNK_LENGTH'), MAX_PIECE_LENGTH);
});
