/** The mode that goes into the archive for the mode that stat(2) gives. */

const TYPE_MASK = 0o170000;
const TYPE_REGULAR = 0o100000;
const TYPE_DIRECTORY = 0o040000;

/**
 * Windows has no permission bits: Node makes them up from the read-only attribute, 0666 or 0444, and extracted elsewhere
 * such files are writable for all and its directories without x cannot be entered. They become what a fresh checkout has.
 */
export function entryMode(mode: number, platform: NodeJS.Platform): number {
  if (platform !== 'win32') return mode;
  const type = mode & TYPE_MASK;
  if (type === TYPE_DIRECTORY) return type | 0o755;
  return type === TYPE_REGULAR ? type | 0o644 : type | 0o777;
}
