/**
 * Races with one outcome: a library that is preloaded into the command runs a shell command in the middle of a certain system
 * call. See preload/act-on-call.c.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Interruption {
  readonly call: 'scandir' | 'statx' | 'open' | 'readlink' | 'pread';
  /** The end of the real path that the call is on. */
  readonly path: string;
  readonly when: 'before' | 'after';
  /** Which of these calls. @default 1 */
  readonly nth?: number;
  /** Run by the shell, in the folder of the process. */
  readonly command: string;
}

/** The sources of tests lie beside what is compiled of them. */
const SOURCE = fileURLToPath(new URL('../../test/helpers/preload/act-on-call.c', import.meta.url));

let library: string | undefined;

/** Why there can be no such race here; undefined where there can. */
export function noInterruptions(): string | undefined {
  if (process.platform !== 'linux') return 'LD_PRELOAD is tried on Linux only';
  if (library !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'pzip-preload-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const built = join(folder, 'act-on-call.so');
  try {
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', built, SOURCE, '-ldl'], { stdio: 'pipe' });
  } catch (error) {
    return `gcc cannot build the library that is preloaded: ${error instanceof Error ? error.message : error}`;
  }
  library = built;
  return undefined;
}

/** What a process has to have in its environment. */
export function interruptedBy({ call, path, when, nth = 1, command }: Interruption): NodeJS.ProcessEnv {
  return {
    LD_PRELOAD: library,
    ACT_CALL: call,
    ACT_PATH: path,
    ACT_WHEN: when,
    ACT_NTH: String(nth),
    ACT_COMMAND: command,
  };
}
