/** What the functions of the API take, and what they refuse: a call that cannot mean anything is PZIP_USAGE. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import {
  createArchive,
  createPool,
  isEngineAvailable,
  type Preview,
  PzipError,
  type PzipWarning,
  parseFileList,
  predictSize,
  preview,
  ZipArchive,
} from '../../dist/index.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { inTemporaryDirectory } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

/** As a program in JavaScript may call it. */
const make = createArchive as (...args: unknown[]) => Promise<unknown>;
const list = preview as (...args: unknown[]) => Preview;
const Archive = ZipArchive as new (...args: unknown[]) => ZipArchive;
const predict = predictSize as (...args: unknown[]) => number;
const pool = createPool as (...args: unknown[]) => unknown;

async function tree(t: TestContext): Promise<string> {
  const folder = await inTemporaryDirectory(t);
  await mkdir(join(folder, 't/node_modules'), { recursive: true });
  await writeFile(join(folder, 't/node_modules/a.js'), 'x');
  await writeFile(join(folder, 't/app.js'), 'x');
  await writeFile(join(folder, 't/app.map'), 'x');
  return folder;
}

async function names(inputs: unknown, options: object): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of list(inputs, options)) found.push(name);
  return found;
}

/** Of each option: values that it cannot have. */
const WRONG: Readonly<Record<string, readonly unknown[]>> = {
  level: [-1, 11, 1.5, Number.NaN, '6', null, 6n],
  threads: [-1, 1025, 2.5, '2', Number.POSITIVE_INFINITY],
  memory: [0, -1, '64M', Number.POSITIVE_INFINITY, 1e300],
  comment: [5, null, Buffer.from('x')],
  reproducible: ['yes', 1, null],
  mtime: ['2024-01-01', 0, new Date(Number.NaN), null, {}],
  latestMtime: ['2024-01-01', 1e12],
  extendedTimestamps: ['false'],
  skipUnreadable: ['false', 0],
  strict: ['true'],
  verify: [1],
  overwrite: ['no'],
  flush: ['no'],
  engine: ['WASM', 'deflate', true, null],
  pool: [{}, null, { threads: 2, engine: 'wasm', share() {}, async close() {} }],
  listEntries: ['all'],
  signal: [{}, new AbortController(), null, 'abort'],
  onProgress: ['x', {}, null],
  onEntry: [[]],
  onWarning: [true],
  cwd: [5, null, Buffer.from('/'), [], new URL('http://example.com/'), 'a\0b'],
  filesFrom: [5, [5], [undefined], new Uint8Array(2), ['a\0b']],
  exclude: [5, [/x/], null, { pattern: 'x' }],
  ignoreFiles: [5, [null]],
  gitignore: ['true'],
  prefix: [5, null, ['a']],
  junkPaths: [1],
  stripComponents: [-1, 1.5, '1'],
  rename: [5, 'a=b', [['a', 'b']], { from: 'a' }, { from: 'a', to: 5 }, { from: 'a', to: 'b', global: true }],
  first: [5, [5]],
  levelFor: [5, { '*.js': 0 }, [{ pattern: '*', level: 99 }], { pattern: '*' }, { pattern: '*', level: '0' }],
  symlinks: ['Follow', 'skipp', true, null, 'constructor'],
  directoryEntries: ['no'],
  modes: ['bogus', 0o755],
  portableNames: ['errors', false],
  ifEmpty: ['fail', 'never', true],
  entries: [5, [5], [null], 'name'],
};

for (const [option, values] of Object.entries(WRONG)) {
  test(`a value that \`${option}\` cannot have is rejected with its name`, async () => {
    for (const value of values) {
      await assert.rejects(make(new CollectingSink(), '.', { [option]: value }), pzipError('PZIP_USAGE', option));
      await assert.rejects(names('.', { [option]: value }), pzipError('PZIP_USAGE', option));
    }
  });

  test(`\`${option}\` left undefined counts as left out`, async (t) => {
    const cwd = await tree(t);
    const sink = new CollectingSink();
    await make(sink, 't', { cwd, [option]: undefined, ...(option === 'cwd' ? { cwd } : {}) });
    assert.ok(sink.bytes.includes('t/app.js'));
  });
}

test('an unknown option is rejected, and the one that was probably meant is named', async () => {
  for (const [options, words] of [
    [{ leve: 9 }, ['`leve`', 'did you mean `level`']],
    [{ LEVEL: 9 }, ['did you mean `level`']],
    [{ onprogress: () => {} }, ['did you mean `onProgress`']],
    [{ quux: 1 }, ['`quux`']],
    [JSON.parse('{"__proto__": {"level": 9}}'), ['`__proto__`']],
  ] as const) {
    await assert.rejects(make(new CollectingSink(), '.', options), pzipError('PZIP_USAGE', ...words));
    assert.throws(() => new Archive(options), pzipError('PZIP_USAGE', ...words));
    assert.throws(() => new Archive('out.zip', options), pzipError('PZIP_USAGE', ...words));
    await assert.rejects(names('.', options), pzipError('PZIP_USAGE', ...words));
  }
  await assert.rejects(names('.', { ignore: ['x'] }), pzipError('PZIP_USAGE', 'did you mean `exclude`'));
  assert.throws(() => pool({ thread: 2 }), pzipError('PZIP_USAGE', 'did you mean `threads`'));
  assert.throws(() => predict([], { levels: 0 }), pzipError('PZIP_USAGE', 'did you mean `level`'));
  assert.throws(() => predict([], { target: 'pipe' }), pzipError('PZIP_USAGE', 'target'));
});

test('an option in the wrong place is rejected with a message that names the right one', () => {
  assert.throws(() => new Archive('out.zip', { exclude: 'x' }), pzipError('PZIP_USAGE', '`exclude`', 'addGlob()'));
  assert.throws(
    () => Reflect.apply(ZipArchive.prototype.addGlob, new Archive(), ['x', { strict: true }]),
    pzipError('PZIP_USAGE', '`strict`', 'new ZipArchive()'),
  );
});

test('options that are not an object are rejected', async () => {
  const kinds: unknown[] = [5, 'x', true, null, [], () => {}, new Date(), new Map(), new Set(), Buffer.alloc(1), /x/];
  for (const options of [...kinds, Promise.resolve(), new Error('x'), Symbol('x'), new ArrayBuffer(1)]) {
    const archive = new Archive();
    await assert.rejects(make('out.zip', '.', options), pzipError('PZIP_USAGE'));
    assert.throws(() => new Archive('out.zip', options), pzipError('PZIP_USAGE'));
    assert.throws(() => pool(options), pzipError('PZIP_USAGE'));
    assert.throws(() => predict([], options), pzipError('PZIP_USAGE'));
    for (const [method, ...args] of [
      ['addFile', 'n', 'p'],
      ['addBuffer', 'n', 'd'],
      ['addStream', 'n', () => []],
      ['addDirectory', 'n'],
      ['addSymlink', 'n', 't'],
      ['addGlob', 'x'],
    ] as const) {
      assert.throws(() => Reflect.apply(archive[method], archive, [...args, options]), pzipError('PZIP_USAGE'), method);
    }
  }
});

test('options that cannot be read are rejected with the reason', async () => {
  const throwing = {
    get level(): number {
      throw new Error('no\nway');
    },
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (const options of [throwing, revoked.proxy]) {
    await assert.rejects(make('out.zip', '.', options), pzipError('PZIP_USAGE', 'cannot be read'));
    assert.throws(() => new Archive('out.zip', options), pzipError('PZIP_USAGE', 'cannot be read'));
    assert.throws(() => new ZipArchive().addBuffer('a', 'x', options), pzipError('PZIP_USAGE', 'cannot be read'));
  }
});

test('options are read once, and copied', async (t) => {
  const cwd = await tree(t);
  let reads = 0;
  const exclude = ['*.map'];
  const options = {
    cwd,
    exclude,
    listEntries: true,
    get level() {
      reads++;
      return reads === 1 ? 0 : 99;
    },
  };
  const making = createArchive(new CollectingSink(), 't', options as object);
  exclude[0] = '*';
  const { entries } = await making;
  assert.equal(reads, 1);
  assert.deepEqual(
    entries?.map(({ name }) => name),
    ['t/', 't/app.js', 't/node_modules/', 't/node_modules/a.js'],
  );
});

test('options may be inherited, except from Object.prototype', async (t) => {
  const cwd = await tree(t);
  class Options {
    cwd = cwd;
    get exclude() {
      return '*.js';
    }
  }
  assert.deepEqual(await names('t', new Options()), ['t/', 't/app.map', 't/node_modules/']);
  assert.deepEqual(await names('t', Object.create({ cwd, exclude: 't/node_modules' })), [
    't/',
    't/app.js',
    't/app.map',
  ]);
  assert.deepEqual(await names('t', Object.assign(Object.create(null), { cwd, exclude: '*.js' })), [
    't/',
    't/app.map',
    't/node_modules/',
  ]);
  await assert.rejects(names('t', Object.create({ leve: 9 })), pzipError('PZIP_USAGE', 'leve'));
  const polluted = Object.prototype as unknown as Record<string, unknown>;
  t.after(() => {
    for (const key of ['exclude', 'mode', 'path', 'extension']) delete polluted[key];
  });
  Object.assign(polluted, { exclude: ['*'], mode: 0o4777, path: '/etc/passwd', extension: true });
  assert.equal((await names('t', { cwd })).length, 5);
  const sink = new CollectingSink();
  const archive = new ZipArchive(sink);
  archive.addBuffer('a', 'x', { comment: 'c' });
  archive.addEntries([{ name: 'b', data: 'y' }]);
  await archive.close();
  assert.equal(modeOf(sink.bytes), 0o100644);
});

test('one value does where a list is wanted', async (t) => {
  const cwd = await tree(t);
  await writeFile(join(cwd, 'ignored'), '*.map\n');
  assert.deepEqual(await names('t', { cwd, exclude: 'node_modules' }), ['t/', 't/app.js', 't/app.map']);
  assert.ok((await names('t', { cwd, exclude: '*.map' })).includes('t/app.js'));
  assert.ok(!(await names('t', { cwd, ignoreFiles: 'ignored' })).includes('t/app.map'));
  assert.equal((await names('t', { cwd, first: '*.map' }))[0], 't/app.map');
  assert.deepEqual(await names([], { cwd, filesFrom: 't/app.js' }), ['t/app.js']);
  assert.deepEqual(await names('t/app.js', { cwd, rename: { from: 't/app.js', to: 'b.js' } }), ['b.js']);
  assert.deepEqual(await names([], { cwd, entries: { name: 'one', data: 'x' } }), ['one']);
  const { entries } = await createArchive(new CollectingSink(), 't/app.js', {
    cwd,
    levelFor: { pattern: '*.js', level: 0 },
    listEntries: true,
  });
  assert.equal(entries?.[0]?.method, 'store');
});

test('a file URL is a path wherever a path is wanted', async (t) => {
  const cwd = await tree(t);
  const url = pathToFileURL(`${cwd}/`);
  assert.deepEqual(await names('t/app.js', { cwd: url }), ['t/app.js']);
  assert.equal((await names(new URL('t/app.js', url), {}))[0]?.endsWith('t/app.js'), true);
  assert.equal((await names([], { filesFrom: [new URL('t/app.js', url)] }))[0]?.endsWith('t/app.js'), true);
  await make(new URL('out.zip', url), 't', { cwd: url });
  assert.ok((await readdir(cwd)).includes('out.zip'));
  const other = runInNewContext('({ href, protocol: "file:", pathname: "/" })', { href: url.href });
  assert.deepEqual(await names('t/app.js', { cwd: other }), ['t/app.js']);
});

test('an invalid output is rejected', async () => {
  const outputs = [
    null,
    {},
    5,
    true,
    [],
    new Date(),
    Symbol('x'),
    () => {},
    5n,
    new Map(),
    '',
    'a\0b',
    Buffer.from('o'),
  ];
  for (const output of [...outputs, undefined, new ReadableStream(), process.stdin, new URL('http://example.com/')]) {
    await assert.rejects(make(output, '.'), pzipError('PZIP_USAGE', 'output'), String(output));
    if (output === undefined) continue;
    assert.throws(() => list('.', { output }), pzipError('PZIP_USAGE', 'output'));
    assert.throws(() => new Archive(output, { level: 9 }), pzipError('PZIP_USAGE', 'output'));
  }
  assert.throws(() => new Archive(undefined, { level: 9 }), pzipError('PZIP_USAGE', 'as the first argument'));
  assert.throws(() => new Archive(null), pzipError('PZIP_USAGE', 'output'));
  assert.throws(() => new Archive({ level: 9 }, {}), pzipError('PZIP_USAGE', 'output'));
  assert.throws(() => new Archive(new ReadableStream()), pzipError('PZIP_USAGE', 'output'));
  assert.throws(() => new Archive('x', { write() {} }), pzipError('PZIP_USAGE', '`write`'));
});

test('options are taken under the names that they had earlier', async (t) => {
  const folder = await tree(t);
  const path = join(folder, 'out.zip');
  const date = new Date('2020-02-02T20:20:20Z');
  const earlier = await make(path, 't', { cwd: folder, lastModified: date, records: true });
  const { length } = await readFile(path);
  const now = await createArchive(path, 't', { cwd: folder, mtime: date, listEntries: true });
  assert.deepEqual((earlier as typeof now).records, now.entries);
  assert.equal((await readFile(path)).length, length);
  await assert.rejects(make(path, 't', { cwd: folder, replace: false }), pzipError('PZIP_OUTPUT_EXISTS'));
});

test('the result says where the archive is, how long it took and what was warned of', async (t) => {
  const folder = await tree(t);
  await symlink('/etc', join(folder, 't/outside'));
  const told: string[] = [];
  const onWarning = ({ code }: PzipWarning): unknown => told.push(code);
  const result = await createArchive(join(folder, 'out.zip'), 't', { cwd: folder, onWarning });
  assert.equal(result.path, join(folder, 'out.zip'));
  assert.ok(result.durationMs > 0);
  assert.deepEqual(
    result.warnings.map(({ code }) => code),
    told,
  );
  assert.deepEqual(told, ['PZIP_LINK_OUTSIDE']);
  const streamed = await createArchive(new CollectingSink(), 't', { cwd: folder });
  assert.deepEqual([streamed.path, streamed.warnings.length], [undefined, 1]);
});

test('invalid inputs are rejected', async () => {
  for (const inputs of [
    undefined,
    null,
    5,
    {},
    [5],
    [null],
    [undefined],
    true,
    Buffer.from('x'),
    new Map(),
    'a\0b',
    [undefined],
  ]) {
    await assert.rejects(make('out.zip', inputs), pzipError('PZIP_USAGE', 'inputs'));
    assert.throws(
      () => Reflect.apply(ZipArchive.prototype.addGlob, new ZipArchive(), [inputs]),
      pzipError('PZIP_USAGE'),
    );
  }
  for (const entries of [undefined, null, 5, {}, 'x', true]) {
    assert.throws(
      () => Reflect.apply(ZipArchive.prototype.addEntries, new ZipArchive(), [entries]),
      pzipError('PZIP_USAGE'),
    );
    assert.throws(() => predict(entries), pzipError('PZIP_USAGE'));
  }
});

/** Of the first entry, with the bits of its type. */
function modeOf(archive: Buffer): number {
  return archive.readUInt32LE(archive.indexOf('PK\x01\x02', 0, 'latin1') + 38) >>> 16;
}

test('a mode is an integer of permission bits, with those of the right type or none', async () => {
  for (const mode of [
    '755',
    '0755',
    'rwxr-xr-x',
    -1,
    Number.NaN,
    420.5,
    1e16,
    {},
    null,
    0o40755,
    0o120777,
    0o200000,
    493n,
  ]) {
    for (const add of [
      (archive: ZipArchive) => archive.addBuffer('run', 'x', { mode } as object),
      (archive: ZipArchive) => archive.addFile('run', '/etc/passwd', { mode } as object),
      (archive: ZipArchive) => archive.addStream('run', () => emptyStream(), { mode } as object),
    ]) {
      assert.throws(() => add(new ZipArchive()), pzipError('PZIP_USAGE', '`mode`', "'run'", '0o755'), String(mode));
    }
    if (mode === 0o40755) continue;
    assert.throws(() => new ZipArchive().addDirectory('d', { mode } as object), pzipError('PZIP_USAGE', '`mode`'));
  }
  for (const [mode, written] of [
    [0o755, 0o100755],
    [0o100600, 0o100600],
  ] as const) {
    const sink = new CollectingSink();
    const archive = new ZipArchive(sink);
    archive.addBuffer('run', 'x', { mode });
    await archive.close();
    assert.equal(modeOf(sink.bytes), written);
  }
});

async function* emptyStream(): AsyncGenerator<Uint8Array> {}

test('options of entries are checked as those of the archive are, and name the entry', async () => {
  for (const options of [
    { level: 11 },
    { level: '0' },
    { store: 'no' },
    { mtime: '2024' },
    { mtime: new Date(Number.NaN) },
    { comment: 5 },
    { leve: 9 },
    { date: new Date() },
    { size: 5 },
  ]) {
    const option = Object.keys(options)[0] ?? '';
    assert.throws(
      () => new ZipArchive().addBuffer('n', 'x', options as object),
      pzipError('PZIP_USAGE', `\`${option}\``, "'n'"),
    );
    const archive = new ZipArchive(new CollectingSink());
    archive.addEntries([{ name: 'n', data: 'x', ...options } as { name: string; data: string }]);
    await assert.rejects(archive.close(), pzipError('PZIP_USAGE', `\`${option}\``, "'n'"));
  }
  for (const size of [-1, 1.5, '5', Number.NaN]) {
    assert.throws(
      () => new ZipArchive().addStream('n', emptyStream, { size } as object),
      pzipError('PZIP_USAGE', '`size`'),
    );
  }
  assert.throws(
    () => new ZipArchive().addDirectory('n', { level: 9 } as object),
    pzipError('PZIP_USAGE', 'no content'),
  );
  for (const entry of [null, 5, 'x', [], {}, { name: 5, data: 'x' }]) {
    const archive = new ZipArchive(new CollectingSink());
    archive.addEntries([entry as { name: string; data: string }]);
    await assert.rejects(archive.close(), PzipError);
    assert.throws(() => predict([entry]), PzipError);
  }
});

test('a comment that leaves no room beside the name is blamed, not the name', () => {
  const comment = 'c'.repeat(65_535);
  assert.throws(
    () => new ZipArchive().addBuffer('a', 'x', { comment }),
    pzipError('PZIP_COMMENT_INVALID', "comment of 'a'", '65535'),
  );
});

test('the target of a link must be text that a system accepts', () => {
  for (const [target, words] of [
    ['', 'empty'],
    ['a\0b', 'NUL'],
    ['x'.repeat(2e6), '2000000 bytes'],
    ['\ud83d', 'surrogate'],
    [5, 'a string'],
    [undefined, 'a string'],
  ] as const) {
    assert.throws(() => new ZipArchive().addSymlink('l', target as string), pzipError('PZIP_USAGE', "'l'", words));
  }
});

test('bytes and dates of another realm are what they are', async () => {
  const foreign = runInNewContext(`({
    array: new Uint8Array([65, 66]), buffer: new Uint8Array([65, 66]).buffer, view: new DataView(new Uint8Array([65, 66]).buffer),
    words: new Uint16Array([0x4241]), shared: new SharedArrayBuffer(2), date: new Date(Date.UTC(2024, 1, 1)), list: ['c'],
  })`);
  for (const [kind, content] of Object.entries(foreign)) {
    if (kind === 'date' || kind === 'list') continue;
    const sink = new CollectingSink();
    const archive = new ZipArchive(sink, { listEntries: true, reproducible: true });
    archive.addBuffer('a', content as Uint8Array, { mtime: foreign.date, store: true });
    const { entries } = await archive.close();
    assert.equal(entries?.[0]?.uncompressedSize, 2, kind);
    if (kind !== 'shared') assert.ok(sink.bytes.includes('aAB') || sink.bytes.includes('AB'), kind);
  }
  assert.throws(() => new ZipArchive().addBuffer('n', [1, 2] as never), pzipError('PZIP_USAGE', "'n'", 'an array'));
});

test('a buffer whose memory was transferred is rejected, not taken as empty', () => {
  const bytes = new Uint8Array(8);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  assert.throws(() => new ZipArchive().addBuffer('n', bytes), pzipError('PZIP_USAGE', "'n'", 'detached'));
  assert.throws(() => new ZipArchive().addBuffer('n', bytes.buffer), pzipError('PZIP_USAGE', "'n'", 'detached'));
});

test('text with a lone surrogate is rejected', () => {
  assert.throws(() => new ZipArchive().addBuffer('n', 'x\ud83d'), pzipError('PZIP_USAGE', "'n'", 'surrogate'));
  assert.throws(
    () => new ZipArchive().addBuffer('n', 'x', { comment: '\udc00' }),
    pzipError('PZIP_COMMENT_INVALID', "'n'", 'surrogate'),
  );
});

test('a signal by its looks is one', async () => {
  const listeners = new Set<() => void>();
  const signal = {
    aborted: false,
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
  };
  const archive = new Archive(
    new CollectingSink().on('error', () => {}),
    { signal },
  );
  archive.addStream('stalled', () => new ReadableStream<Uint8Array>());
  const closed = archive.close();
  setTimeout(() => {
    signal.aborted = true;
    for (const listener of listeners) listener();
  }, 20);
  await assert.rejects(closed, { name: 'AbortError' });
  assert.equal(listeners.size, 0);
  await assert.rejects(make(new CollectingSink(), '.', { signal }), { name: 'AbortError' });
});

test('a selection of no inputs says that there were none', async () => {
  const failing = () => new CollectingSink().on('error', () => {});
  await assert.rejects(make(failing(), []), pzipError('PZIP_NOTHING_MATCHED', 'no inputs were given'));
  await assert.rejects(
    make(failing(), [], { filesFrom: [] }),
    pzipError('PZIP_NOTHING_MATCHED', 'the list of names is empty'),
  );
});

test('the arguments of parseFileList(), preview() and isEngineAvailable() are checked', async () => {
  const parse = parseFileList as (...args: unknown[]) => string[];
  assert.deepEqual(parse(runInNewContext('new Uint8Array([97, 10, 98])'), undefined, 'list'), ['a', 'b']);
  for (const [list, isNulSeparated, origin, onInvalid] of [
    ['a\nb', false, 'list'],
    [undefined, false, 'list'],
    [Buffer.from('a'), 'yes', 'list'],
    [Buffer.from('a'), false, 5],
    [Buffer.from('a'), false, 'list', 'x'],
  ]) {
    assert.throws(() => parse(list, isNulSeparated, origin, onInvalid), pzipError('PZIP_USAGE'));
  }
  assert.throws(() => list('.', { output: 5 }), pzipError('PZIP_USAGE', 'output'));
  assert.throws(() => list(5), pzipError('PZIP_USAGE', 'inputs'));
  assert.equal(isEngineAvailable('zlib'), true);
  assert.equal(isEngineAvailable('deflate' as 'zlib'), false);
});
