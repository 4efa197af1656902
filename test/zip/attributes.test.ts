import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  defaultMode,
  externalFileAttributes,
  modeFromStat,
  normalizeMode,
  S_IFDIR,
  S_IFLNK,
  S_IFREG,
} from '../../dist/zip/attributes.js';

for (const [mode, attributes] of [
  [0o100644, 0x81a4_0000],
  [0o100755, 0x81ed_0000],
  [0o104755, 0x89ed_0000],
  [0o040755, 0x41ed_0010],
  [0o041777, 0x43ff_0010],
  [0o120777, 0xa1ff_0000],
] as const) {
  test(`mode 0${mode.toString(8)} is 0x${attributes.toString(16)} in the directory`, () => {
    assert.equal(externalFileAttributes(mode), attributes);
  });
}

for (const [what, mode, fileType, normalized] of [
  ['as it is', 0o100640, S_IFREG, 0o100640],
  ['executable', 0o100755, S_IFREG, 0o100755],
  ['read-only', 0o100444, S_IFREG, 0o100444],
  ['set-user-id and sticky bits', 0o105755, S_IFREG, 0o105755],
  ['without type bits', 0o600, S_IFREG, 0o100600],
  ['with type bits of something else', 0o120640, S_IFREG, 0o100640],
  ['with bits beyond 16', 0o7_100644, S_IFREG, 0o100644],
  ['zero', 0, S_IFREG, 0o100400],
  ['without permissions', 0o100000, S_IFREG, 0o100400],
  ['with special bits as the only ones', 0o104000, S_IFREG, 0o104400],
  ['unreadable to its owner', 0o100222, S_IFREG, 0o100622],
  ['readable to others only', 0o100044, S_IFREG, 0o100444],
  ['of a directory, as it is', 0o040750, S_IFDIR, 0o040750],
  ['of a directory, without type bits', 0o755, S_IFDIR, 0o040755],
  ['of a directory, zero', 0, S_IFDIR, 0o040700],
  ['of a directory, with special bits as the only ones', 0o7000, S_IFDIR, 0o047700],
  ['of a directory that its owner cannot enter', 0o040644, S_IFDIR, 0o040744],
  ['of a link, as Linux has it', 0o120777, S_IFLNK, 0o120777],
  ['of a link, as macOS has it', 0o120755, S_IFLNK, 0o120777],
  ['of a link, zero', 0, S_IFLNK, 0o120777],
] as const) {
  test(`a mode ${what}: 0${mode.toString(8)} becomes 0${normalized.toString(8)}`, () => {
    assert.equal(normalizeMode(mode, fileType), normalized);
    assert.equal(normalizeMode(normalized, fileType), normalized);
  });
}

test('every mode becomes one that the owner can read and that widens nothing for others', () => {
  for (const fileType of [S_IFREG, S_IFDIR, S_IFLNK]) {
    for (let mode = 0; mode <= 0xffff; mode++) {
      const normalized = normalizeMode(mode, fileType);
      assert.equal(normalized & 0o170000, fileType);
      assert.equal(normalized & 0o400, 0o400);
      if (fileType !== S_IFLNK) assert.equal(normalized & 0o7077, mode & 0o7077);
    }
  }
});

test('setuid, setgid and sticky of a file are dropped unless requested', () => {
  for (const fileType of [S_IFREG, S_IFDIR]) {
    for (let special = 0o1000; special <= 0o7000; special += 0o1000) {
      assert.equal(modeFromStat(special | 0o755, fileType, 'linux'), fileType | 0o755);
      assert.equal(modeFromStat(special | 0o755, fileType, 'linux', true), fileType | special | 0o755);
    }
  }
  assert.equal(modeFromStat(0o107777, S_IFLNK, 'linux', true), 0o120777);
});

test('an entry that brings no mode gets 0644, 0755 or 0777', () => {
  assert.deepEqual([S_IFREG, S_IFDIR, S_IFLNK].map(defaultMode), [0o100644, 0o040755, 0o120777]);
});

for (const [what, statMode, fileType, onWindows, elsewhere] of [
  ['a file', 0o100666, S_IFREG, 0o100644, 0o100666],
  ['a read-only file', 0o100444, S_IFREG, 0o100644, 0o100444],
  ['a directory', 0o040666, S_IFDIR, 0o040755, 0o040766],
  ['a link', 0o120666, S_IFLNK, 0o120777, 0o120777],
] as const) {
  test(`${what}: the permissions Windows makes up are left out`, () => {
    assert.equal(modeFromStat(statMode, fileType, 'win32'), onWindows);
    assert.equal(modeFromStat(statMode, fileType, 'linux'), elsewhere);
    assert.equal(modeFromStat(statMode, fileType, 'darwin'), elsewhere);
  });
}
