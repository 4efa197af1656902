/**
 * One process of the command that runs many command lines, one after another, each with its own directory, environment and
 * real pipes: what a started process does but for Node's start, which takes longer than most archives of tests.
 */
import { ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ordinaryRightsFor, type ProcessOutcome } from './run-process.js';

/** What warm-command-process.ts is sent for each run. */
export interface WarmRun {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Written to both streams when the run is over. */
  readonly end: string;
}

const PROGRAM = fileURLToPath(new URL('./warm-command-process.js', import.meta.url));

export class WarmCommand {
  readonly #child: ChildProcess;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #hasExited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #isBusy = false;
  #isAlive = true;

  constructor(env: NodeJS.ProcessEnv, { withoutRootRights = false } = {}) {
    const words = [process.execPath, PROGRAM] as const;
    const [command, ...args] = withoutRootRights ? ordinaryRightsFor(...words) : words;
    this.#child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe', 'ipc'], serialization: 'advanced' });
    this.#child.stdin?.on('error', () => {}).end();
    this.#child.stdout?.on('data', (bytes: Buffer) => this.#stdout.push(bytes));
    this.#child.stderr?.on('data', (bytes: Buffer) => this.#stderr.push(bytes));
    this.#hasExited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => {
        this.#isAlive = false;
        resolve({ code, signal });
      });
    });
    this.#hasExited.catch(() => {});
    this.#holdsTestProcess(false);
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  get hasEnded(): boolean {
    return !this.#isAlive;
  }

  /**
   * A process that ends during the run gives the code or signal that a started one would.
   *
   * @param options with the milliseconds after which the process is killed and the call rejects
   */
  async run(
    args: readonly string[],
    { cwd, env, timeout }: { cwd: string; env: NodeJS.ProcessEnv; timeout: number },
  ): Promise<ProcessOutcome> {
    this.#isBusy = true;
    this.#holdsTestProcess(true);
    const end = `\n${randomBytes(16).toString('hex')}`;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.#child.kill('SIGKILL');
    }, timeout);
    try {
      const run: WarmRun = { args, cwd, env, end };
      const answered = new Promise<number>((resolve, reject) => {
        this.#child.once('message', resolve);
        this.#child.send(run, (error) => error && reject(error));
      });
      const streamsEnd = [
        [this.#child.stdout, this.#stdout],
        [this.#child.stderr, this.#stderr],
      ] as const;
      const complete = Promise.all([answered, ...streamsEnd.map(([stream, read]) => endsWith(stream, read, end))]);
      const [code] = await Promise.race([complete, this.#hasExited.then(({ code: exitCode }) => [exitCode] as const)]);
      const { signal } = this.#isAlive ? { signal: null } : await this.#hasExited;
      const stderr = taken(this.#stderr, end).toString();
      if (timedOut) throw new Error(`pzip ran longer than ${timeout} ms and was killed; stderr: ${stderr}`);
      return { code, signal, stdout: taken(this.#stdout, end), stderr };
    } finally {
      clearTimeout(timer);
      this.#isBusy = false;
      this.#holdsTestProcess(false);
    }
  }

  /** A free process does not keep the test's alive, and ends with it. */
  #holdsTestProcess(holds: boolean): void {
    const { channel, stdout, stderr } = this.#child;
    for (const handle of [this.#child, channel, stdout, stderr]) {
      if (handle instanceof Socket || handle instanceof ChildProcess || handle === channel) {
        if (holds) handle?.ref();
        else handle?.unref();
      }
    }
  }
}

/** Resolves when the stream has brought these words last. */
function endsWith(stream: Readable | null, read: readonly Buffer[], words: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!lastOf(read, words.length).equals(Buffer.from(words))) return;
      stream?.off('data', look);
      resolve();
    };
    stream?.on('data', look);
  });
}

function lastOf(read: readonly Buffer[], length: number): Buffer {
  let last = Buffer.alloc(0);
  for (let index = read.length - 1; index >= 0 && last.length < length; index--) {
    last = Buffer.concat([read[index] ?? Buffer.alloc(0), last]);
  }
  return last.subarray(Math.max(0, last.length - length));
}

/** All that was read, without the words at its end; nothing is left of it. */
function taken(read: Buffer[], words: string): Buffer {
  const all = Buffer.concat(read.splice(0));
  const isWhole = all.subarray(-words.length).equals(Buffer.from(words));
  return isWhole ? all.subarray(0, -words.length) : all;
}
