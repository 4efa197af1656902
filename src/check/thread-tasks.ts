/** Checks as tasks for threads. The code is loaded with the first task. */
import { type TaskFunctions, TaskKind, type ThreadTask } from '../threads/task.js';
import type { CheckResult, CheckTask } from './check-task.js';

const CHECK = new TaskKind<CheckTask, CheckResult>('check', ({ positions }) => ({ entries: positions.length }));

/** @param length bytes of content; inflating and checksumming takes an eighth of the time of compressing */
export function checkTask(message: CheckTask, length: number): ThreadTask<CheckResult> {
  const transfer = 'bytes' in message.source ? [message.source.bytes.buffer] : [];
  return CHECK.task(message, { cost: 1 + Math.floor(length / 8), transfer });
}

export function checkFunctions(): TaskFunctions {
  return new Map([
    CHECK.implementedBy(async (message) => {
      const { checkEntries } = await import('./check-entries.js');
      return { result: await checkEntries(message), buffers: [] };
    }),
  ]);
}
