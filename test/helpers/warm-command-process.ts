/** Started by warm-command.ts: runs the bundled command for each message, and answers with its exit code. */
import { createRequire } from 'node:module';
import type { WarmRun } from './warm-command.js';

const { main }: { main(argv: readonly string[]): Promise<number> } = createRequire(import.meta.url)(
  '../../dist/command/main.js',
);

process.on('message', async ({ args, cwd, env, end }: WarmRun) => {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  const code = await main(args);
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise((resolve) => stream.write(end, resolve));
    // Each run listens to streams that otherwise end with it.
    stream.removeAllListeners('error');
  }
  process.send?.(code);
});
process.once('disconnect', () => process.exit());
