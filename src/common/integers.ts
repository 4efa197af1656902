/** Whether a value is an integer from `least` to `most`, and one that a number represents exactly. */
export function isIntegerFrom(least: number, most: number, value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}
