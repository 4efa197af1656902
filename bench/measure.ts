/**
 * One run of one command: how long, how much processor, how much memory, how large the archive. And the check, once for
 * each contender, that the archive holds what went in.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';

export interface Run {
  /** Seconds on the clock, from start to exit. */
  wall: number;
  /** Seconds of processor, user and system, of the command and all its children. */
  cpu: number;
  /** The largest resident set of any one of its processes, in bytes. */
  peak: number;
  /** Bytes of the archive. */
  size: number;
}

/**
 * Runs a shell command that makes the archive `out`. GNU time counts: the kernel hands a child's peak memory only to
 * the process that waits for it, and starts the count at the size of the process that forked, which for Node itself
 * would be more than most peers need.
 */
export function runOnce(command: string, out: string, cwd: string): Run {
  rmSync(out, { force: true });
  const report = `${out}.time`;
  const start = performance.now();
  const { status, stderr, error } = spawnSync('time', ['-f', '%U %S %M', '-o', report, 'sh', '-c', command], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const wall = (performance.now() - start) / 1000;
  if (error) throw new Error(`GNU time is needed to measure: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.trim()}`);
  const [user = 0, system = 0, kibibytes = 0] = readFileSync(report, 'utf8').trim().split(' ').map(Number);
  rmSync(report);
  return { wall, cpu: user + system, peak: kibibytes * 1024, size: statSync(out).size };
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
