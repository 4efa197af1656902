/** Suspect names are rare: one test of each name finds those that need a closer look. */

const SUSPECT_NAME = /\uFFFD|\.pzip-(?:tmp|state)$/;

/** Node decodes bytes that are not UTF-8 as U+FFFD; a name that ends like a temporary file or a state of pzip may be one. */
export function isSuspectName(name: string): boolean {
  return SUSPECT_NAME.test(name);
}
