/**
 * One run of one command: how long, how much processor, how much memory, how large the archive. And the check, once for
 * each contender, that the archive holds what went in.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { cpus } from 'node:os';

export interface Run {
  /** Seconds on the clock, from start to exit. */
  wall: number;
  /** Seconds of processor, user and system, of the command and all its children. */
  cpu: number;
  /** The largest resident set of any one of its processes, in bytes. */
  peak: number;
  /** Bytes of the archive. */
  size: number;
  /** Processors that were busy with something else meanwhile: what the run was disturbed by. */
  others: number;
}

/**
 * Where it is set, Node 20 reads and parses all its certificates at the start, in whatever process: 36 ms that say something
 * of the machine's network and nothing of any contender.
 */
const ENVIRONMENT = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };

/**
 * Runs a shell command that makes the archive `out`. GNU time counts: the kernel hands a child's peak memory only to
 * the process that waits for it, and starts the count at the size of the process that forked, which for Node itself
 * would be more than most peers need.
 */
export function runOnce(command: string, out: string, cwd: string): Run {
  rmSync(out, { force: true });
  const report = `${out}.time`;
  const busyBefore = busySeconds();
  const start = performance.now();
  const { status, stderr, error } = spawnSync('time', ['-f', '%U %S %M', '-o', report, 'sh', '-c', command], {
    cwd,
    env: ENVIRONMENT,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const wall = (performance.now() - start) / 1000;
  const busy = busySeconds() - busyBefore;
  if (error) throw new Error(`GNU time is needed to measure: ${error.message}`);
  if (status !== 0)
    throw new Error(`${command} ended with ${status}${stderr.trim() === '' ? '' : `: ${stderr.trim()}`}`);
  const [user = 0, system = 0, kibibytes = 0] = readFileSync(report, 'utf8').trim().split(' ').map(Number);
  rmSync(report);
  const cpu = user + system;
  return { wall, cpu, peak: kibibytes * 1024, size: statSync(out).size, others: Math.max(0, busy - cpu) / wall };
}

/** Waits until the machine has been idle for a second, or for a minute at most. */
export function waitForQuiet(): void {
  for (let second = 0; second < 60; second++) {
    const before = busySeconds();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    if (busySeconds() - before < 0.15) return;
  }
}

function busySeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}

/** Throws unless every entry of the archive inflates to its checksum and together they are as long as the input. */
export function verifyArchive(archive: string, bytes: number): void {
  const test = spawnSync('unzip', ['-tqq', archive], { encoding: 'utf8' });
  if (test.error) throw test.error;
  if (test.status !== 0) throw new Error(`unzip -t of ${archive}: ${test.stdout}${test.stderr}`);
  const totals = spawnSync('unzip', ['-Zt', archive], { encoding: 'utf8' }).stdout;
  const packed = Number(/(\d+) bytes uncompressed/.exec(totals)?.[1]);
  if (packed !== bytes) throw new Error(`${archive} holds ${packed} bytes of ${bytes}`);
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
