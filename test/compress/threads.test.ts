import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { Threads } from '../../dist/compress/threads.js';

test('threads that are on their way are ended when they have arrived: Node aborts where one is ended while it loads', async () => {
  let online = 0;
  let ended = 0;
  const watch = (worker: Worker) => {
    worker.once('online', () => online++);
    worker.once('exit', () => ended++);
  };
  process.on('worker', watch);
  const threads = new Threads(3, 'zlib');
  threads.warmUp();
  await threads.destroy();
  process.off('worker', watch);
  assert.deepEqual({ online, ended }, { online: 3, ended: 3 });
});
