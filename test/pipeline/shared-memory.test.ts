import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Budget } from '../../dist/pipeline/budget.js';
import { SharedMemory } from '../../dist/pipeline/shared-memory.js';

/** Takes `bytes` at a time until it has to wait. */
function fill(budget: Budget, bytes: number): void {
  let waiting: Promise<void> | undefined;
  while (waiting === undefined) waiting = budget.acquire(bytes);
  waiting.catch(() => {});
}

test('an archive holds as much as it leaves to the others', () => {
  const shared = new SharedMemory(64);
  const budgets = Array.from({ length: 4 }, () => new Budget(1000, shared));
  for (const budget of budgets) fill(budget, 1);
  assert.deepEqual(
    budgets.map(({ held }) => held),
    [32, 16, 8, 4],
  );
});

test('beyond the limit, each archive gets one task at a time, so that none is stuck', async () => {
  const shared = new SharedMemory(10);
  const budgets = Array.from({ length: 5 }, () => new Budget(1000, shared));
  for (const budget of budgets) assert.equal(budget.acquire(8), undefined);
  let granted = 0;
  const waiting = budgets.map((budget) => budget.acquire(8)?.then(() => granted++));
  await nextTurn();
  assert.equal(granted, 0);
  budgets[3]?.release(8);
  await waiting[3];
  assert.equal(granted, 1);
});

test('what one archive gives back is granted to those that wait, in turn', async () => {
  const shared = new SharedMemory(40);
  const [first, second, third] = [new Budget(1000, shared), new Budget(1000, shared), new Budget(1000, shared)];
  assert.ok(first && second && third);
  fill(first, 10);
  second.acquire(1);
  third.acquire(1);
  const order: string[] = [];
  void second.acquire(16)?.then(() => order.push('second'));
  void third.acquire(16)?.then(() => order.push('third'));
  first.fail(new Error('given up'));
  first.end();
  await nextTurn();
  assert.deepEqual(order, ['second']);
  second.release(17);
  await nextTurn();
  assert.deepEqual(order, ['second', 'third']);
});

test('an archive that has ended holds nothing of the shared memory, whatever is released later', () => {
  const shared = new SharedMemory(100);
  const budget = new Budget(1000, shared);
  budget.acquire(40);
  budget.end();
  budget.release(40);
  assert.equal(shared.held, 0);
});
