/** Errors of symbolic links that the policy does not allow. */
import { readlinkSync } from 'node:fs';
import { PzipError, quote } from '../common/errors.js';
import type { SelectContext } from './select-context.js';

/** With `symlinks: 'error'`: a link that was selected, or that an input leads through. */
export function linkRejected(link: string): PzipError {
  const message = `${quote(link)} is a symbolic link to ${quote(targetOf(link))}; keep, follow or skip links, or exclude it`;
  return new PzipError('PZIP_SOURCE_UNSUPPORTED', message, { path: link });
}

/**
 * Leaves out an input that leads through a link if links are not followed.
 *
 * @param input as the caller gave it
 * @throws PzipError PZIP_SOURCE_UNSUPPORTED, unless links are skipped
 */
export function rejectBehindLink(input: string, link: string, context: SelectContext): undefined {
  switch (context.symlinks) {
    case 'skip':
      context.counts.skipped++;
      return undefined;
    case 'error':
      throw linkRejected(link);
    default: {
      const message =
        `${quote(input)} lies behind the symbolic link ${quote(link)} to ${quote(targetOf(link))}, and links are kept, not followed; ` +
        'name the link, name what it leads to, or follow links';
      return context.problem(new PzipError('PZIP_SOURCE_UNSUPPORTED', message, { path: input }));
    }
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '?';
  }
}
