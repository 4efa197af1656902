/** What an archive costs that nothing reads, and what a program hears of an archive that can never end. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool, ZipArchive } from '../../dist/index.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { runProcess } from '../helpers/run-process.js';
import { inTemporaryDirectory, randomBytes } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

const INDEX = new URL('../../dist/index.js', import.meta.url).href;
const MIB = 1024 * 1024;

async function run(program: string, cwd: string, ...flags: string[]) {
  const args = [...flags, '--input-type=module', '-e', `import * as pzip from ${JSON.stringify(INDEX)};\n${program}`];
  const { code, stdout, stderr } = await runProcess(process.execPath, args, { cwd, timeout: 60_000 });
  return { code, stdout: stdout.toString(), stderr };
}

test('ten archives that nothing reads take no memory, no thread and no file', async (t) => {
  const folder = await inTemporaryDirectory(t);
  await writeFile(join(folder, 'large'), randomBytes(40 * MIB, 1));
  const { stdout, stderr } = await run(
    `import { readdirSync } from 'node:fs';
     const count = (of) => (process.platform === 'linux' ? readdirSync('/proc/self/' + of).length : 0);
     const archives = [];
     const measure = () => ({ rss: process.memoryUsage().rss, threads: count('task'), files: count('fd') });
     new pzip.ZipArchive();
     const before = measure();
     let opened = 0;
     for (let index = 0; index < 10; index++) {
       const archive = new pzip.ZipArchive();
       await archive.addFile('large', 'large');
       await archive.addGlob('.');
       await archive.addBuffer('buffer', 'x');
       await archive.addStream('stream', () => { opened++; return new Blob(['x']).stream(); });
       await archive.addEntries((async function* () { opened++; })());
       archive.close();
       archives.push(archive);
     }
     await new Promise((resolve) => setTimeout(resolve, 300));
     const after = measure();
     console.log(JSON.stringify({ opened, rss: after.rss - before.rss, threads: after.threads - before.threads, files: after.files - before.files }));`,
    folder,
  );
  assert.equal(stderr, '');
  const { opened, rss, threads, files } = JSON.parse(stdout);
  assert.deepEqual({ opened, threads, files }, { opened: 0, threads: 0, files: 0 });
  // Each of them held up to 70 MB.
  assert.ok(rss < 20e6, `${rss} bytes more`);
});

test('archives that are dropped unread are collected, and do not keep their pool from ending', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const { stdout, code } = await run(
    `const pool = pzip.createPool({ threads: 1 });
     let collected = 0;
     const registry = new FinalizationRegistry(() => collected++);
     (() => {
       for (let index = 0; index < 20; index++) {
         const archive = new pzip.ZipArchive(index % 2 === 0 ? { pool } : {});
         archive.addBuffer('large', Buffer.alloc(1e6));
         archive.close();
         archive.readable;
         registry.register(archive);
       }
     })();
     for (let turn = 0; turn < 50 && collected < 20; turn++) {
       await new Promise((resolve) => setTimeout(resolve, 20));
       gc();
     }
     await pool.close();
     console.log(collected);`,
    folder,
    '--expose-gc',
  );
  assert.equal(code, 0);
  assert.ok(Number(stdout) >= 19, `${stdout} of 20`);
});

test('an archive begins with the first read, and close() waits for that', async () => {
  let opened = 0;
  const archive = new ZipArchive();
  archive.addStream('a', async function* () {
    opened++;
    yield 'abc';
  });
  let isClosed = false;
  const closed = archive.close().then(() => {
    isClosed = true;
  });
  await sleep(50);
  assert.deepEqual({ opened, isClosed }, { opened: 0, isClosed: false });
  assert.ok((await new Response(archive.readable).arrayBuffer()).byteLength > 100);
  await closed;
  assert.equal(opened, 1);
});

test('before the first read, what is added in memory is held back at the limit', async () => {
  const archive = new ZipArchive({ memory: MIB, level: 0 });
  await archive.addBuffer('a', Buffer.alloc(MIB));
  let isAdmitted = false;
  const added = archive.addBuffer('b', Buffer.alloc(MIB)).then(() => {
    isAdmitted = true;
  });
  await sleep(50);
  assert.equal(isAdmitted, false);
  archive.close();
  await new Response(archive.readable).arrayBuffer();
  await added;
});

test('an archive with a pool that was closed before the first read fails', async () => {
  const pool = createPool({ threads: 1 });
  const archive = new ZipArchive({ pool });
  archive.addBuffer('a', 'x');
  const closed = archive.close();
  await pool.close();
  await assert.rejects(new Response(archive.readable).text(), pzipError('PZIP_CLOSED'));
  await assert.rejects(closed, pzipError('PZIP_CLOSED'));
  assert.throws(() => new ZipArchive({ pool }), pzipError('PZIP_CLOSED'));
});

test('an already aborted signal errors the reader and the output', async (t) => {
  const reason = new Error('too late');
  const isReason = (error: unknown) => error === reason;
  const signal = AbortSignal.abort(reason);
  const readings: ((archive: ZipArchive) => Promise<unknown>)[] = [
    async (archive) => {
      for await (const _ of archive);
    },
    (archive) => new Response(archive.readable).arrayBuffer(),
    (archive) => archive.readable.getReader().read(),
  ];
  for (const read of readings) {
    const archive = new ZipArchive({ signal });
    void archive.addBuffer('a', 'x');
    const closed = archive.close();
    await assert.rejects(read(archive), isReason);
    await assert.rejects(closed, isReason);
  }
  const writable = new CollectingSink().on('error', () => {});
  await assert.rejects(new ZipArchive(writable, { signal }).close(), isReason);
  assert.ok(writable.destroyed);
  let aborted: unknown;
  const web = new WritableStream<Uint8Array>({
    abort: (given) => {
      aborted = given;
    },
  });
  await assert.rejects(new ZipArchive(web, { signal }).close(), isReason);
  assert.equal(aborted, reason);
  const folder = await inTemporaryDirectory(t);
  await assert.rejects(new ZipArchive(join(folder, 'a.zip'), { signal }).close(), isReason);
  assert.deepEqual(await readdir(folder), []);
});

test('a signal that is aborted before the first read ends the archive', async () => {
  const abort = new AbortController();
  const archive = new ZipArchive({ signal: abort.signal });
  archive.addFile('a', '/etc/passwd');
  const closed = archive.close();
  setTimeout(() => abort.abort(new Error('enough')), 20);
  await assert.rejects(closed, /enough/);
  await assert.rejects(new Response(archive.readable).text(), /enough/);
});

/** Programs that run out of things to do, and the words of the error. */
const STUCK: Readonly<Record<string, readonly [program: string, words: RegExp]>> = {
  'a stream that never ends': [
    `const a = new pzip.ZipArchive('o.zip');
     a.addStream('endless', async () => new (await import('node:stream')).PassThrough()); await a.close();`,
    /'endless'/,
  ],
  'a stream whose function never answers': [
    `const a = new pzip.ZipArchive('o.zip'); a.addStream('silent', () => new Promise(() => {})); await a.close();`,
    /'silent'/,
  ],
  'an iterable of entries that never ends': [
    `const a = new pzip.ZipArchive('o.zip');
     a.addEntries((async function* () { yield { name: 'a', data: 'x' }; await new Promise(() => {}); })()); await a.close();`,
    /addEntries\(\)/,
  ],
  'an output that takes nothing': [
    `const { Writable } = await import('node:stream');
     const a = new pzip.ZipArchive(new Writable({ write() {} })); a.addBuffer('a', Buffer.alloc(1e6, 'x'), { store: true }); await a.close();`,
    /PZIP_OUTPUT_FAILED/,
  ],
  'an archive that nothing reads': [
    `const a = new pzip.ZipArchive(); a.addBuffer('a', 'x'); await a.close();`,
    /Nothing reads the archive/,
  ],
  'an archive that is never closed': [
    `const a = new pzip.ZipArchive('o.zip'); await a.addBuffer('a', 'x');`,
    /close\(\) was never called/,
  ],
};

for (const [what, [program, words]] of Object.entries(STUCK)) {
  test(`a program does not end well with ${what}`, async (t) => {
    const folder = await inTemporaryDirectory(t);
    const { code, stderr } = await run(`(async () => { ${program} })();`, folder);
    assert.equal(code, 1, stderr);
    assert.match(stderr, words);
    assert.deepEqual(await readdir(folder), []);
  });
}

test('an archive that nothing reads is reported even if its garbage is collected meanwhile', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const waits = [
    'await a.close();',
    'await Promise.all([a.close()]);',
    'a.close().catch((error) => { throw error; });',
    'a.close(); await a.close();',
  ];
  for (const wait of waits) {
    const program = `(async () => { const a = new pzip.ZipArchive(); a.addBuffer('a', 'x'); ${wait} })();
      for (let turn = 0; turn < 5; turn++) { await new Promise((resolve) => setTimeout(resolve, 5)); gc(); }`;
    const { code, stderr } = await run(program, folder, '--expose-gc');
    assert.equal(code, 1, `${wait} ${stderr}`);
    assert.match(stderr, /Nothing reads the archive/);
  }
});

test('close() of an archive to read gives a promise that works like any other', async () => {
  const archive = new ZipArchive();
  archive.addBuffer('a', 'x');
  const closed = archive.close();
  assert.ok(closed instanceof Promise);
  const derived = closed.then(({ entryCount }) => entryCount);
  assert.equal(derived.constructor, Promise);
  await new Response(archive.readable).arrayBuffer();
  assert.deepEqual([await derived, (await closed.finally(() => {})).entryCount], [1, 1]);
});

test('an archive that ends leaves nothing that looks after it', async (t) => {
  const folder = await mkdtemp(join(await inTemporaryDirectory(t), 'x'));
  const before = process.listenerCount('beforeExit');
  const archive = new ZipArchive(join(folder, 'o.zip'));
  archive.addBuffer('a', 'x');
  assert.equal(process.listenerCount('beforeExit'), before + 1);
  await archive.close();
  const failed = new ZipArchive(new Writable({ write: (_c, _e, done) => done(new Error('no')) }).on('error', () => {}));
  failed.addStream('a', () => new PassThrough().end('x'.repeat(100)));
  await assert.rejects(failed.close(), /no/);
  assert.equal(process.listenerCount('beforeExit'), before);
});
