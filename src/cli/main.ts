/**
 * The command: argv in, an exit code out. What it can do, a program can do through the same public functions. What each
 * request needs is loaded when it is made: Node itself is most of what a small archive takes.
 */
import { readFileSync } from 'node:fs';
import type { CommandLine, Request } from './arguments.js';
import { printDetails } from './debug.js';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.js';
import { isClosedByReader, outputFailure } from './output-error.js';
import { askForFewSystemThreads } from './scarce-threads.js';
import { errorLine, saidAll, say } from './terminal.js';
import { explainUsage, UsageError } from './usage-error.js';

/** Runs the command and ends the process. */
export async function start(argv: readonly string[]): Promise<void> {
  askForFewSystemThreads();
  // Should the process run out of things to wait for before it is done, that is no success.
  process.exitCode = EXIT_FAILED;
  const exitCode = await main(argv);
  process.exitCode = exitCode;
  await saidAll();
  // What is still under way, such as a write that the reader does not accept, is not waited for; Node would first take apart what ends
  // with the process anyway, in 1 to 3 ms.
  process.exit(exitCode);
}

export async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && argv[0] === '--version') return print(await version());
  if (argv[0] === 'completion' && argv.length <= 2) return completion(argv[1]);
  const subcommand = await loadSubcommand(argv[0]);
  if (subcommand !== undefined) return subcommand(argv.slice(1));
  const request = await parse(argv);
  if (request === undefined) return EXIT_USAGE;
  if (request === 'version') return print(await version());
  if (request === 'help') {
    const { helpText } = await import('./help.js');
    return print(helpText(!argv.includes('-h')));
  }
  const { SignalWatch } = await import('./signals.js');
  const watch = request.isDryRun ? undefined : new SignalWatch(matchesMany(request));
  const { run } = await import('./commands/create.js');
  try {
    return await run(request, watch);
  } finally {
    watch?.close();
  }
}

/** @returns the command of that name, which no archive can have without `./` before it */
async function loadSubcommand(
  name: string | undefined,
): Promise<((argv: readonly string[]) => Promise<number>) | undefined> {
  switch (name) {
    case 'list':
      return (await import('./commands/list.js')).list;
    case 'check':
      return (await import('./commands/check.js')).check;
    case 'diff':
      return (await import('./commands/diff.js')).diff;
    case 'plan':
      return (await import('./commands/plan.js')).plan;
    case 'build':
      return (await import('./commands/build.js')).build;
    case 'merge':
      return (await import('./commands/merge.js')).merge;
    default:
      return undefined;
  }
}

/** Patterns that are not short ones of the command line's own may keep the thread that matches them busy for long. */
function matchesMany({ inputs, options }: CommandLine): boolean {
  const hasFiles = options.gitignore !== undefined || options.ignoreFiles !== undefined;
  return hasFiles || inputs.some((input) => /[*?[\](){}!]/.test(input));
}

/** Whatever files there are: shells run this when they start, in any directory. An archive of that name is `./completion`. */
async function completion(shell: string | undefined): Promise<number> {
  if (shell === 'bash' || shell === 'zsh' || shell === 'fish') {
    const { completionScript } = await import('./commands/completion.js');
    return print(completionScript(shell));
  }
  say(errorLine('name the shell to complete for: pzip completion bash, zsh or fish'));
  return EXIT_USAGE;
}

/** @returns undefined if the error has been printed */
async function parse(argv: readonly string[]): Promise<CommandLine | Request | undefined> {
  const { parseArguments } = await import('./arguments.js');
  try {
    return parseArguments(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { reportUsage } = await import('./ci/ci-report.js');
    if (!reportUsage(argv, explainUsage(error), say)) say(errorLine(explainUsage(error)));
    printDetails(error);
    return undefined;
  }
}

async function print(text: string): Promise<number> {
  const error = await new Promise((resolve) => {
    // The callback has the error, too; a stream error without a listener ends the process.
    process.stdout.on('error', resolve).write(text, resolve);
  });
  if (!error || isClosedByReader(error)) return EXIT_DONE;
  say(errorLine(outputFailure('the text', error)));
  return EXIT_FAILED;
}

async function version(): Promise<string> {
  const { isEngineAvailable } = await import('../index.js');
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return `pzip ${version} (deflate engine: ${isEngineAvailable('wasm') ? 'wasm' : 'zlib'})\n`;
}
