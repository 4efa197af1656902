/**
 * Everything that `npm test` needs, in two lanes: on two cores that takes some 30 s instead of 53. Prints what a step prints
 * if it fails, and ends with its exit code.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** `npm ci` empties it, so that CI compiles everything. */
const CACHE = join(ROOT, 'node_modules/.cache/pzip');

async function main() {
  await run('npm run clean');
  const types = run('npx tsc');
  const modules = buildModules();
  await types;
  const tests = run('npx tsc -p test');
  await modules;
  await inTurn(
    'npm run build:page',
    'npm run build:command',
    'npm run build:man',
    'npm run build:schema',
    'npx tsc -p bench',
    'npm run lint',
  );
  await tests;
}

async function buildModules() {
  await buildModule('build:deflate', 'dist/deflate/deflate.wasm');
  await buildModule('build:deflate:debug', 'dist-debug/deflate.wasm');
}

/** The compiler gives the same bytes for the same sources, so a module of these sources is taken from the cache. */
async function buildModule(script, output) {
  const hash = createHash('sha256').update(
    JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts[script],
  );
  hash.update(readFileSync(join(ROOT, 'node_modules/assemblyscript/package.json')));
  const sources = join(ROOT, 'src/deflate/assembly');
  for (const name of readdirSync(sources, { recursive: true }).sort()) {
    if (name.endsWith('.ts')) hash.update(`\n${name}\n`).update(readFileSync(join(sources, name)));
  }
  const cached = join(CACHE, `${hash.digest('hex')}.wasm`);
  const built = join(ROOT, output);
  if (existsSync(cached)) {
    mkdirSync(dirname(built), { recursive: true });
    copyFileSync(cached, built);
    return;
  }
  await run(`npm run ${script}`);
  mkdirSync(CACHE, { recursive: true });
  // By a name of its own until it is whole.
  copyFileSync(built, `${cached}.${process.pid}`);
  renameSync(`${cached}.${process.pid}`, cached);
}

async function inTurn(...commands) {
  for (const command of commands) await run(command);
}

/** Resolves when the command has succeeded; ends the process if it fails. */
function run(command) {
  return new Promise((resolve) => {
    const child = spawn(command, { cwd: ROOT, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.on('close', (code) => {
      if (code === 0) return resolve();
      console.error(`${command} failed:\n${output}`);
      process.exit(code ?? 1);
    });
  });
}

await main();
