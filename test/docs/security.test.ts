import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inTemporaryDirectory } from '../helpers/trees.js';

const ROOT = new URL('../../', import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

/** The cells of each numbered row of docs/security.md. */
function promises(): string[][] {
  const lines = read('docs/security.md').split('\n');
  const rows = lines.filter((line) => /^\| \d+ \|/.test(line));
  return rows.map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
}

/** As they are written in the sources, where an apostrophe may be escaped. */
function testTitles(): Set<string> {
  const titles = new Set<string>();
  for (const name of readdirSync(new URL('test/', ROOT), { recursive: true })) {
    if (!String(name).endsWith('.test.ts')) continue;
    const source = read(`test/${name}`);
    for (const [, , title] of source.matchAll(/\btest\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g)) {
      titles.add((title ?? '').replaceAll(/\\(.)/g, '$1'));
    }
  }
  return titles;
}

test('each promise of the security page names tests that exist', () => {
  const titles = testTitles();
  const rows = promises();
  assert.deepEqual(
    rows.map(([number]) => Number(number)),
    Array.from({ length: 33 }, (_, index) => index + 1),
  );
  for (const [number, promise, , how, tests = ''] of rows) {
    assert.ok(promise && how, `row ${number}`);
    const named = tests.split(/(?<="); (?=")/).filter((title) => !title.startsWith('(pending)'));
    assert.ok(named.length > 0, `row ${number} names no test`);
    for (const title of named) {
      assert.ok(titles.has(title.replace(/^"|"$/g, '')), `row ${number}: there is no test ${title}`);
    }
  }
});

test('CI checks the dependencies for known vulnerabilities', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  assert.equal(scripts.audit, 'node scripts/audit.js');
  assert.match(read('.ci/run'), /npm run --silent audit/);
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { integrity?: string }> };
  for (const [name, { integrity }] of Object.entries(lock.packages)) {
    if (name !== '') assert.match(integrity ?? '', /^sha512-/, name);
  }
});

test('the audit fails if a dependency has a known vulnerability', async (t) => {
  const folder = await inTemporaryDirectory(t);
  for (const [total, expected] of [
    [1, 1],
    [0, 0],
  ] as const) {
    const report = JSON.stringify({ metadata: { vulnerabilities: { total } } });
    writeFileSync(join(folder, 'npm'), `#!/bin/sh\necho '${report}'\n`, { mode: 0o755 });
    const env = { PATH: `${folder}:/bin:/usr/bin` };
    const { status } = spawnSync(process.execPath, [fileURLToPath(new URL('scripts/audit.js', ROOT))], { env });
    assert.equal(status, expected);
  }
});

test('SECURITY.md describes how to report a vulnerability in private', () => {
  assert.match(read('.github/SECURITY.md'), /private vulnerability reporting/);
  assert.match(read('docs/security.md'), /\(\.\.\/\.github\/SECURITY\.md\)/);
  assert.match(read('README.md'), /\(docs\/security\.md\)/);
});
