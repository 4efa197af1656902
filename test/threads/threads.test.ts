import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { ZipArchive } from '../../dist/index.js';
import { Inline } from '../../dist/threads/inline.js';
import { Threads } from '../../dist/threads/threads.js';
import { workOf } from '../../dist/work.js';
import { StallingSink } from '../helpers/failing-sinks.js';
import { textOf } from '../helpers/trees.js';

test('threads that are on their way are ended when they have arrived: Node aborts where one is ended while it loads', async () => {
  let online = 0;
  let ended = 0;
  const watch = (worker: Worker) => {
    worker.once('online', () => online++);
    worker.once('exit', () => ended++);
  };
  process.on('worker', watch);
  const work = workOf('zlib');
  const threads = new Threads(3, work, new Inline(work), () => {});
  threads.warmUp();
  await threads.destroy();
  process.off('worker', watch);
  assert.deepEqual({ online, ended }, { online: 3, ended: 3 });
});

test('threads are ended when all is compressed, however long it takes to write it', async () => {
  const ends: Promise<unknown>[] = [];
  const watch = (worker: Worker) => ends.push(once(worker, 'exit'));
  process.on('worker', watch);
  const sink = new StallingSink(0);
  const archive = new ZipArchive(sink, { threads: 2 });
  for (let index = 0; index < 4; index++) archive.addBuffer(`${index}`, textOf(2_000_000, index));
  const closed = archive.close();
  await sink.stalled;
  while (ends.length < 2) await delay(5);
  await Promise.all(ends);
  process.off('worker', watch);
  sink.release();
  assert.deepEqual([(await closed).entryCount, (await closed).threads], [4, 2]);
});
