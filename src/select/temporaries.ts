/** Temporary files of pzip's, of this run or of any other: they are never content. */
import { lstatSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { quote } from '../common/errors.js';
import { isTemporaryName, ownerState } from '../common/temporary-files.js';
import type { SelectContext } from './select-context.js';

/**
 * Whether a path is that of a temporary file of pzip's; the first whose run is not known to be alive is reported. Only a
 * regular file is one, whatever its name.
 *
 * @param name the last component of the path
 */
export function isTemporary(path: string, name: string, context: SelectContext): boolean {
  if (!isTemporaryName(name)) return false;
  try {
    // One that is gone by now belonged to a run beside this one.
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) return false;
  } catch {
    return false;
  }
  const state = ownerState(name);
  if (state !== 'alive') context.reportTemporary(temporaryWarning(path, state));
  return true;
}

/** The same for what a link leads to. */
export function leadsToTemporary(link: string, context: SelectContext): boolean {
  const path = realpathSync(link);
  return isTemporary(path, basename(path), context);
}

function temporaryWarning(path: string, state: 'dead' | 'unknown') {
  const what =
    state === 'dead'
      ? 'was left by a run of pzip that was killed'
      : 'is a temporary file of another run of pzip, or was left by one that was killed';
  const advice = state === 'dead' ? 'delete it' : 'delete it if no other run is at work there';
  const message = `${quote(path)} ${what}, and stays out of the archive, as do others of its kind; ${advice}`;
  return { code: 'PZIP_TEMPORARY_FILE', severity: state === 'dead' ? 'warning' : 'notice', message, path } as const;
}
