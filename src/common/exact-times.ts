/**
 * Node gives a file's times in milliseconds as doubles, in which the last 122 nanoseconds of a second become the next one.
 * A date in an archive is rounded down, so where a time seems to be a whole second the system is asked for nanoseconds.
 *
 * That second lstat(2) would cost some 4 % of the time for a tree from a tar file, whose times are all whole seconds. So after
 * such a file, the next one is examined with nanoseconds only, which costs a tenth of that.
 */
import { type BigIntStats, lstatSync, type Stats, statSync } from 'node:fs';

/** What a Source says of a file, in the numbers of Node's Stats. */
export type FileStats = Pick<Stats, 'mode' | 'size' | 'mtimeMs' | 'ctimeMs' | 'dev' | 'ino'>;

/** Of a regular file. */
export class ExactStats implements FileStats {
  readonly mode: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly dev: number;
  readonly ino: number;
  readonly isRoundedUp: boolean;

  constructor(stats: BigIntStats) {
    this.mode = Number(stats.mode);
    this.size = Number(stats.size);
    this.mtimeMs = milliseconds(stats.mtimeNs);
    this.ctimeMs = milliseconds(stats.ctimeNs);
    this.dev = unsigned(stats.dev);
    this.ino = unsigned(stats.ino);
    this.isRoundedUp = isRoundedUp(stats);
  }

  agreesWith(stats: FileStats): boolean {
    const { mode, size, mtimeMs, ctimeMs, dev, ino } = stats;
    const isSame = this.mode === mode && this.size === size && this.dev === dev && this.ino === ino;
    return isSame && this.mtimeMs === mtimeMs && this.ctimeMs === ctimeMs;
  }
}

/**
 * Whether the file before had a time of a whole second, and exact stats that said of it what Node's own numbers did: a worker
 * compares these with what it finds when it reads the file.
 */
let asksForNanoseconds = false;

/** As lstatSync(). */
export function lstatFile(path: string): Stats | ExactStats | undefined {
  if (asksForNanoseconds) {
    const exact = lstatSync(path, EXACT);
    if (exact?.isFile() === true) return new ExactStats(exact);
  }
  return lstatSync(path, NO_THROW);
}

/**
 * Whether its `mtimeMs` is rounded up to the next second.
 *
 * @param isFollowed whether `stats` are of what a link at the path leads to
 */
export function isTimeRoundedUp(stats: FileStats, path: string, isFollowed: boolean): boolean {
  const isWhole = stats.mtimeMs % 1000 === 0;
  if (stats instanceof ExactStats) {
    asksForNanoseconds = isWhole;
    return stats.isRoundedUp;
  }
  if (!isWhole) return false;
  const exact = isFollowed ? statSync(path, EXACT) : lstatSync(path, EXACT);
  if (exact === undefined) return false;
  asksForNanoseconds = exact.isFile() && new ExactStats(exact).agreesWith(stats);
  return isRoundedUp(exact);
}

const NO_THROW = { throwIfNoEntry: false } as const;
const EXACT = { bigint: true, throwIfNoEntry: false } as const;

const NANOSECONDS = 1_000_000_000n;

function isRoundedUp({ mtimeNs }: BigIntStats): boolean {
  const nanoseconds = Number(mtimeNs % NANOSECONDS);
  return nanoseconds !== 0 && milliseconds(mtimeNs) % 1000 === 0;
}

/** As Node works them out of seconds and nanoseconds. */
function milliseconds(nanoseconds: bigint): number {
  let seconds = nanoseconds / NANOSECONDS;
  if (nanoseconds < seconds * NANOSECONDS) seconds -= 1n;
  return Number(seconds) * 1000 + Number(nanoseconds - seconds * NANOSECONDS) / 1e6;
}

/** Node's plain numbers are unsigned, and its bigints are not. */
function unsigned(value: bigint): number {
  return Number(BigInt.asUintN(64, value));
}
