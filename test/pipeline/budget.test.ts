import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Budget, defaultMemory } from '../../dist/pipeline/budget.js';

test('bytes within the limit are granted at once', () => {
  const budget = new Budget(100);
  assert.equal(budget.acquire(60), undefined);
  assert.equal(budget.acquire(40), undefined);
  assert.equal(budget.held, 100);
});

test('what exceeds the limit waits for enough to be released', async () => {
  const budget = new Budget(100);
  budget.acquire(80);
  let isGranted = false;
  const waiting = budget.acquire(50)?.then(() => {
    isGranted = true;
  });
  budget.release(20);
  await nextTurn();
  assert.equal(isGranted, false);
  budget.release(10);
  await waiting;
  assert.equal(budget.held, 100);
});

test('requests are granted in their order, a small one not ahead of a large one', async () => {
  const budget = new Budget(100);
  budget.acquire(100);
  const granted: number[] = [];
  const all = [90, 5, 50].map((bytes) => budget.acquire(bytes)?.then(() => granted.push(bytes)));
  budget.release(50);
  await nextTurn();
  assert.deepEqual(granted, []);
  budget.release(50);
  await nextTurn();
  assert.deepEqual(granted, [90, 5]);
  budget.release(95);
  await Promise.all(all);
  assert.deepEqual(granted, [90, 5, 50]);
});

test('an empty budget admits any one request, so that nothing is stuck for good', async () => {
  const budget = new Budget(10);
  assert.equal(budget.acquire(1000), undefined);
  const next = budget.acquire(2000);
  budget.release(1000);
  await next;
  assert.equal(budget.held, 2000);
});

test('a failure reaches everyone who waits and everyone who asks later', async () => {
  const budget = new Budget(10);
  budget.acquire(10);
  const waiting = budget.acquire(5);
  const failure = new Error('disk full');
  budget.fail(failure);
  await assert.rejects(async () => waiting, failure);
  assert.throws(() => budget.acquire(1), failure);
});

test('many threads get a larger default', () => {
  assert.equal(defaultMemory(1), defaultMemory(2));
  assert.ok(defaultMemory(64) > defaultMemory(2));
});
