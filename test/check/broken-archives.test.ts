/** checkArchive() on archives that each break one rule, and on sound ones. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { FORMAT_RULES } from '../../dist/check/rules.js';
import { createPool } from '../../dist/index.js';
import { BROKEN_ARCHIVES, SOUND_ARCHIVES } from '../helpers/broken-archives.js';
import { casesOf } from '../helpers/slow-suite.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { findingsOf, shown } from './findings.js';

describe('an archive that breaks a rule gives that finding, where it is, and no other', () => {
  for (const { name, bytes, findings } of BROKEN_ARCHIVES) {
    test(name, async () => {
      const found = await findingsOf(bytes, { threads: 0 });
      assert.deepEqual(found.map(shown), findings);
      for (const { rule, severity, message, affects } of found) {
        assert.equal(severity, FORMAT_RULES[rule].severity);
        assert.ok(affects.length > 0 && message !== '' && !/[\n\0]/.test(message));
      }
    });
  }
});

describe('a sound archive gives no finding', () => {
  for (const [name, bytes] of Object.entries(SOUND_ARCHIVES)) {
    test(name, async () => assert.deepEqual((await findingsOf(bytes, { threads: 0 })).map(shown), []));
  }
});

test('each rule has an archive that breaks it', () => {
  const broken = new Set(BROKEN_ARCHIVES.map(({ name }) => name.split(':')[0]));
  assert.deepEqual(Object.keys(FORMAT_RULES).sort(), [...broken].sort());
});

test('findings are the same from a file, from memory, on threads and on a pool', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  await using pool = createPool({ threads: 2 });
  const archives = casesOf(BROKEN_ARCHIVES, ({ bytes }) => bytes.length < 100_000);
  for (const [index, { name, bytes, findings }] of archives.entries()) {
    const path = join(cwd, `${index}.zip`);
    writeFileSync(path, bytes);
    assert.deepEqual((await findingsOf(path, { threads: 0 })).map(shown), findings, name);
    assert.deepEqual((await findingsOf(path, { pool })).map(shown), findings, name);
    assert.deepEqual((await findingsOf(bytes, { pool })).map(shown), findings, name);
  }
});
