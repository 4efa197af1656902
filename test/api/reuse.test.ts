/** createArchive() with `reuse`: the bytes are those of an archive that is made without it, whatever there is to reuse. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import {
  type ArchiveResult,
  type CreateArchiveOptions,
  createArchive,
  createPool,
  openArchive,
  type Pool,
  type PzipWarning,
  ZipArchive,
} from '../../dist/index.js';
import { casesOf, isSlowSuite } from '../helpers/slow-suite.js';
import {
  buildTree,
  everyKindOfEntry,
  inTemporaryDirectory,
  manySmallFiles,
  randomBytes,
  textOf,
} from '../helpers/trees.js';

const MIB = 1024 * 1024;
const STATE = '.pzip-state';

const pool = createPool({ threads: 2 });
const pools = new Map<number, Pool>();
after(() => Promise.all([pool, ...pools.values()].map((one) => one.close())));

/** With so many threads, which stay for the next archive: to start them takes longer than most archives. */
function poolOf(threads: number): Pool {
  const found = pools.get(threads) ?? createPool({ threads });
  pools.set(threads, found);
  return found;
}

const LARGE: ReadonlyMap<string, Uint8Array> = new Map([
  ['large/text', textOf(2.5 * MIB, 1)],
  ['large/random', randomBytes(1.5 * MIB, 2)],
  ['large/half', Buffer.concat([randomBytes(1.2 * MIB, 3), textOf(MIB, 4)])],
  ['large/zeros', new Uint8Array(3 * MIB)],
  ['one-chunk', textOf(MIB, 5)],
]);

/** A folder with a tree: small files of several kinds, and large ones whose chunks are deflated, stored, and both. */
async function withTree(t: TestContext): Promise<{ cwd: string; at: (name: string) => string }> {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), new Map([...everyKindOfEntry(), ...manySmallFiles(40)]));
  mkdirSync(join(cwd, 'tree/large'));
  for (const [name, content] of LARGE) writeFileSync(join(cwd, 'tree', name), content);
  return { cwd, at: (name) => join(cwd, name) };
}

interface Built {
  readonly result: ArchiveResult;
  readonly notices: string[];
}

/** Builds `out.zip` with `reuse`, and asserts that it has the bytes of `cold.zip`, which is built without. */
async function assertCold(cwd: string, options: CreateArchiveOptions, reuse = join(cwd, 'out.zip')): Promise<Built> {
  const { reuseCheck: _, threads, ...others } = { portableNames: 'off', cwd, ...options } as const;
  const cold = join(cwd, 'cold.zip');
  const out = join(cwd, 'out.zip');
  await createArchive(cold, 'tree', { ...others, pool });
  const notices: string[] = [];
  const onWarning = ({ code, message }: PzipWarning): void => {
    if (code === 'PZIP_NOT_REUSED') notices.push(message);
  };
  const where = threads === undefined ? { pool } : threads === 0 ? { threads } : { pool: poolOf(threads) };
  const result = await createArchive(out, 'tree', {
    ...others,
    ...pick(options),
    ...where,
    reuse,
    onWarning,
  });
  assert.ok(readFileSync(out).equals(readFileSync(cold)), JSON.stringify(options));
  return { result, notices };
}

function pick({ reuseCheck }: CreateArchiveOptions): CreateArchiveOptions {
  return { reuseCheck };
}

/** A few files, one of them of two chunks, for tests whose archive does not matter. */
async function withSmallTree(t: TestContext): Promise<{ cwd: string; at: (name: string) => string }> {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(30));
  writeFileSync(join(cwd, 'tree/one-chunk'), textOf(300_000, 5));
  writeFileSync(join(cwd, 'tree/large'), textOf(1.1 * MIB, 1));
  return { cwd, at: (name) => join(cwd, name) };
}

/** A small generator (xorshift), so that a failure can be repeated by its seed. */
function drawFrom(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Changes a tree at random places, as work on it does. */
function edit(root: string, draw: (below: number) => number, round: number): void {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const one = (): string => files[draw(files.length)] ?? assert.fail('no files');
  const number = `${round}-${draw(1000)}`;
  const edits: (() => void)[] = [
    () => writeFileSync(one(), textOf(draw(100_000), round)),
    () => appendFileSync(one(), textOf(draw(5000), round)),
    () => appendFileSync(join(root, 'large/text'), textOf(draw(MIB), round)),
    () => truncateSync(join(root, 'large/text'), 2 * MIB + draw(3) - 1),
    () => {
      const bytes = readFileSync(join(root, 'large/half'));
      bytes[draw(bytes.length)] = draw(256);
      writeFileSync(join(root, 'large/half'), bytes);
    },
    () => {
      const path = one();
      truncateSync(path, Math.floor(statSync(path).size / 2));
    },
    () => renameSync(one(), join(root, `renamed ${number}`)),
    () => copyFileSync(one(), join(root, `copy ${number}`)),
    () => {
      const moved = readdirSync(root).find((name) => name.startsWith('moved')) ?? 'large';
      if (moved === 'large') return;
      renameSync(join(root, moved), join(root, `moved ${number}`));
    },
    () => chmodSync(one(), draw(2) === 0 ? 0o600 : 0o755),
    () => utimesSync(one(), 1e9 + draw(1e6), 1e9 + draw(1e6)),
    () => {
      const path = one();
      if (!path.includes('large')) rmSync(path);
    },
    () => writeFileSync(join(root, `added ${number}`), textOf(draw(50_000), draw(9))),
    () => mkdirSync(join(root, `moved ${number}`), { recursive: true }),
    () => writeFileSync(join(root, `of the state ${number}.pzip-state`), 'of a user'),
  ];
  for (let count = draw(5); count >= 0; count--) {
    try {
      edits[draw(edits.length)]?.();
    } catch (error) {
      // Another edit has removed what it needs.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
}

const OPTIONS: readonly CreateArchiveOptions[] = casesOf<CreateArchiveOptions>(
  [
    {},
    { level: 1 },
    { level: isSlowSuite ? 9 : 2, threads: 4 },
    {
      levelFor: [
        { pattern: '*.txt', level: 0 },
        { pattern: 'large/', level: 1 },
      ],
      threads: 1,
    },
    { first: ['large/', 'one-chunk'], reproducible: true, reuseCheck: 'crc', threads: 0 },
    { level: 0 },
    { reuseCheck: 'stat', threads: 1, directoryEntries: false },
  ],
  ({ level }) => level !== 1,
);

describe('an archive has the bytes of a cold build', () => {
  for (const [index, options] of OPTIONS.entries()) {
    test(`after random edits, with ${JSON.stringify(options)}`, async (t) => {
      const { cwd, at } = await withTree(t);
      const draw = drawFrom(index + 1);
      let reused = 0;
      for (let round = 0; round < (isSlowSuite ? 12 : 3); round++) {
        const { result, notices } = await assertCold(cwd, options);
        assert.deepEqual(notices, []);
        reused += result.reusedCount;
        edit(at('tree'), draw, round);
      }
      assert.ok(options.level === 0 ? reused === 0 : reused > 60, `${reused} entries reused`);
    });
  }

  test('where nothing has changed, every compressed entry is reused', async (t) => {
    const { cwd } = await withTree(t);
    const first = await assertCold(cwd, {});
    assert.equal(first.result.reusedCount, 0);
    const { result } = await assertCold(cwd, {});
    await using archive = await openArchive(join(cwd, 'out.zip'));
    let files = 0;
    for await (const { kind, uncompressedSize } of archive.entries())
      if (kind === 'file' && uncompressedSize > 0) files++;
    assert.equal(result.reusedCount, files);
  });

  test('files of moved directories are reused', async (t) => {
    const { cwd, at } = await withTree(t);
    const { result: before } = await assertCold(cwd, {}).then(() => assertCold(cwd, {}));
    renameSync(at('tree'), at('other'));
    mkdirSync(at('tree'));
    renameSync(at('other'), at('tree/below'));
    const { result } = await assertCold(cwd, {});
    assert.equal(result.reusedCount, before.reusedCount);
  });

  test('in a stream, from a file, with entries of every kind of content', async (t) => {
    const { cwd, at } = await withTree(t);
    await assertCold(cwd, {});
    const build = async (reuse?: string): Promise<{ bytes: Buffer; result: ArchiveResult }> => {
      const archive = new ZipArchive({ pool, reuse });
      archive.addBuffer('small', textOf(5000, 7));
      archive.addBuffer('large', readFileSync(at('tree/large/text')));
      archive.addStream('stream', () => Readable.from([readFileSync(at('tree/large/half'))]));
      archive.addFile('file', at('tree/one-chunk'));
      const [bytes, result] = await Promise.all([buffer(archive), archive.close()]);
      return { bytes, result };
    };
    const cold = await build();
    const warm = await build(at('out.zip'));
    assert.ok(warm.bytes.equals(cold.bytes));
    assert.equal(warm.result.reusedCount, 3);
    assert.equal(cold.result.reusedCount, 0);
  });

  test('for every engine; the data of another one is not reused', async (t) => {
    const { cwd } = await withSmallTree(t);
    const out = join(cwd, 'out.zip');
    const build = async (engine: 'wasm' | 'zlib', level: 6 | 9) => {
      const options = { cwd, engine, level, threads: 0, portableNames: 'off' } as const;
      const notices: string[] = [];
      await createArchive(join(cwd, 'cold.zip'), 'tree', options);
      const result = await createArchive(out, 'tree', {
        ...options,
        reuse: out,
        onWarning: ({ message }) => notices.push(message),
      });
      assert.ok(readFileSync(out).equals(readFileSync(join(cwd, 'cold.zip'))));
      return { reused: result.reusedCount, notices };
    };
    assert.deepEqual(await build('zlib', 6), { reused: 0, notices: [] });
    assert.ok((await build('zlib', 6)).reused > 0);
    const other = await build('wasm', 6);
    assert.equal(other.reused, 0);
    assert.match(String(other.notices), /it was compressed by 'zlib/);
    // Another level is nothing that needs a notice: each entry has its own.
    assert.deepEqual(await build('wasm', 9), { reused: 0, notices: [] });
  });
});

test('only the chunks of a log that have changed are compressed', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  mkdirSync(join(cwd, 'tree'));
  const log = join(cwd, 'tree/log');
  writeFileSync(log, textOf(4.5 * MIB, 1));
  await assertCold(cwd, {});
  appendFileSync(log, textOf(1000, 2));
  // It counts as reused only if all of it is: here, what was reused shows in the engine's work.
  const { result } = await assertCold(cwd, {});
  assert.equal(result.reusedCount, 0);
  assert.equal((await assertCold(cwd, {})).result.reusedCount, 1);
});

test('entries that were copied from another archive are not taken for compressed ones', async (t) => {
  const { cwd, at } = await withTree(t);
  await createArchive(at('other.zip'), 'tree/one-chunk', { cwd, level: 1, pool });
  const options = { cwd, portableNames: 'off', from: at('other.zip'), onDuplicate: 'first', pool } as const;
  await createArchive(at('out.zip'), 'tree/one-chunk', { ...options, reuse: at('out.zip') });
  const { result } = await assertCold(cwd, { exclude: '!one-chunk' });
  assert.equal(result.reusedCount, 0);
});

describe('what cannot be reused is compressed', () => {
  const MIB_OF_STATE = 4096;
  const faults: Readonly<Record<string, { damage: (out: string) => void; notice?: RegExp; reuses?: boolean }>> = {
    'there is no state': { damage: (out) => rmSync(out + STATE), notice: /there is no '.*out\.zip\.pzip-state'/ },
    'the state is cut off': {
      damage: (out) => truncateSync(out + STATE, statSync(out + STATE).size - 5),
      notice: /is damaged/,
    },
    'the state is empty': { damage: (out) => writeFileSync(out + STATE, ''), notice: /is no state/ },
    'the state is JSON that claims much': {
      damage: (out) => {
        const [line = ''] = readFileSync(out + STATE, 'latin1').split('\n');
        const claim = line.replace(/"lengths":\[[^\]]*\]/, '"lengths":[0,0,4e15,0,0]').trimEnd();
        writeFileSync(out + STATE, `${claim.padEnd(Math.ceil((claim.length + 1) / 8) * 8 - 1)}\n`);
      },
      notice: /is damaged/,
    },
    'the state has a long first line': {
      damage: (out) => writeFileSync(out + STATE, '{"format":"pzip-state",'.padEnd(4 * MIB_OF_STATE, 'x')),
      notice: /is no state/,
    },
    'a byte of the state is another': {
      damage: (out) => {
        const bytes = readFileSync(out + STATE);
        bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1;
        writeFileSync(out + STATE, bytes);
      },
      notice: /is damaged/,
    },
    'the state is a directory': {
      damage: (out) => {
        rmSync(out + STATE);
        mkdirSync(out + STATE);
      },
      notice: /EISDIR|is no state/,
    },
    'the archive is another one of the same size': {
      damage: (out) => {
        const bytes = readFileSync(out);
        bytes[bytes.length - 60] = (bytes.at(-60) ?? 0) ^ 0xff;
        writeFileSync(out, bytes);
      },
      notice: /describes another archive|cannot be read/,
    },
    'the archive is none': { damage: (out) => writeFileSync(out, 'none'), notice: /cannot be read/ },
    'the data of every entry is broken': {
      damage: (out) => {
        const bytes = readFileSync(out);
        for (let at = 500; at < bytes.length - 20_000; at += 97) bytes[at] = (bytes[at] ?? 0) ^ 0x55;
        writeFileSync(out, bytes);
      },
      reuses: true,
    },
  };
  for (const check of ['content', 'crc'] as const) {
    const cases = casesOf(
      Object.entries(faults),
      ([, { reuses = false }], index) => check === 'content' || index === 0 || reuses,
    );
    for (const [title, { damage, notice, reuses = false }] of cases) {
      test(`${title}, with the check ${check}`, async (t) => {
        const { cwd, at } = await withSmallTree(t);
        await assertCold(cwd, { level: 1 });
        damage(at('out.zip'));
        const { result, notices } = await assertCold(cwd, { level: 1, reuseCheck: check });
        if (!reuses) assert.equal(result.reusedCount, 0);
        assert.equal(notices.length, notice === undefined || title.endsWith('directory') ? notices.length : 1);
        if (notice !== undefined) assert.match(String(notices), notice);
      });
    }
  }

  test('the archive is another program’s', async (t) => {
    const { cwd, at } = await withSmallTree(t);
    await assertCold(cwd, {});
    copyFileSync(`${at('out.zip')}${STATE}`, `${at('other.zip')}${STATE}`);
    await createArchive(at('other.zip'), 'tree', { cwd, level: 1, pool, portableNames: 'off' });
    const { result, notices } = await assertCold(cwd, {}, at('other.zip'));
    assert.equal(result.reusedCount, 0);
    assert.match(String(notices), /describes another archive/);
  });
});

test('an archive that is overwritten while it is reused gives no wrong content', async (t) => {
  const { cwd, at } = await withSmallTree(t);
  await assertCold(cwd, {});
  copyFileSync(at('out.zip'), at('old.zip'));
  copyFileSync(`${at('out.zip')}${STATE}`, `${at('old.zip')}${STATE}`);
  for (const reuseCheck of ['content', 'crc'] as const) {
    let isOverwritten = false;
    const onEntry = (): void => {
      if (isOverwritten) return;
      isOverwritten = true;
      writeFileSync(at('old.zip'), randomBytes(statSync(at('old.zip')).size, 8));
    };
    await createArchive(at('new.zip'), 'tree', {
      cwd,
      portableNames: 'off',
      pool: poolOf(1),
      memory: 1,
      reuse: at('old.zip'),
      reuseCheck,
      onEntry,
    });
    assert.ok(isOverwritten);
    assert.ok(readFileSync(at('new.zip')).equals(readFileSync(at('cold.zip'))), reuseCheck);
    copyFileSync(at('out.zip'), at('old.zip'));
  }
});

test('with the check stat, files whose times are those of the last run are not opened', async (t) => {
  const { cwd, at } = await withTree(t);
  // Times of the last two seconds are not trusted.
  await sleep(2100);
  await assertCold(cwd, { reuseCheck: 'stat' });
  const { mtime, atime } = statSync(at('tree/one-chunk'));
  const before = await assertCold(cwd, { reuseCheck: 'stat' });
  assert.ok(before.result.reusedCount > 40);
  if (process.geteuid?.() !== 0) {
    // Other content with the same times shows that the file is not read; its ctime shows the change.
    chmodSync(at('tree/one-chunk'), 0);
    await assert.rejects(createArchive(at('out.zip'), 'tree', { cwd, reuse: at('out.zip'), reuseCheck: 'stat' }));
    chmodSync(at('tree/one-chunk'), 0o644);
  }
  writeFileSync(at('tree/one-chunk'), textOf(MIB, 6));
  utimesSync(at('tree/one-chunk'), atime, mtime);
  const after = await assertCold(cwd, { reuseCheck: 'stat' });
  assert.equal(after.result.reusedCount, before.result.reusedCount - 1);
});

test('only the check stat trusts the times in a state', async (t) => {
  const { cwd, at } = await withSmallTree(t);
  writeFileSync(at('tree/a'), textOf(5000, 1));
  writeFileSync(at('tree/b'), textOf(5000, 2));
  await sleep(2100);
  await assertCold(cwd, { reuseCheck: 'stat' });
  // A state that takes each of the two for the other.
  const path = `${at('out.zip')}${STATE}`;
  const bytes = readFileSync(path);
  const start = bytes.indexOf('\n') + 1;
  const inode = (name: string): number => {
    const number = Buffer.alloc(8);
    number.writeDoubleLE(statSync(at(`tree/${name}`)).ino);
    return bytes.indexOf(number, start);
  };
  const [a, b] = [inode('a'), inode('b')];
  // Modification time, ctime and device stand before the inode.
  const rowOfA = Buffer.from(bytes.subarray(a - 24, a + 8));
  bytes.copy(bytes, a - 24, b - 24, b + 8);
  rowOfA.copy(bytes, b - 24);
  const line = bytes.toString('latin1', 0, start);
  const forged = line.replace(/"crc32":\d+/, `"crc32":${crc32(bytes.subarray(start))}`).trimEnd();
  const padded = `${forged.padEnd(Math.ceil((forged.length + 1) / 8) * 8 - 1)}\n`;
  writeFileSync(path, Buffer.concat([Buffer.from(padded), bytes.subarray(start)]));
  copyFileSync(path, at('forged'));
  for (const reuseCheck of ['content', 'crc'] as const) {
    copyFileSync(at('forged'), path);
    const { notices } = await assertCold(cwd, { reuseCheck });
    assert.deepEqual(notices, []);
  }
});

describe('the state', () => {
  test('is written by runs with reuse alone, beside a file, and stays out of archives', async (t) => {
    const { cwd, at } = await withSmallTree(t);
    await createArchive(at('tree/in.zip'), 'tree', { cwd, pool, portableNames: 'off' });
    assert.ok(!existsSync(at(`tree/in.zip${STATE}`)));
    await createArchive(at('tree/in.zip'), 'tree', { cwd, pool, portableNames: 'off', reuse: at('tree/in.zip') });
    assert.ok(existsSync(at(`tree/in.zip${STATE}`)));
    await createArchive(at('out.zip'), 'tree', { cwd, pool, portableNames: 'off' });
    await using archive = await openArchive(at('out.zip'));
    const names: string[] = [];
    for await (const { name } of archive.entries()) names.push(name);
    assert.ok(names.includes('tree/in.zip'));
    assert.ok(!names.some((name) => name.endsWith(STATE)));
  });

  test('has the permissions of the archive', { skip: process.platform === 'win32' }, async (t) => {
    const { cwd, at } = await withSmallTree(t);
    writeFileSync(at('out.zip'), '', { mode: 0o600 });
    await assertCold(cwd, {});
    assert.equal(statSync(`${at('out.zip')}${STATE}`).mode & 0o777, 0o600);
  });

  test('does not follow a link', { skip: process.platform === 'win32' }, async (t) => {
    const { cwd, at } = await withSmallTree(t);
    writeFileSync(at('victim'), 'untouched');
    symlinkSync(at('victim'), `${at('out.zip')}${STATE}`);
    await assertCold(cwd, {});
    assert.equal(readFileSync(at('victim'), 'utf8'), 'untouched');
  });

  test('that cannot be written is a notice, and the archive is complete', async (t) => {
    const { cwd, at } = await withSmallTree(t);
    mkdirSync(`${at('out.zip')}${STATE}`);
    const { notices } = await assertCold(cwd, {});
    assert.match(String(notices), /cannot be written/);
  });
});

describe('writeIfChanged', () => {
  test('leaves a file with the same bytes alone, and replaces one with others', async (t) => {
    const { cwd, at } = await withSmallTree(t);
    const options = { cwd, pool, portableNames: 'off', writeIfChanged: true } as const;
    const first = await createArchive(at('out.zip'), 'tree', options);
    assert.equal(first.isChanged, true);
    utimesSync(at('out.zip'), 1e9, 1e9);
    const before = statSync(at('out.zip'));
    const again = await createArchive(at('out.zip'), 'tree', options);
    assert.equal(again.isChanged, false);
    const after = statSync(at('out.zip'));
    assert.deepEqual([after.ino, after.mtimeMs, after.size], [before.ino, before.mtimeMs, before.size]);
    // As many bytes, and one of them is another.
    writeFileSync(at('tree/one-chunk'), textOf(300_000, 5).fill(0x41, 0, 1));
    const changed = await createArchive(at('out.zip'), 'tree', options);
    assert.equal(changed.isChanged, true);
    assert.notEqual(statSync(at('out.zip')).ino, before.ino);
    assert.deepEqual(readdirSync(cwd).sort(), ['out.zip', 'tree']);
  });

  test('is rejected where there is no file', async () => {
    const archive = new ZipArchive({ writeIfChanged: true });
    archive.addBuffer('a', 'a');
    await assert.rejects(Promise.all([buffer(archive), archive.close()]), {
      code: 'PZIP_USAGE',
      message: /requires a path/,
    });
  });
});
