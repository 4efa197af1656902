/** Handles a working directory that was removed, or whose path is too long for getcwd(3): only relative paths fail. */
import { isAbsolute, parse } from 'node:path';

export type UsableDirectory = { readonly cwd: string | undefined } | { readonly problem: string };

/**
 * @param paths to resolve from it, including patterns
 * @returns the `cwd` to use: as given, or the root if no path is relative; or a description of the problem
 */
export function usableDirectory(cwd: string | undefined, paths: readonly string[]): UsableDirectory {
  if (cwd !== undefined && isAbsolute(cwd)) return { cwd };
  try {
    process.cwd();
    return { cwd };
  } catch (error) {
    const isNeeded = cwd !== undefined || paths.some((path) => !isAbsolute(path.replace(/^!/, '')));
    if (!isNeeded) return { cwd: parse(paths[0] ?? '/').root };
    const isTooLong = error instanceof Error && 'code' in error && error.code === 'ERANGE';
    const why = isTooLong ? 'has a path that is too long' : 'does not exist any more';
    return { problem: `The working directory ${why}; use absolute paths, or start in another directory` };
  }
}
