/**
 * Runs another program to its end and hands back all that it said. The foreign readers and the pzip command are both
 * started from here, so that both are held to the same rule: nothing is judged before the exit code and every byte are in.
 */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Milliseconds. */
export const DEFAULT_TIMEOUT = 300_000;

export interface ProcessOptions {
  cwd?: string;
  /** The whole environment of the child. @default that of this process */
  env?: NodeJS.ProcessEnv;
  /** What the child reads: bytes, a stream, or a file that reaches it through a pipe and so cannot be seeked. @default nothing */
  stdin?: string | Uint8Array | Readable | { pipedFile: string };
  /** Milliseconds after which the child is killed and the call rejects. @default DEFAULT_TIMEOUT */
  timeout?: number;
  /**
   * Without root's right to read and write what the permissions forbid; nothing changes for an ordinary user.
   * @default false
   */
  withoutRootRights?: boolean;
  /** Called with the child as soon as it runs: to send a signal, or to close its output. */
  onSpawn?: (child: RunningProcess) => void;
}

/** The part of a running child that a test may touch. */
export interface RunningProcess {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Closes the reading end of the child's standard output, as `pzip - dir | head` does. */
  closeStdout(): void;
}

export interface ProcessOutcome {
  /** null when a signal ended the child. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Another user might not be able to reach Node or the package; root without these rights can. */
const ORDINARY_RIGHTS = ['bounding-set', 'inh-caps'].map((set) => `--${set}=-dac_override,-dac_read_search`);

/** What to start instead of this command, for a process without root's right to read and write everything. */
export function ordinaryRightsFor(command: string, ...args: readonly string[]): [command: string, ...args: string[]] {
  return process.getuid?.() === 0 ? ['setpriv', ...ORDINARY_RIGHTS, command, ...args] : [command, ...args];
}

/** Rejects when the program cannot be started or runs too long; any exit code is a result, not an error. */
export function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessOutcome> {
  const { cwd, env = process.env, stdin, timeout = DEFAULT_TIMEOUT, withoutRootRights = false, onSpawn } = options;
  return new Promise((resolve, reject) => {
    const stdio = ['pipe', 'pipe', 'pipe'] as const;
    const words = [command, ...args] as const;
    const [program, ...rest] = withoutRootRights ? ordinaryRightsFor(...words) : words;
    const child = spawn(program, rest, { cwd, env, stdio: [...stdio] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));

    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeout);

    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const outcome = { code, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
      if (timedOut) {
        reject(new Error(`${command} ran longer than ${timeout} ms and was killed; stderr: ${outcome.stderr}`));
      } else {
        resolve(outcome);
      }
    });

    // A child may end before it has read all of its input (EPIPE); what that means is for its exit code to say.
    pipeline(readableOf(stdin), child.stdin).catch(() => undefined);

    const { pid } = child;
    if (pid !== undefined) {
      onSpawn?.({ pid, kill: (name) => child.kill(name), closeStdout: () => child.stdout.destroy() });
    }
  });
}

function readableOf(stdin: ProcessOptions['stdin']): Readable {
  if (stdin === undefined) return Readable.from([]);
  if (stdin instanceof Readable) return stdin;
  if (typeof stdin === 'string' || stdin instanceof Uint8Array) return Readable.from([Buffer.from(stdin)]);
  return createReadStream(stdin.pipedFile);
}
