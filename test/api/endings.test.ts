import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ArchiveOptions, createArchive, type Progress, ZipArchive } from '../../dist/index.js';
import { CollectingSink, SlowSink, StallingSink } from '../helpers/failing-sinks.js';
import { runProcess } from '../helpers/run-process.js';
import { inTemporaryDirectory, randomBytes, textOf } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

const MIB = 1024 * 1024;
const INDEX = new URL('../../dist/index.js', import.meta.url).href;

/** Milliseconds from the abort to the rejection; generous, for a machine that has other things to do as well. */
const PROMPTLY = 1000;

test('close() gives one promise, whatever the number of calls, and nothing can be added behind it', async () => {
  const archive = new ZipArchive(new CollectingSink());
  archive.addBuffer('a', 'a');
  const closed = archive.close();
  assert.equal(archive.close(), closed);
  for (const add of [
    () => archive.addBuffer('b', 'b'),
    () => archive.addFile('b', 'b'),
    () => archive.addStream('b', () => new PassThrough()),
    () => archive.addDirectory('b'),
    () => archive.addSymlink('b', 'a'),
    () => archive.addGlob('b'),
    () => archive.addEntries([]),
  ]) {
    assert.throws(add, pzipError('PZIP_CLOSED'));
  }
  assert.equal((await closed).entryCount, 1);
  assert.equal(await archive.close(), await closed);
});

test('a failure is the same error everywhere, before and after it is known', async () => {
  const archive = new ZipArchive(new CollectingSink());
  const missing = archive.addFile('missing', '/does/not/exist');
  const behind = archive.addBuffer('behind', 'x');
  const errors = await Promise.all(
    [missing, behind, archive.close()].map((promise) =>
      promise.then(
        () => {},
        (error) => error,
      ),
    ),
  );
  assert.ok(pzipError('PZIP_SOURCE_MISSING', '/does/not/exist')(errors[0]));
  assert.equal(errors[1], errors[0]);
  assert.equal(errors[2], errors[0]);
});

test('what is added to an archive that has failed already gets its error', async () => {
  const archive = new ZipArchive(new CollectingSink());
  const error = await archive.addFile('missing', '/does/not/exist').catch((reason) => reason);
  await assert.rejects(archive.addBuffer('later', 'x'), (reason) => reason === error);
  await assert.rejects(archive.close(), (reason) => reason === error);
});

test('an exception of a listener fails the archive', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const error = new Error('listener');
  const listener = () => {
    throw error;
  };
  for (const options of [{ onEntry: listener }, { onProgress: listener }]) {
    const archive = new ZipArchive(join(folder, 'a.zip'), options);
    archive.addBuffer('a', 'a');
    await assert.rejects(archive.close(), (reason) => reason === error);
  }
  assert.deepEqual(await readdir(folder), []);
});

test('an exception that a listener throws once, in the middle of a large file, fails the archive', async (t) => {
  const folder = await inTemporaryDirectory(t);
  await writeFile(join(folder, 'large'), textOf(12 * MIB, 1));
  const error = new Error('listener');
  let throws = 0;
  const onProgress = ({ bytesRead }: Progress): void => {
    if (throws > 0 || bytesRead < MIB || bytesRead > 10 * MIB) return;
    throws++;
    throw error;
  };
  const archive = new ZipArchive(join(folder, 'a.zip'), { onProgress, level: 9 });
  archive.addFile('large', join(folder, 'large'));
  await assert.rejects(archive.close(), (reason) => reason === error);
  assert.equal(throws, 1);
  assert.deepEqual(await readdir(folder), ['large']);
});

test('an exception of a listener at the very end is uncaught: the archive is there, and close() says so', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const program = `
    import { ZipArchive } from ${JSON.stringify(INDEX)};
    const onProgress = ({ phase }) => { if (phase === 'done') throw new Error('at the end'); };
    process.on('uncaughtException', ({ message }) => console.log('uncaught', message));
    const archive = new ZipArchive('out.zip', { onProgress });
    archive.addBuffer('a', 'a');
    const { entryCount } = await archive.close();
    console.log('closed', entryCount);`;
  const { stdout } = await runProcess(process.execPath, ['--input-type=module', '-e', program], { cwd: folder });
  assert.deepEqual(stdout.toString().trim().split('\n').sort(), ['closed 1', 'uncaught at the end']);
  assert.deepEqual(await readdir(folder), ['out.zip']);
});

test('a program that forgets close() fails, and leaves nothing behind', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const program = `
    import { ZipArchive, createPool } from ${JSON.stringify(INDEX)};
    const pool = createPool();
    for (const options of [{}, { pool }]) {
      const archive = new ZipArchive(${JSON.stringify(folder)} + '/out' + Object.keys(options) + '.zip', options);
      await archive.addBuffer('a', Buffer.alloc(${8 * MIB}, 'abc'));
    }`;
  const { code, stderr } = await runProcess(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 20_000,
  });
  assert.equal(code, 1);
  assert.match(stderr, /PZIP_CLOSED|close\(\) was never called/);
  assert.deepEqual(await readdir(folder), []);
});

test('an unhandled failure is an unhandled rejection, unless a reader received it', async () => {
  const run = (output: string, close: string) =>
    runProcess(process.execPath, [
      '--input-type=module',
      '-e',
      `import { ZipArchive } from ${JSON.stringify(INDEX)};
       const archive = new ZipArchive(${output});
       archive.addFile('missing', '/does/not/exist');
       ${close}`,
    ]);
  const silent = await run("'/dev/null'", 'archive.close();');
  assert.equal(silent.code, 1);
  assert.match(silent.stderr, /PZIP_SOURCE_MISSING/);
  const told = await run('', 'archive.close(); await new Response(archive.readable).text().catch(() => {});');
  assert.equal(told.code, 0);
});

test('await using aborts an archive whose block ends before close(), and waits for a closed one', async (t) => {
  const folder = await inTemporaryDirectory(t);
  const path = join(folder, 'out.zip');
  await writeFile(path, 'old');
  await assert.rejects(async () => {
    await using archive = new ZipArchive(path);
    await archive.addBuffer('a', randomBytes(3 * MIB, 1));
    throw new Error('on the way');
  }, /on the way/);
  assert.deepEqual(await readdir(folder), ['out.zip']);
  assert.equal(await readFile(path, 'utf8'), 'old');
  {
    await using archive = new ZipArchive(path);
    archive.addBuffer('a', 'a');
    void archive.close();
  }
  assert.equal((await readFile(path)).readUInt32LE(0), 0x04034b50);
});

/** What an archive may hold on to, of the process. */
function held(): { files: number; threads: number } {
  const isLinux = existsSync('/proc/self/fd');
  return {
    files: isLinux ? readdirSync('/proc/self/fd').length : 0,
    threads: isLinux ? readdirSync('/proc/self/task').length : 0,
  };
}

const reason = new Error('enough');

/** Starts an archive, aborts it after `delay` ms, and sees that it ends promptly, with the reason, and lets all of it go. */
async function assertAborts(
  t: TestContext,
  delay: number,
  start: (options: ArchiveOptions, folder: string) => Promise<unknown>,
): Promise<void> {
  const folder = await inTemporaryDirectory(t);
  await createArchive(join(folder, 'old.zip'), [import.meta.filename ?? process.execPath]).catch(() => {});
  await writeFile(join(folder, 'out.zip'), 'old');
  const before = held();
  const abort = new AbortController();
  const outcome = start({ signal: abort.signal }, folder);
  outcome.catch(() => {});
  await sleep(delay);
  const aborted = performance.now();
  abort.abort(reason);
  await assert.rejects(outcome, (error) => error === reason);
  assert.ok(performance.now() - aborted < PROMPTLY, `it took ${performance.now() - aborted} ms`);
  // On a busy machine a thread takes a while to go, and a file to be closed; what is kept for good is still kept then.
  for (let wait = 0; wait < 40 && (held().files !== before.files || held().threads > before.threads); wait++) {
    await sleep(50);
  }
  assert.equal(held().files, before.files);
  assert.ok(held().threads <= before.threads, `${held().threads} threads, ${before.threads} before`);
  assert.equal(await readFile(join(folder, 'out.zip'), 'utf8'), 'old');
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes('tmp')),
    [],
  );
}

test('an abort before anything has begun', async (t) => {
  await assertAborts(t, 0, (options, folder) =>
    new ZipArchive(join(folder, 'out.zip'), { ...options, signal: AbortSignal.abort(reason) }).close(),
  );
});

test('an abort while a tree is walked', async (t) => {
  const tree = await inTemporaryDirectory(t);
  for (let index = 0; index < 30; index++) {
    await mkdir(join(tree, `${index}`));
    await Promise.all(
      Array.from({ length: 100 }, (_, file) => writeFile(join(tree, `${index}`, `${file}`), `${file}`)),
    );
  }
  await assertAborts(t, 30, (options, folder) =>
    createArchive(join(folder, 'out.zip'), tree, { ...options, onProgress: () => {} }),
  );
});

for (const level of [1, 10] as const) {
  test(`an abort while level ${level} compresses`, async (t) => {
    const content = textOf(8 * MIB, 1);
    await assertAborts(t, 300, async (options, folder) => {
      const archive = new ZipArchive(join(folder, 'out.zip'), { ...options, level });
      for (let index = 0; index < 60; index++) archive.addBuffer(`${index}`, content);
      return archive.close();
    });
  });
}

test('an abort while a stream gives nothing', async (t) => {
  await assertAborts(t, 50, (options, folder) => {
    const archive = new ZipArchive(join(folder, 'out.zip'), options);
    archive.addBuffer('first', 'x');
    archive.addStream('stalled', () => new PassThrough());
    return archive.close();
  });
});

test('an abort while a producer of entries gives nothing', async (t) => {
  let isReturned = false;
  const producer = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => {}),
      return: async () => {
        isReturned = true;
        return { done: true, value: undefined } as const;
      },
    }),
  };
  await assertAborts(t, 50, (options, folder) => {
    const archive = new ZipArchive(join(folder, 'out.zip'), options);
    void archive.addEntries(producer);
    return archive.close();
  });
  assert.ok(isReturned);
});

test('an abort while nothing is added and nothing closed', async (t) => {
  await assertAborts(t, 50, async (options, folder) => {
    const archive = new ZipArchive(join(folder, 'out.zip'), options);
    await archive.addBuffer('first', 'x');
    await sleep(100);
    return archive.close();
  });
});

for (const [what, sink] of [
  ['slow', () => new SlowSink(100)],
  ['stalled', () => new StallingSink(0)],
] as const) {
  test(`an abort while a ${what} sink is written to`, async (t) => {
    await assertAborts(t, 100, (options) => {
      const archive = new ZipArchive(sink(), { ...options, level: 0 });
      const mebibyte = randomBytes(MIB, 1);
      for (let index = 0; index < 50; index++) archive.addBuffer(`${index}`, mebibyte);
      return archive.close();
    });
  });
}

test('an abort while the stream is being closed', async (t) => {
  await assertAborts(t, 100, (options) => {
    const sink = new CollectingSink();
    sink._final = () => {};
    const archive = new ZipArchive(sink, options);
    archive.addBuffer('a', 'a');
    return archive.close();
  });
});

test('an abort behind the end changes nothing', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'out.zip');
  const abort = new AbortController();
  const archive = new ZipArchive(path, {
    signal: abort.signal,
    onProgress: ({ phase }) => {
      if (phase === 'done') abort.abort(reason);
    },
  });
  archive.addBuffer('a', 'a');
  assert.equal((await archive.close()).entryCount, 1);
  assert.ok(existsSync(path));
});
