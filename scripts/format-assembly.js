/**
 * Formats the AssemblyScript sources with Biome, which cannot parse a decorator on a function: `@inline` is a comment
 * while it works. The rows of the level table keep their columns.
 *
 *     node scripts/format-assembly.js [--check]
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'src/deflate/assembly');
const isCheck = process.argv.includes('--check');

const copies = mkdtempSync(join(tmpdir(), 'pzip-format-'));
try {
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  const sources = new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  for (const [name, source] of sources) writeFileSync(join(copies, name), hide(source));
  runBiome();
  const changed = names.filter((name) => {
    const source = sources.get(name);
    const formatted = show(readFileSync(join(copies, name), 'utf8'), source);
    if (formatted !== source && !isCheck) writeFileSync(join(folder, name), formatted);
    return formatted !== source;
  });
  if (isCheck && changed.length > 0) {
    console.error(`Not formatted: ${changed.join(', ')}. Run: npm run format`);
    process.exitCode = 1;
  }
  for (const [name, source] of sources) checkLineLength(name, source);
} finally {
  rmSync(copies, { recursive: true });
}

function runBiome() {
  writeFileSync(
    join(copies, 'biome.json'),
    JSON.stringify({
      ...JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')),
      $schema: undefined,
      vcs: undefined,
      files: undefined,
      linter: { enabled: false },
    }),
  );
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  execFileSync(process.execPath, [biome, 'check', '--write', '.'], {
    cwd: copies,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function hide(source) {
  return source.replace(/^@inline$/gm, '// @inline').replace(/^ {2}level\(.*\);$/gm, '  level();');
}

function show(formatted, source) {
  const rows = source.match(/^ {2}level\(.*\);$/gm)?.values();
  return formatted.replace(/^\/\/ @inline$/gm, '@inline').replace(/^ {2}level\(\);$/gm, () => rows.next().value);
}

/** Comments are not wrapped by Biome. */
function checkLineLength(name, source) {
  for (const [index, line] of source.split('\n').entries()) {
    if (line.length <= 120) continue;
    console.error(`${name}:${index + 1} has ${line.length} columns, 120 at most`);
    process.exitCode = 1;
  }
}
