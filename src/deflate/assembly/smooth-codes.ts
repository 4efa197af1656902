/**
 * Level 10: codes that cost more by themselves and less to tell. The code lengths of a block are run-length coded, so
 * symbols side by side that are about as frequent are better coded alike.
 */

/** Fewer in a row are not a run in RFC 1951 section 3.2.7: one length, and at least three times the same. */
const MIN_RUN: i32 = 4;

/**
 * Where symbols in a row differ from their mean by no more than `tolerance` eighths of it, about, each gets the mean. What
 * does not occur stays away.
 */
export function smoothCounts(from: usize, to: usize, symbolCount: i32, tolerance: i32): void {
  memory.copy(to, from, symbolCount << 2);
  for (let start = 0; start < symbolCount; ) {
    let sum = 0;
    let end = start;
    while (end < symbolCount) {
      const n = load<i32>(from + (end << 2));
      const count = end - start;
      if (n == 0 || (count > 0 && abs(n * count - sum) > ((sum * tolerance) >> 3) + count)) break;
      sum += n;
      end++;
    }
    const count = end - start;
    if (count >= MIN_RUN) {
      const mean = max(1, (sum + (count >> 1)) / count);
      for (let symbol = start; symbol < end; symbol++) store<i32>(to + (symbol << 2), mean);
    }
    start = max(end, start + 1);
  }
}
