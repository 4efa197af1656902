/** docs/format-rules.md says what the rules of `pzip check` say. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('the tables of the page are those of the rules', () => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, ['scripts/write-format-rules.js', '--check'], { cwd });
  assert.equal(status, 0, String(stderr));
});
