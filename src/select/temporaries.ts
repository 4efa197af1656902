/** Leaves out temporary files of pzip, of this run or any other, and the states that it keeps beside archives. */
import { lstatSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { quote } from '../common/errors.js';
import { isStateFile } from '../common/state-files.js';
import { isTemporaryName, ownerState } from '../common/temporary-files.js';
import type { SelectContext } from './select-context.js';

/**
 * Whether a path is a temporary file of pzip, which must be a regular file. The first one whose run is not known to be alive
 * is reported.
 *
 * @param name the last component of the path
 * @param input as the user has named it; a state is reported then, too
 */
export function isTemporary(path: string, name: string, context: SelectContext, input?: string): boolean {
  if (!isTemporaryName(name)) {
    const isState = isStateFile(path, name);
    if (isState && input !== undefined) context.warn(stateNotice(input));
    return isState;
  }
  try {
    // If it no longer exists, it belonged to a concurrent run.
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) return false;
  } catch {
    return false;
  }
  const state = ownerState(name);
  if (state !== 'alive') context.reportTemporary(temporaryWarning(path, state));
  return true;
}

/** The same for the target of a link. */
export function leadsToTemporary(link: string, context: SelectContext): boolean {
  const path = realpathSync(link);
  return isTemporary(path, basename(path), context);
}

function stateNotice(path: string) {
  const message = `${quote(path)} records how an archive was made, and stays out of archives`;
  return { code: 'PZIP_INPUT_IGNORED', severity: 'notice', message, path } as const;
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
