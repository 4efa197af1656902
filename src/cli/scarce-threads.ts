/**
 * libuv starts four threads for files with the first asynchronous call, and where the system refuses one of them it aborts
 * the process. Where only a few more threads may be started, it is asked for one: that is less than Node itself has started.
 */
import { readFileSync } from 'node:fs';

/** Threads and processes, of the user or of the container: with less than that, the four may be too many. */
const FEW = 32;

/** Called before anything asynchronous. */
export function askForFewSystemThreads(): void {
  if (process.platform !== 'linux' || process.env.UV_THREADPOOL_SIZE !== undefined) return;
  const limits = /^Max processes +(\d+)/m.exec(readIfThere('/proc/self/limits'))?.[1];
  const container = /^\d+/.exec(readIfThere('/sys/fs/cgroup/pids.max'))?.[0];
  if (Math.min(Number(limits ?? FEW), Number(container ?? FEW)) < FEW) process.env.UV_THREADPOOL_SIZE = '1';
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
