import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Channel } from '../../dist/pipeline/channel.js';

async function collect<T>(channel: Channel<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of channel) values.push(value);
  return values;
}

test('values arrive in order, whether pushed before or while they are awaited', async () => {
  const channel = new Channel<number>();
  channel.push(1);
  const collected = collect(channel);
  channel.push(2);
  await nextTurn();
  channel.push(3);
  channel.end();
  assert.deepEqual(await collected, [1, 2, 3]);
});

test('a failure ends the loop at once and returns the items that were not taken', async () => {
  const channel = new Channel<number>();
  const failure = new Error('stop');
  channel.push(1);
  channel.push(2);
  assert.deepEqual(channel.fail(failure), [1, 2]);
  await assert.rejects(collect(channel), failure);
});

test('a failure wakes a loop that waits', async () => {
  const channel = new Channel<number>();
  const collected = collect(channel);
  await nextTurn();
  const failure = new Error('stop');
  channel.fail(failure);
  await assert.rejects(collected, failure);
});
