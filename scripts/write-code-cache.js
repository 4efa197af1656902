/**
 * Writes what V8 makes of the command (src/cli/code-cache.ts) after it has made two archives, so that the functions which that
 * takes are compiled: one of a few small files, without threads, and one of a file that takes them.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachePath, compile, encodeCache, evaluate } from '../dist/cli/code-cache.js';

const path = fileURLToPath(new URL('../dist/command/main.js', import.meta.url));
const source = readFileSync(path);
const script = compile(path, source);
const { main } = evaluate(script, path, createRequire(path));

const folder = mkdtempSync(join(tmpdir(), 'pzip-build-'));
try {
  const large = join(folder, 'large');
  writeFileSync(large, Buffer.alloc(5_000_000, 'All work and no play makes Jack a dull boy. '));
  for (const [index, input] of ['src/cli', large].entries()) {
    const exitCode = await main(['-q', join(folder, `${index}.zip`), input]);
    if (exitCode !== 0) throw new Error(`The command fails on ${input}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
writeFileSync(cachePath(path), encodeCache(script, source));
