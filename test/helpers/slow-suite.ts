/** Whether the tests run as `npm run test:slow` runs them: with every combination, and inputs of gigabytes read in full. */
export const isSlowSuite = process.env.PZIP_SLOW === '1';

/** Every case in the slow suite. In the fast suite, those whose index the filter accepts. */
export function casesOf<T>(all: readonly T[], isFast: (item: T, index: number) => boolean): readonly T[] {
  return isSlowSuite ? all : all.filter(isFast);
}
