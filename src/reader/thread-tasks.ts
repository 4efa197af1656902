/** Reading back as work for threads. What it takes is loaded with the first task: most archives are not read back. */
import { type TaskFunctions, TaskKind, type ThreadTask } from '../threads/task.js';
import type { VerifyResult, VerifyTask } from './read-back-task.js';

const READ_BACK = new TaskKind<VerifyTask, VerifyResult>('read back');

export function readBackTask(message: VerifyTask): ThreadTask<VerifyResult> {
  return READ_BACK.task(message);
}

export function readerFunctions(): TaskFunctions {
  return new Map([
    READ_BACK.carriedOutBy(async (message) => {
      const { default: verify } = await import('./read-back.js');
      return { result: await verify(message), buffers: [] };
    }),
  ]);
}
