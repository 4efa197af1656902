/** What a glance at the inputs shows before the selection: enough to start threads for, or not. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createArchive } from '../../dist/index.js';
import { estimateWork } from '../../dist/select/estimate-work.js';

const root = mkdtempSync(join(tmpdir(), 'pzip-glance-'));
after(() => rmSync(root, { recursive: true }));

const MIB = 1024 * 1024;
const glance = (...inputs: string[]): number => estimateWork(inputs, root, MIB, (bytes) => bytes + 2048);

function directory(name: string, files: Record<string, number>): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  for (const [file, size] of Object.entries(files)) {
    writeFileSync(join(path, file), '');
    truncateSync(join(path, file), size);
  }
  return path;
}

describe('a glance at the inputs', () => {
  test('counts the files that are named, and those right in a directory', () => {
    directory('two', { a: 3 * MIB, b: 10 });
    assert.ok(glance('two/a') >= 3 * MIB);
    assert.ok(glance('two') >= 3 * MIB);
    assert.ok(glance('two/b') < MIB / 100);
  });

  test('takes a directory of many directories for much, and one of a few for little', () => {
    for (let index = 0; index < 80; index++) directory(`many/${index}`, {});
    for (let index = 0; index < 8; index++) directory(`few/${index}`, {});
    assert.ok(glance('many') >= MIB);
    assert.ok(glance('few') < MIB / 2);
  });

  test('does not take many little files for much', () => {
    directory('little', Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, 20])));
    assert.ok(glance('little') < MIB / 4);
  });

  test('looks at no more of the inputs than it takes to know', () => {
    const inputs = ['two/a', 'two/a', 'two/a'];
    assert.ok(glance(...inputs) < 4 * MIB);
  });

  test('leaves it to the selection to say what is wrong with an input', () => {
    assert.equal(glance('missing', '**/*.ts', '!x', 'two/a/not-a-directory', '\0'), 0);
  });
});

test('there are as many threads as a large file has work for, and none for small files', async () => {
  directory('large', { a: 2 * MIB });
  directory('small', { a: 2000, b: 3000 });
  const large = await createArchive(join(root, 'large.zip'), 'large/a', { cwd: root, threads: 3 });
  const small = await createArchive(join(root, 'small.zip'), 'small', { cwd: root, threads: 3 });
  assert.equal(large.threads, 2);
  assert.equal(small.threads, 0);
});
