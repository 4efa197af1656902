/** Runs the command that ships: what a shell, a pipe or a terminal gets from it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_TIMEOUT, type ProcessOptions, type ProcessOutcome, runProcess } from './run-process.js';
import { WarmCommand } from './warm-command.js';

/** Tests run compiled, two folders below the package. */
export const PZIP = fileURLToPath(new URL('../../bin/pzip.js', import.meta.url));

export interface RunPzipOptions extends Omit<ProcessOptions, 'env'> {
  /** Added to a small environment that says nothing of colour, CI, locale or dates. */
  env?: NodeJS.ProcessEnv;
  /** Arguments of Node itself, before the script's. @default none */
  nodeArguments?: readonly string[];
}

/**
 * Standard output and standard error are pipes. Any exit code is a result.
 *
 * A process that is there already (warm-command.ts) runs it, unless something takes one of its own: an option that acts on a
 * process, a standard stream among the arguments, or another run at the same time.
 */
export async function runPzip(args: readonly string[], options: RunPzipOptions = {}): Promise<ProcessOutcome> {
  const { cwd = process.cwd(), env, withoutRootRights = false, timeout = DEFAULT_TIMEOUT, ...others } = options;
  const takesWarm = Object.keys(others).length === 0 && !args.includes('-') && !isReadAtStart(env);
  const warm = takesWarm ? warmCommand(withoutRootRights) : undefined;
  return warm === undefined
    ? startPzip(args, options)
    : warm.run(args, { cwd, env: { ...plainEnvironment(), ...env }, timeout });
}

/** Whether Node, the C library or bin/pzip.js reads one of the variables when a process starts. */
function isReadAtStart(env: NodeJS.ProcessEnv = {}): boolean {
  return Object.keys(env).some((name) => /^(?:NODE_|UV_|PZIP_|LD_|LC_|LANG|TZ$|TMPDIR$)/.test(name));
}

const warmCommands = new Map<boolean, WarmCommand>();

/** Undefined while it is busy. */
function warmCommand(withoutRootRights: boolean): WarmCommand | undefined {
  let command = warmCommands.get(withoutRootRights);
  if (command === undefined || command.hasEnded) {
    command = new WarmCommand(plainEnvironment(), { withoutRootRights });
    warmCommands.set(withoutRootRights, command);
  }
  return command.isBusy ? undefined : command;
}

/** Always `bin/pzip.js` as a process of its own, for what only its start, its end or its streams can show. */
export function startPzip(args: readonly string[], options: RunPzipOptions = {}): Promise<ProcessOutcome> {
  const { env, nodeArguments = [], ...rest } = options;
  return runProcess(process.execPath, [...nodeArguments, PZIP, ...args], {
    ...rest,
    env: { ...plainEnvironment(), ...env },
  });
}

export interface TerminalOutcome {
  readonly code: number | null;
  /** What the terminal was sent, control sequences and `\r\n` included. */
  readonly screen: string;
  /** Where standard output was kept from the terminal; else empty. */
  readonly stdout: Buffer;
}

export interface TerminalOptions extends RunPzipOptions {
  /** @default 80 */
  columns?: number;
  /** Standard output goes to a file and only standard error to the terminal, as in `pzip - dir > out.zip`. @default false */
  redirectStdout?: boolean;
}

/** The command under a pseudo-terminal made by script(1) of util-linux. */
export async function runPzipInTerminal(
  args: readonly string[],
  options: TerminalOptions = {},
): Promise<TerminalOutcome> {
  const { env, nodeArguments = [], columns = 80, redirectStdout = false, ...rest } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'pzip-terminal-'));
  const file = path.join(folder, 'stdout');
  try {
    const words = [process.execPath, ...nodeArguments, PZIP, ...args].map(quoteForShell).join(' ');
    const command = `stty cols ${columns} rows 24; ${words}${redirectStdout ? ` > ${quoteForShell(file)}` : ''}`;
    // /bin/sh runs the command whatever the user's own shell is; TERM makes it a terminal that can do something.
    const surroundings = { ...plainEnvironment(), TERM: 'xterm-256color', SHELL: '/bin/sh', ...env };
    const outcome = await runProcess('script', ['-qec', command, '/dev/null'], { ...rest, env: surroundings });
    const stdout = redirectStdout ? await readFile(file) : Buffer.alloc(0);
    return { code: outcome.code, screen: outcome.stdout.toString(), stdout };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing in it changes what pzip writes or says. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...(TMPDIR !== undefined && { TMPDIR }) };
}

function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
