/** `pzip check`: findings as lines and as JSON, and the exit codes. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { archive, signed } from '../helpers/zip-parts.js';

const SOUND = archive([{ name: 'a' }]);
const WARNED = archive([{ name: 's\x1b[2J', method: 0, descriptor: signed }]);
const BROKEN = archive([
  { name: 'a', crc: 1 },
  { name: '::error::x', method: 0, descriptor: signed },
]);

async function check(
  cwd: string,
  ...args: string[]
): Promise<{ code: number | null; lines: string[]; stderr: string }> {
  const { code, stdout, stderr } = await runPzip(['check', ...args], { cwd });
  return { code, lines: stdout.toString().split('\n').slice(0, -1), stderr };
}

async function withArchives(t: Parameters<typeof inTemporaryDirectory>[0]): Promise<string> {
  const cwd = await inTemporaryDirectory(t);
  for (const [name, bytes] of Object.entries({ SOUND, WARNED, BROKEN })) writeFileSync(join(cwd, `${name}.zip`), bytes);
  return cwd;
}

test('a finding is one line with archive, offset, severity, entry and rule, and names in it have no effect', async (t) => {
  const cwd = await withArchives(t);
  const { code, lines, stderr } = await check(cwd, 'BROKEN.zip', 'WARNED.zip', 'SOUND.zip');
  assert.deepEqual([code, stderr], [1, '']);
  assert.match(
    lines[0] ?? '',
    /^BROKEN\.zip:0: error: 'a': its CRC-32 is [0-9a-f]{8}, .* \[crc: .+ returns it unchecked\]$/,
  );
  assert.match(
    lines[1] ?? '',
    /^BROKEN\.zip:\d+: warning: '\\x3a:error::x': .* \[stored-descriptor: JDK ZipInputStream rejects it/,
  );
  assert.equal(lines[2], 'BROKEN.zip: 2 entries, 179 bytes: 1 error, 1 warning');
  assert.match(lines[3] ?? '', /^WARNED\.zip:\d+: warning: 's\\x1b\[2J': /);
  assert.equal(lines.at(-1), 'SOUND.zip: 1 entry, 172 bytes: nothing wrong');
  assert.equal(lines.length, 6);
});

test('the exit code is 0 without errors, and with --strict without warnings', async (t) => {
  const cwd = await withArchives(t);
  for (const [args, code] of [
    [['SOUND.zip'], 0],
    [['WARNED.zip', 'SOUND.zip'], 0],
    [['--strict', 'WARNED.zip', 'SOUND.zip'], 1],
    [['--strict', 'SOUND.zip'], 0],
    [['SOUND.zip', 'BROKEN.zip', '--threads', '0'], 1],
  ] as const) {
    assert.equal((await check(cwd, ...args)).code, code, args.join(' '));
  }
});

test('--quiet prints what the exit code is about and nothing else', async (t) => {
  const cwd = await withArchives(t);
  assert.deepEqual((await check(cwd, '-q', 'SOUND.zip', 'WARNED.zip')).lines, []);
  assert.equal((await check(cwd, '-q', 'BROKEN.zip')).lines.length, 1);
  assert.equal((await check(cwd, '-q', '--strict', 'BROKEN.zip')).lines.length, 2);
});

test('--json gives one object a line: the archive, its findings, its totals', async (t) => {
  const cwd = await withArchives(t);
  const { code, lines } = await check(cwd, '--json', 'BROKEN.zip');
  const [head, crc, descriptor, totals] = lines.map((line) => JSON.parse(line));
  assert.equal(code, 1);
  assert.deepEqual(head, { archive: 'BROKEN.zip' });
  assert.deepEqual(
    [crc.archive, crc.rule, crc.severity, crc.entryName, crc.offset],
    ['BROKEN.zip', 'crc', 'error', 'a', 0],
  );
  assert.deepEqual([descriptor.rule, descriptor.entryName], ['stored-descriptor', '::error::x']);
  assert.equal(descriptor.affects[0].readers, 'JDK ZipInputStream');
  assert.deepEqual(totals, { totals: { entries: 2, uncompressedSize: 179, errors: 1, warnings: 1 } });
});

test('a file that cannot be read is one line, and the others are checked', async (t) => {
  const cwd = await withArchives(t);
  const { code, lines, stderr } = await check(cwd, 'none.zip', 'SOUND.zip');
  assert.equal(code, 1);
  assert.match(stderr, /^pzip: 'none\.zip' does not exist\n$/);
  assert.deepEqual(lines, ['SOUND.zip: 1 entry, 172 bytes: nothing wrong']);
});

test('a file that is no archive is an error in the findings', async (t) => {
  const cwd = await withArchives(t);
  writeFileSync(join(cwd, 'text'), 'no archive at all, and longer than an end record');
  const { code, lines } = await check(cwd, '-q', 'text');
  assert.equal(code, 1);
  assert.match(lines[0] ?? '', /^text:48: error: it has no end of central directory record \[end-missing: /);
});

test('wrong options are usage errors, and --help is the help', async (t) => {
  const cwd = await withArchives(t);
  for (const [args, message] of [
    [[], 'no archive given'],
    [['--all', 'SOUND.zip'], "unknown option '--all'"],
    [['--threads', 'many', 'SOUND.zip'], "'many' is invalid"],
    [['--threads', '5000', 'SOUND.zip'], "'5000' is invalid"],
  ] as const) {
    const { code, stderr } = await check(cwd, ...args);
    assert.equal(code, 2, stderr);
    assert.ok(stderr.includes(message), stderr);
  }
  assert.match((await check(cwd, '--help')).lines[0] ?? '', /^Usage: pzip check/);
});
