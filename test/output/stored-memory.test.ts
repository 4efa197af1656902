/** The buffers that stored pieces lie in go round; they are not made anew for a disk that stalls now and then. */
import assert from 'node:assert/strict';
import fs, { truncateSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { createArchive } from '../../dist/index.js';
import { inTemporaryDirectory } from '../helpers/trees.js';

/** Buffers of 1 MiB that fit the default memory limit. */
const MOST_BUFFERS = 64;

test('a stored file of any length is carried in as many buffers as the memory limit holds', async (t) => {
  const folder = await inTemporaryDirectory(t);
  writeFileSync(join(folder, 'large'), '');
  truncateSync(join(folder, 'large'), 300 * 1024 * 1024);

  const { writev } = fs;
  let calls = 0;
  // A disk that takes everything at once, but for stalls that are long enough for all buffers to be full.
  type Written = (error: null, length: number) => void;
  const stalling = (_descriptor: number, buffers: readonly Uint8Array[], _position: number, done: Written): void => {
    calls++;
    const length = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (calls % 80 === 0) setTimeout(done, 700, null, length);
    else process.nextTick(done, null, length);
  };
  Reflect.set(fs, 'writev', stalling);
  syncBuiltinESMExports();

  const Original = globalThis.SharedArrayBuffer;
  let made = 0;
  // Still the constructor of what comes back from a thread.
  globalThis.SharedArrayBuffer = new Proxy(Original, {
    construct: (target, args: [number]) => {
      if (args[0] >= 1024 * 1024) made++;
      return new target(...args);
    },
  });
  t.after(() => {
    globalThis.SharedArrayBuffer = Original;
    Reflect.set(fs, 'writev', writev);
    syncBuiltinESMExports();
  });

  await createArchive(join(folder, 'out.zip'), 'large', { cwd: folder, level: 0, threads: 2 });
  assert.ok(calls > 160, `${calls} writes`);
  assert.ok(made > 40 && made <= MOST_BUFFERS, `${made} buffers`);
});
