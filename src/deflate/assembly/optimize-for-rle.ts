/**
 * Level 10: changes symbol counts so that the code lengths are cheaper to transmit, although the codes themselves get
 * longer. Code lengths are run-length coded, so neighbouring symbols of similar frequency are better coded alike.
 * (zopfli: OptimizeHuffmanForRle.)
 */

/** RFC 1951 section 3.2.7 repeats a nonzero code length at least three times after its first occurrence. */
const MIN_RUN: i32 = 4;

/**
 * Copies counts. Where at least MIN_RUN neighbours differ from their mean by no more than about `tolerance` eighths of
 * it, each gets the mean. Symbols that do not occur remain unused.
 */
export function optimizeForRle(from: usize, to: usize, symbolCount: i32, tolerance: i32): void {
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
