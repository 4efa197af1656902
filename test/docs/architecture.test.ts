/** docs/architecture.md names files that exist, and answers each question with at most three of them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);
const PAGE = readFileSync(new URL('docs/architecture.md', ROOT), 'utf8');

function existsInSources(path: string): boolean {
  return existsSync(new URL(`src/${path}`, ROOT)) || existsSync(new URL(path, ROOT));
}

test('every file that the page names exists', () => {
  const files = [...PAGE.matchAll(/`([\w./-]+\.(?:ts|js))`/g)].map(([, path = '']) => path);
  assert.ok(files.length > 50);
  for (const file of files) assert.ok(existsInSources(file), file);
});

test('every step of a file through pzip is a file of src', () => {
  const steps = [...PAGE.matchAll(/^\| \d+ \| `([\w/-]+)` \|/gm)].map(([, path]) => path);
  assert.equal(steps.length, 12);
  for (const step of steps) assert.ok(existsInSources(`${step}.ts`), step);
});

test('at most three files answer a question', () => {
  const table = PAGE.slice(PAGE.indexOf('## Where to look'), PAGE.indexOf('## Design decisions'));
  const rows = [...table.matchAll(/^\| [^|]+\? \| (.+) \|$/gm)].map(([, files = '']) => files);
  assert.ok(rows.length >= 17);
  for (const row of rows) {
    const files = row.match(/`[\w./-]+\.ts`/g) ?? [];
    assert.ok(files.length >= 1 && files.length <= 3, row);
  }
});
