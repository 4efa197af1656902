/** Suspect names are rare: one test of each name finds those that need a closer look. */

const SUSPECT_NAME = /\uFFFD|\.pzip-tmp$/;

/** Node decodes bytes that are not UTF-8 as U+FFFD; a name that ends like a temporary file of pzip's may be one. */
export function isSuspectName(name: string): boolean {
  return SUSPECT_NAME.test(name);
}
