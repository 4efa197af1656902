/**
 * Writes docs/api.md from the docstrings of what the package exports, or with --check sees whether it is what they say.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TARGET = join(ROOT, 'docs/api.md');
const HEAD = '<!-- Made from the docstrings by `npm run docs`: correct those, and not this file. -->\n\n';

const text = HEAD + generate();
if (!process.argv.includes('--check')) {
  writeFileSync(TARGET, text);
} else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error('docs/api.md is not what the docstrings say: npm run docs, and commit it');
  process.exitCode = 1;
}

function generate() {
  const folder = mkdtempSync(join(tmpdir(), 'pzip-docs-'));
  const typedoc = join(dirname(createRequire(import.meta.url).resolve('typedoc/package.json')), 'bin/typedoc');
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [typedoc, '--options', join(ROOT, 'scripts/typedoc.json'), '--out', folder, '--logLevel', 'Warn'],
      { cwd: ROOT, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`typedoc failed:\n${stdout}${stderr}`);
    return readFileSync(join(folder, 'api.md'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
