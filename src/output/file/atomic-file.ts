/** Renames a finished temporary file to the archive's name, atomically. */
import { closeSync, existsSync, fstatSync, linkSync, openSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { quote } from '../../common/errors.js';
import { hasCode } from '../../common/file-errors.js';
import { cannotWrite, outputExists, outputFailed } from './explain.js';
import { type ExactIdentity, isFile } from './identity.js';
import type { TemporaryFile } from './temporary.js';

/** Errors of file systems without hard links. */
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

const TEMPORARY_GONE = 'another program has removed the temporary file or moved its directory meanwhile; try again';

export interface ArchiveName {
  /** As the user gave it. */
  readonly path: string;
  /** Absolute. */
  readonly target: string;
  readonly mayReplace: boolean;
  readonly notice: (message: string) => void;
}

/** @throws PzipError PZIP_OUTPUT_FAILED or PZIP_OUTPUT_EXISTS */
export function takeName(temporary: TemporaryFile, name: ArchiveName): void {
  const { path, target, mayReplace } = name;
  try {
    if (mayReplace) renameSync(temporary.path, target);
    else takeFreeName(temporary.path, name);
    temporary.forget();
  } catch (error) {
    if (hasCode(error, 'ENOENT') && !existsSync(temporary.path)) throw cannotWrite(path, TEMPORARY_GONE, error);
    throw outputFailed(path, error, mayReplace && existsSync(target));
  }
}

/** Uses link(2), which fails if the name has been taken since; rename(2) would replace the file. */
function takeFreeName(temporary: string, name: ArchiveName): void {
  try {
    linkSync(temporary, name.target);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw outputExists(name.path);
    if (!hasCode(error, ...NO_HARD_LINKS)) throw error;
    claimName(temporary, name);
    return;
  }
  try {
    unlinkSync(temporary);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    name.notice(`The archive is complete, but ${quote(temporary)} could not be removed: ${reason}`);
  }
}

/** Without hard links (FAT, some network shares), an empty file reserves the name before rename(2). */
function claimName(temporary: string, { path, target }: ArchiveName): void {
  let claimed: ExactIdentity;
  try {
    const descriptor = openSync(target, 'wx');
    claimed = fstatSync(descriptor, { bigint: true });
    closeSync(descriptor);
  } catch (error) {
    throw hasCode(error, 'EEXIST') ? outputExists(path) : error;
  }
  try {
    renameSync(temporary, target);
  } catch (error) {
    removeIfSame(target, claimed);
    throw error;
  }
}

function removeIfSame(path: string, identity: ExactIdentity): void {
  try {
    if (isFile(identity, statSync(path), path)) unlinkSync(path);
  } catch {
    // Another program has replaced it, or the file system fails: there is nothing to remove.
  }
}
