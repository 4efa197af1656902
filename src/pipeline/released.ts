/** Bounds the wait for an archive's resources to be released. */

/**
 * Milliseconds that a failed archive waits for its threads and its file. If a disk does not answer a sync, the caller should
 * still get the error.
 */
const LONGEST_RELEASE = 250;

/** Resolves when everything is released, or after LONGEST_RELEASE. */
export async function released(releases: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, LONGEST_RELEASE);
  });
  await Promise.race([Promise.all(releases), late]).finally(() => clearTimeout(timer));
}
