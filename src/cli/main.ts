/**
 * The command: argv in, an exit code out. What it can do, a program can do through the same public functions. What each
 * request needs is loaded when it is made: Node itself is most of what a small archive takes.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { CommandLine, Request } from './arguments.js';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.js';
import { askForFewSystemThreads } from './scarce-threads.js';
import { errorLine, hasSaidAll, say, standardOutput } from './terminal.js';
import { explainUsage, UsageError } from './usage-error.js';

/** Runs the command and ends the process. */
export async function start(argv: readonly string[]): Promise<void> {
  askForFewSystemThreads();
  // Should the process run out of things to wait for before it is done, that is no success.
  process.exitCode = EXIT_FAILED;
  process.exitCode = await main(argv);
  // By itself, Node takes apart first what ends with it anyway, which takes 1 to 3 ms.
  if (process.exitCode === EXIT_DONE && hasSaidAll()) process.exit();
}

export async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && argv[0] === '--version') return print(await version());
  if (argv[0] === 'completion' && argv.length <= 2 && !existsSync(argv[1] ?? '')) return completion(argv[1]);
  const request = await parse(argv);
  if (request === undefined) return EXIT_USAGE;
  if (request === 'version') return print(await version());
  if (request === 'help') {
    const { helpText } = await import('./help.js');
    return print(helpText());
  }
  const { run } = await import('./run.js');
  return run(request);
}

/** An archive called `completion`, with one input, is meant where that input exists. */
async function completion(shell: string | undefined): Promise<number> {
  if (shell === 'bash' || shell === 'zsh' || shell === 'fish') {
    const { completionScript } = await import('./completion.js');
    return print(completionScript(shell));
  }
  say(errorLine('name the shell to complete for: pzip completion bash, zsh or fish'));
  return EXIT_USAGE;
}

/** @returns undefined where it has been said what is wrong */
async function parse(argv: readonly string[]): Promise<CommandLine | Request | undefined> {
  const { parseArguments } = await import('./arguments.js');
  try {
    return parseArguments(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(errorLine(explainUsage(error)));
    return undefined;
  }
}

function print(text: string): number {
  standardOutput()
    .on('error', () => {})
    .write(text);
  return 0;
}

async function version(): Promise<string> {
  const { isEngineAvailable } = await import('../index.js');
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return `pzip ${version} (deflate engine: ${isEngineAvailable('wasm') ? 'wasm' : 'zlib'})\n`;
}
