/**
 * The command: argv in, an exit code out. What it can do, a program can do through the same public functions. What each
 * request needs is loaded when it is made: Node itself is most of what a small archive takes.
 */
import { readFileSync } from 'node:fs';

export async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads standard error may go away: what cannot be said is not said.
  process.stderr.on('error', () => {});
  if (argv.length === 1 && argv[0] === '--version') return print(`${version()}\n`);
  const shell = argv[0] === 'completion' && argv.length === 2 ? argv[1] : undefined;
  if (shell === 'bash' || shell === 'zsh' || shell === 'fish') {
    const { completionScript } = await import('./completion.js');
    return print(completionScript(shell));
  }
  const { run } = await import('./run.js');
  const request = await run(argv);
  if (request === 'version') return print(`${version()}\n`);
  if (request !== 'help') return request;
  const { helpText } = await import('./help.js');
  return print(helpText());
}

function print(text: string): number {
  process.stdout.on('error', () => {}).write(text);
  return 0;
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return version;
}
