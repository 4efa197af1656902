/** Bounds the wait for what an archive has to release at its end. */

/**
 * Milliseconds that a failed archive waits for its threads and its file. A disk that does not answer a sync keeps the handle
 * for longer than a caller should wait for the error.
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
