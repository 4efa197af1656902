/** diffArchives(): archives, directories and manifests, each against each other. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import {
  type CreateArchiveOptions,
  createArchive,
  createPool,
  type Difference,
  type DiffOptions,
  diffArchives,
} from '../../dist/index.js';
import { buildTree, everyKindOfEntry, inTemporaryDirectory, randomBytes, textOf } from '../helpers/trees.js';
import { buildArchive, type PartOptions } from '../reader/build-archive.js';

/** One for all tests but those about threads: to start threads takes longer than what they compare. */
const shared = createPool({ threads: 2 });
after(() => shared.close());

async function differencesOf(cwd: string, a: string, b: string, options: DiffOptions = {}): Promise<Difference[]> {
  const found: Difference[] = [];
  const where = options.threads === undefined ? { pool: shared } : {};
  for await (const difference of diffArchives(a, b, { cwd, ...where, ...options })) found.push(difference);
  return found;
}

async function pack(cwd: string, output: string, input: string, options: CreateArchiveOptions = {}) {
  return await createArchive(join(cwd, output), input, { cwd, pool: shared, ...options });
}

/** As the command writes them: `+ name`, `- name`, `~ name content,mode`, `! name code`. */
async function diff(cwd: string, a: string, b: string, options: DiffOptions = {}): Promise<string[]> {
  const signs = { added: '+', removed: '-', changed: '~', failed: '!' };
  return (await differencesOf(cwd, a, b, options)).map(({ change, name, aspects, error }) =>
    [signs[change], name, aspects.join(','), error?.code].filter(Boolean).join(' '),
  );
}

const LARGE = textOf(2_200_000, 2);
const RANDOM = randomBytes(1_100_000, 3);

/** Files, a link, an empty directory, and two that take several pieces. */
function makeSite(cwd: string, root = 'dist'): void {
  mkdirSync(join(cwd, root, 'sub'), { recursive: true });
  mkdirSync(join(cwd, root, 'empty'));
  writeFileSync(join(cwd, root, 'a.txt'), 'text\n');
  writeFileSync(join(cwd, root, 'sub/b.txt'), textOf(50_000, 1));
  writeFileSync(join(cwd, root, 'sub/zero'), '');
  writeFileSync(join(cwd, root, 'large'), LARGE);
  writeFileSync(join(cwd, root, 'random'), RANDOM);
  symlinkSync('a.txt', join(cwd, root, 'link'));
}

async function siteWithArchive(t: TestContext): Promise<string> {
  const cwd = await inTemporaryDirectory(t);
  makeSite(cwd);
  await pack(cwd, 'site.zip', 'dist');
  return cwd;
}

function build(cwd: string, file: string, parts: readonly PartOptions[]): void {
  writeFileSync(join(cwd, file), buildArchive(parts));
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('an archive against its tree', () => {
  test('the archive of a tree with every kind of entry equals it', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    await buildTree(join(cwd, 'tree'), everyKindOfEntry());
    const { entryCount } = await pack(cwd, 'a.zip', 'tree');
    const result = diffArchives('a.zip', 'tree', { cwd });
    for await (const difference of result) assert.fail(JSON.stringify(difference));
    assert.equal(result.equalCount, entryCount);
    assert.deepEqual(await diff(cwd, 'a.zip', 'tree', { times: true }), []);
  });

  test('what was added, removed, changed, retargeted or has another mode is listed in the order of names', async (t) => {
    const cwd = await siteWithArchive(t);
    writeFileSync(join(cwd, 'dist/a.txt'), 'texT\n');
    writeFileSync(join(cwd, 'dist/new'), '');
    unlinkSync(join(cwd, 'dist/random'));
    unlinkSync(join(cwd, 'dist/link'));
    symlinkSync('b.txt', join(cwd, 'dist/link'));
    chmodSync(join(cwd, 'dist/sub/b.txt'), 0o755);
    const large = readFileSync(join(cwd, 'dist/large'));
    large[2_100_000] = (large[2_100_000] ?? 0) ^ 1;
    writeFileSync(join(cwd, 'dist/large'), large);
    assert.deepEqual(await diff(cwd, 'site.zip', 'dist'), [
      '~ dist/a.txt content',
      '~ dist/large content',
      '~ dist/link target',
      '+ dist/new',
      '- dist/random',
      '~ dist/sub/b.txt mode',
    ]);
    assert.deepEqual((await diff(cwd, 'dist', 'site.zip'))[3], '- dist/new');
  });

  test('the differences are the same with 0, 1 and 3 threads', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    mkdirSync(join(cwd, 'many'));
    for (let index = 0; index < 700; index++) writeFileSync(join(cwd, 'many', `f${index}`), `content ${index}`);
    await pack(cwd, 'many.zip', 'many');
    const expected: string[] = [];
    for (let index = 0; index < 700; index += 7) {
      writeFileSync(join(cwd, 'many', `f${index}`), `kontent ${index}`);
      expected.push(`~ many/f${index} content`);
    }
    expected.sort();
    for (const threads of [0, 1, 3]) assert.deepEqual(await diff(cwd, 'many.zip', 'many', { threads }), expected);
  });

  test('names are those of the directory, of its path, or of its contents, as the archive has them', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    makeSite(cwd, 'web/dist');
    await pack(cwd, 'path.zip', 'web/dist');
    await pack(cwd, 'name.zip', 'dist', { cwd: join(cwd, 'web') });
    await pack(cwd, 'contents.zip', '.', { cwd: join(cwd, 'web/dist') });
    await pack(cwd, 'prefix.zip', '.', { cwd: join(cwd, 'web/dist'), prefix: 'app-1.2' });
    for (const archive of ['path.zip', 'name.zip', 'contents.zip']) {
      assert.deepEqual(await diff(cwd, archive, 'web/dist'), [], archive);
      assert.deepEqual(await diff(cwd, archive, join(cwd, 'web/dist/')), [], archive);
    }
    assert.deepEqual(await diff(cwd, 'prefix.zip', 'web/dist', { prefix: 'app-1.2' }), []);
    assert.deepEqual(await diff(cwd, 'prefix.zip', 'web/dist', { stripComponents: 1 }), []);
    assert.notDeepEqual(await diff(cwd, 'prefix.zip', 'web/dist'), []);
  });

  test('patterns leave out on both sides, and gitignore in the directory', async (t) => {
    const cwd = await siteWithArchive(t);
    writeFileSync(join(cwd, 'dist/sub/b.txt'), 'other');
    writeFileSync(join(cwd, 'dist/debug.log'), 'log');
    assert.deepEqual(await diff(cwd, 'site.zip', 'dist', { exclude: ['*.log', 'dist/sub/'] }), []);
    assert.deepEqual(await diff(cwd, 'site.zip', 'dist', { exclude: ['*', '!/dist/', '!*.log'] }), [
      '+ dist/debug.log',
    ]);
    execFileSync('git', ['init', '-q'], { cwd });
    writeFileSync(join(cwd, '.gitignore'), '*.log\n');
    assert.deepEqual(await diff(cwd, 'site.zip', 'dist', { gitignore: true }), ['~ dist/sub/b.txt content']);
  });

  test('an archive without entries for directories equals its tree, but for an empty directory', async (t) => {
    const cwd = await siteWithArchive(t);
    await pack(cwd, 'plain.zip', 'dist', { directoryEntries: false });
    assert.deepEqual(await diff(cwd, 'plain.zip', 'dist'), ['+ dist/empty/']);
    assert.deepEqual(await diff(cwd, 'site.zip', 'plain.zip'), ['- dist/empty/']);
    assert.deepEqual(await diff(cwd, 'plain.zip', 'dist', { directoryEntries: false }), []);
  });

  test('modes are compared as pzip would write them, or not at all', async (t) => {
    const cwd = await siteWithArchive(t);
    await pack(cwd, 'normal.zip', 'dist', { reproducible: true });
    chmodSync(join(cwd, 'dist/a.txt'), 0o4600);
    assert.deepEqual(await diff(cwd, 'normal.zip', 'dist'), ['~ dist/a.txt mode']);
    assert.deepEqual(await diff(cwd, 'normal.zip', 'dist', { modes: 'normalize' }), []);
    assert.deepEqual(await diff(cwd, 'normal.zip', 'dist', { modes: 'ignore' }), []);
    chmodSync(join(cwd, 'dist/a.txt'), 0o4644);
    assert.deepEqual(await diff(cwd, 'site.zip', 'dist'), []);
    assert.deepEqual(await diff(cwd, 'site.zip', 'dist', { modes: 'keep-special' }), ['~ dist/a.txt mode']);
  });

  test('times count on request, to the second, and to two where the archive has MS-DOS dates', async (t) => {
    const cwd = await siteWithArchive(t);
    const date = new Date('2020-02-02T20:20:21.5Z');
    utimesSync(join(cwd, 'dist/a.txt'), date, date);
    assert.deepEqual(await diff(cwd, 'site.zip', 'dist'), []);
    assert.deepEqual(await diff(cwd, 'site.zip', 'dist', { times: true }), ['~ dist/a.txt mtime']);
    await pack(cwd, 'dos.zip', 'dist', { extendedTimestamps: false });
    assert.deepEqual(await diff(cwd, 'dos.zip', 'dist', { times: true }), []);
  });

  test('the archive itself is no difference where it is in the directory', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    makeSite(cwd);
    await pack(cwd, 'site.zip', '.');
    assert.deepEqual(await diff(cwd, 'site.zip', '.'), []);
  });

  test('a file that cannot be read, and a damaged entry, are named, and the rest is compared', async (t) => {
    const cwd = await siteWithArchive(t);
    const bytes = readFileSync(join(cwd, 'site.zip'));
    const at = bytes.indexOf('dist/sub/b.txt');
    bytes[at + 200] = (bytes[at + 200] ?? 0) ^ 0xff;
    writeFileSync(join(cwd, 'damaged.zip'), bytes);
    writeFileSync(join(cwd, 'dist/a.txt'), 'texT\n');
    assert.deepEqual(await diff(cwd, 'damaged.zip', 'dist'), [
      '~ dist/a.txt content',
      '! dist/sub/b.txt PZIP_ARCHIVE_INVALID',
    ]);
    if (process.getuid?.() === 0) return;
    chmodSync(join(cwd, 'dist/sub/b.txt'), 0);
    assert.match((await diff(cwd, 'site.zip', 'dist')).join('\n'), /^! .*b\.txt PZIP_SOURCE_UNREADABLE$/m);
  });

  test('a FIFO and a socket are warned of and not waited for', async (t) => {
    const cwd = await siteWithArchive(t);
    execFileSync('mkfifo', [join(cwd, 'dist/fifo')]);
    const warnings: string[] = [];
    assert.deepEqual(await diff(cwd, 'site.zip', 'dist', { onWarning: ({ code }) => warnings.push(code) }), []);
    assert.deepEqual(warnings, ['PZIP_SPECIAL_SKIPPED']);
    await assert.rejects(diff(cwd, 'site.zip', 'dist/fifo'), { code: 'PZIP_SOURCE_UNSUPPORTED' });
  });
});

describe('two archives', () => {
  const WRITERS: readonly (readonly [string, string, ...string[]])[] = [
    ['zip', 'zip', '-qry', 'other.zip', 'dist'],
    ['bsdtar', 'bsdtar', '-a', '-cf', 'other.zip', 'dist'],
    ['7zz', '7zz', 'a', '-snl', '-bd', '-bso0', 'other.zip', 'dist'],
    ['python3', 'python3', '-m', 'zipfile', '-c', 'other.zip', 'dist'],
  ];
  for (const [writer, ...command] of WRITERS) {
    test(`the archive of ${writer} equals the tree and pzip's archive`, {
      skip: !isInstalled(writer) && `${writer} is missing`,
    }, async (t) => {
      const cwd = await siteWithArchive(t);
      // Python follows links, and writes no link.
      if (writer === 'python3') unlinkSync(join(cwd, 'dist/link'));
      await pack(cwd, 'site.zip', 'dist');
      const [program = '', ...args] = command;
      execFileSync(program, args, { cwd });
      assert.deepEqual(await diff(cwd, 'other.zip', 'dist'), []);
      assert.deepEqual(await diff(cwd, 'site.zip', 'other.zip'), []);
      assert.deepEqual(await diff(cwd, 'site.zip', 'other.zip', { check: 'crc' }), []);
    });
  }

  test('contents with the same size and CRC-32 differ, unless CRC-32 is all that is asked for', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    const data = Buffer.from(textOf(5000, 1));
    const forged = Buffer.from(data);
    // A multiple of the polynomial, which changes no CRC-32.
    const pattern = [0x41, 0x06, 0x71, 0xdb, 0x01];
    for (const [index, byte] of pattern.entries()) forged[1000 + index] = (forged[1000 + index] ?? 0) ^ byte;
    assert.equal(crc32(forged), crc32(data));
    for (const deflate of [false, true]) {
      build(cwd, 'a.zip', [{ name: 'x', data, deflate }]);
      build(cwd, 'b.zip', [{ name: 'x', data: forged, deflate: true }]);
      assert.deepEqual(await diff(cwd, 'a.zip', 'b.zip'), ['~ x content']);
      assert.deepEqual(await diff(cwd, 'a.zip', 'b.zip', { check: 'crc' }), []);
    }
    mkdirSync(join(cwd, 'tree'));
    writeFileSync(join(cwd, 'tree/x'), forged);
    assert.deepEqual(await diff(cwd, 'a.zip', 'tree'), ['~ x content']);
    assert.deepEqual(await diff(cwd, 'a.zip', 'tree', { check: 'crc' }), []);
  });

  test('names that occur several times are paired one by one, in any order of the directory', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    const [one, two] = [Buffer.from('1'), Buffer.from('2')];
    build(cwd, 'a.zip', [{ name: 'x', data: one }, { name: 'b' }, { name: 'x', data: two }, { name: 'a' }]);
    build(cwd, 'b.zip', [{ name: 'a' }, { name: 'b' }, { name: 'x', data: one }]);
    assert.deepEqual(await diff(cwd, 'a.zip', 'b.zip'), ['- x']);
    assert.deepEqual(await diff(cwd, 'b.zip', 'a.zip'), ['+ x']);
    build(cwd, 'c.zip', [{ name: 'x', data: two }, { name: 'x', data: two }, { name: 'b' }, { name: 'a' }]);
    assert.deepEqual(await diff(cwd, 'a.zip', 'c.zip'), ['~ x content']);
  });

  test('names sort by their UTF-8 bytes, also those of code page 437', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    const utf8 = ['\u{1f600}', '\uffee', 'é', 'a', '\u{10000}/b', '\ue000'];
    const parts = utf8.map((name) => ({ name, flags: 0x800 }));
    build(cwd, 'a.zip', [...parts, { name: Buffer.from([0x81]), madeBy: 20, attributes: 0 }]);
    build(cwd, 'b.zip', [{ name: 'ü', flags: 0x800 }, ...parts.reverse()]);
    assert.deepEqual(await diff(cwd, 'a.zip', 'b.zip'), []);
  });

  test('a file in the place of a link or of a directory is a difference', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    build(cwd, 'a.zip', [{ name: 'x', attributes: 0o120777 * 0x10000 }, { name: 'y/' }]);
    build(cwd, 'b.zip', [{ name: 'x' }, { name: 'y' }]);
    assert.deepEqual(await diff(cwd, 'a.zip', 'b.zip'), ['~ x kind', '+ y', '- y/']);
  });

  test('an archive from a system without modes has the same modes as any other', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    build(cwd, 'a.zip', [{ name: 'x', madeBy: 20, attributes: 0x20 }]);
    build(cwd, 'b.zip', [{ name: 'x', attributes: 0o100755 * 0x10000 }]);
    assert.deepEqual(await diff(cwd, 'a.zip', 'b.zip'), []);
  });

  test('an entry that cannot be inflated is equal where its data is the same, and else not compared', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    const data = Buffer.from('data');
    build(cwd, 'a.zip', [{ name: 'x', data, method: 12, crc: 1 }]);
    build(cwd, 'b.zip', [{ name: 'x', data: Buffer.from('tada'), method: 12, crc: 1 }]);
    assert.deepEqual(await diff(cwd, 'a.zip', 'a.zip'), []);
    assert.deepEqual(await diff(cwd, 'a.zip', 'b.zip'), ['! x PZIP_ARCHIVE_UNSUPPORTED']);
  });

  test('headers that lie about sizes and places end as failures', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    const data = Buffer.from('data');
    build(cwd, 'good.zip', [{ name: 'x', data }]);
    for (const [part, code] of [
      [{ name: 'x', data, offset: 5 }, '! x PZIP_ARCHIVE_INVALID'],
      [{ name: 'x', data, offset: 0xfffffff0 }, '! x PZIP_ARCHIVE_INVALID'],
      [{ name: 'x', data, compressedSize: 0xfffffff0 }, '! x PZIP_ARCHIVE_INVALID'],
      [{ name: 'x', data, uncompressedSize: 0xfffffff0 }, '~ x content'],
      [{ name: 'x', data, deflate: true, compressedSize: 2 }, '! x PZIP_ARCHIVE_INVALID'],
    ] as const) {
      build(cwd, 'bad.zip', [part]);
      assert.deepEqual(await diff(cwd, 'good.zip', 'bad.zip'), [code]);
    }
  });
});

describe('manifests', () => {
  const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

  test('the list of sha256sum equals the tree, its archive and the list of another directory', async (t) => {
    const cwd = await siteWithArchive(t);
    unlinkSync(join(cwd, 'dist/link'));
    await pack(cwd, 'site.zip', 'dist');
    for (const find of ['find dist', 'find ./dist', 'find "$PWD/dist"']) {
      for (const flag of ['', '--binary', '--tag']) {
        execFileSync('sh', ['-c', `${find} -type f -exec sha256sum ${flag} {} + > SUMS`], { cwd });
        assert.deepEqual(await diff(cwd, 'SUMS', 'dist'), [], `${find} ${flag}`);
        if (find === 'find dist') assert.deepEqual(await diff(cwd, 'site.zip', 'SUMS'), []);
      }
    }
    execFileSync('sh', ['-c', 'cd dist && find . -type f | xargs sha256sum > ../RELATIVE'], { cwd });
    assert.deepEqual(await diff(cwd, 'RELATIVE', 'dist'), []);
    writeFileSync(join(cwd, 'dist/large'), textOf(LARGE.length, 4));
    unlinkSync(join(cwd, 'dist/a.txt'));
    assert.deepEqual(await diff(cwd, 'RELATIVE', 'dist'), ['- a.txt', '~ large content']);
  });

  test('names with a backslash and line ends are escaped as sha256sum does it', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    const names = ['back\\slash', 'new\nline', 'carriage\rreturn', 'both\\n\n', ' blank '];
    for (const name of names) writeFileSync(join(cwd, name), name);
    execFileSync('sh', ['-c', 'sha256sum -- * > ../SUMS; mv ../SUMS .'], { cwd });
    build(
      cwd,
      'a.zip',
      names.map((name) => ({ name, flags: 0x800, data: Buffer.from(name) })),
    );
    assert.deepEqual(await diff(cwd, 'a.zip', 'SUMS', { exclude: 'SUMS' }), []);
  });

  test('lines that end as on Windows, comments and empty lines are read', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    build(cwd, 'a.zip', [{ name: 'x', data: Buffer.from('1') }]);
    writeFileSync(join(cwd, 'SUMS'), `# a comment\r\n\r\n${sha256('1').toUpperCase()} *x\r\n`);
    assert.deepEqual(await diff(cwd, 'a.zip', 'SUMS'), []);
  });

  test("pzip's JSON has names, hashes, sizes, modes, times, links and directories", async (t) => {
    const cwd = await inTemporaryDirectory(t);
    mkdirSync(join(cwd, 'tree/dir'), { recursive: true });
    writeFileSync(join(cwd, 'tree/dir/x'), 'content');
    chmodSync(join(cwd, 'tree/dir/x'), 0o750);
    const date = new Date('2020-02-02T20:20:20Z');
    utimesSync(join(cwd, 'tree/dir/x'), date, date);
    symlinkSync('x', join(cwd, 'tree/dir/link'));
    const file = { name: 'dir/x', sha256: sha256('content'), size: 7, mode: '0750', mtime: '2020-02-02T20:20:20Z' };
    const entries = [file, { kind: 'symlink', name: 'dir/link', target: 'x' }, { kind: 'directory', name: 'dir/' }];
    const manifest = { format: 'pzip-manifest', version: 1, made: { by: ['"[{'] }, entries };
    const write = (object: object, indent?: number): void =>
      writeFileSync(join(cwd, 'm.json'), JSON.stringify(object, null, indent));
    for (const indent of [undefined, 2]) {
      write(manifest, indent);
      assert.deepEqual(await diff(cwd, 'm.json', 'tree', { times: true }), []);
    }
    write({ ...manifest, entries: [{ ...file, mode: '0644', mtime: '2021-02-02T20:20:20Z' }, entries[1]] });
    assert.deepEqual(await diff(cwd, 'm.json', 'tree', { times: true }), ['~ dir/x mode,mtime']);
    write({ ...manifest, entries: [] });
    assert.deepEqual(await diff(cwd, 'tree', 'm.json'), ['- dir/', '- dir/link', '- dir/x']);
  });

  const HASH = 'a'.repeat(64);
  for (const [what, text] of [
    ['a hash that is too short', `${HASH}  x\n${HASH.slice(1)}  y\n`],
    ['text behind the list', `${HASH}  x\nthat was all\n`],
    ['a line without an end', `${HASH}  ${'x'.repeat(300_000)}`],
    ['JSON of another format', '{"entries": []}'],
    ['JSON of a later version', '{"format": "pzip-manifest", "version": 2, "entries": []}'],
    ['JSON without entries', '{"format": "pzip-manifest", "version": 1}'],
    ['JSON with two lists', '{"format": "pzip-manifest", "version": 1, "entries": [], "entries": []}'],
    ['JSON that is cut off', '{"format": "pzip-manifest", "version": 1, "entries": [{"name": "x"'],
    ['JSON with something behind it', '{"format": "pzip-manifest", "version": 1, "entries": []} {}'],
    ['JSON that is none', '{"format": "pzip-manifest", "version": 1, "entries": [}]'],
    ['JSON with an entry that is none', '{"format": "pzip-manifest", "version": 1, "entries": [1]}'],
    ['JSON with a comma too many', '{"format": "pzip-manifest", "version": 1, "entries": [,]}'],
    ['JSON without a hash', '{"format": "pzip-manifest", "version": 1, "entries": [{"name": "x"}]}'],
    ['JSON without a name', `{"format": "pzip-manifest", "version": 1, "entries": [{"sha256": "${HASH}"}]}`],
    ['JSON that is deep', `{"format": ${'['.repeat(100_000)}`],
    ['JSON with a long entry', `{"entries": [{"name": "${'x'.repeat(300_000)}"}]}`],
  ] as const) {
    test(`${what} is PZIP_MANIFEST_INVALID`, async (t) => {
      const cwd = await inTemporaryDirectory(t);
      writeFileSync(join(cwd, 'manifest'), text);
      build(cwd, 'a.zip', []);
      await assert.rejects(diff(cwd, 'manifest', 'a.zip'), { code: 'PZIP_MANIFEST_INVALID' });
    });
  }
});

describe('operands, options and ends', () => {
  test('an operand that is missing, damaged or of another kind is named', async (t) => {
    const cwd = await siteWithArchive(t);
    writeFileSync(join(cwd, 'text'), 'some text');
    writeFileSync(join(cwd, 'nothing'), '');
    writeFileSync(join(cwd, 'cut.zip'), readFileSync(join(cwd, 'site.zip')).subarray(0, -30));
    for (const [operand, code] of [
      ['text', 'PZIP_SOURCE_UNSUPPORTED'],
      ['nothing', 'PZIP_SOURCE_UNSUPPORTED'],
      ['none', 'PZIP_SOURCE_MISSING'],
      ['text/none', 'PZIP_SOURCE_MISSING'],
      ['cut.zip', 'PZIP_ARCHIVE_INVALID'],
    ] as const) {
      await assert.rejects(diff(cwd, operand, 'dist'), { code });
      await assert.rejects(diff(cwd, 'dist', operand), { code });
    }
    assert.throws(() => diffArchives('a', 'b', { check: 'none' as 'crc' }), { code: 'PZIP_USAGE' });
    assert.throws(() => diffArchives(1 as unknown as string, 'b'), { code: 'PZIP_USAGE' });
  });

  test('an archive behind a program is an archive', async (t) => {
    const cwd = await siteWithArchive(t);
    writeFileSync(join(cwd, 'sfx'), Buffer.concat([Buffer.from('#!/bin/sh\n'), readFileSync(join(cwd, 'site.zip'))]));
    assert.deepEqual(await diff(cwd, 'sfx', 'dist'), []);
  });

  test('two directories are compared by what is in them', async (t) => {
    const cwd = await inTemporaryDirectory(t);
    makeSite(cwd, 'one');
    makeSite(cwd, 'two');
    assert.deepEqual(await diff(cwd, 'one', 'two'), []);
    rmSync(join(cwd, 'two/empty'), { recursive: true });
    writeFileSync(join(cwd, 'one/large'), textOf(LARGE.length, 9));
    assert.deepEqual(await diff(cwd, 'one', 'two'), ['- empty/', '~ large content']);
  });

  test('a pool does the work, a loop may be left, and a signal ends it', async (t) => {
    const cwd = await siteWithArchive(t);
    await using pool = createPool({ threads: 1 });
    assert.deepEqual(await diff(cwd, 'site.zip', 'dist', { pool }), []);
    writeFileSync(join(cwd, 'dist/a.txt'), 'texT\n');
    for await (const { name } of diffArchives('site.zip', 'dist', { cwd, pool })) {
      assert.equal(name, 'dist/a.txt');
      break;
    }
    await assert.rejects(diff(cwd, 'site.zip', 'dist', { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
    assert.throws(() => diffArchives('a', 'b', { pool, threads: 1 }), { code: 'PZIP_USAGE' });
  });
});
