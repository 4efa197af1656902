/** A caller's own sink as an output, and the example of docs/custom-output.md as it stands there. */
import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createArchive, PzipError, type RewritableSink, type Sink, ZipArchive } from '../../dist/index.js';
import { runProcess } from '../helpers/run-process.js';
import { inTemporaryDirectory, randomBytes } from '../helpers/trees.js';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** Keeps the buffers it gets, and notes the calls. */
class MemorySink implements Sink {
  readonly calls: string[] = [];
  readonly buffers: Uint8Array[] = [];
  readonly reasons: unknown[] = [];
  #isWriting = false;

  async write(buffers: readonly Uint8Array[]): Promise<void> {
    assert.equal(this.#isWriting, false, 'one write at a time');
    this.#isWriting = true;
    await new Promise(setImmediate);
    this.buffers.push(...buffers);
    this.#isWriting = false;
    if (this.calls.at(-1) !== 'write') this.calls.push('write');
  }

  async finish(): Promise<void> {
    this.calls.push('finish');
  }

  async discard(error: unknown): Promise<void> {
    this.calls.push('discard');
    this.reasons.push(error);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.buffers);
  }
}

/** Bytes in memory that can be rewritten, as a file's can. */
class RewritableMemorySink extends MemorySink {
  #content = Buffer.alloc(0);
  readonly rewritable: RewritableSink = {
    rewrite: async (position, buffers) => this.#put(position, Buffer.concat(buffers)),
    read: async (position, into) => void this.#content.copy(into, 0, position),
    truncate: async (position) => {
      this.#content = this.#content.subarray(0, position);
    },
  };

  override async write(buffers: readonly Uint8Array[]): Promise<void> {
    this.#put(this.#content.length, Buffer.concat(buffers));
  }

  override get bytes(): Buffer {
    return this.#content;
  }

  #put(position: number, bytes: Buffer): void {
    const end = position + bytes.length;
    if (end > this.#content.length) {
      this.#content = Buffer.concat([this.#content, Buffer.alloc(end - this.#content.length)]);
    }
    bytes.copy(this.#content, position);
  }
}

const LARGE = Buffer.concat([randomBytes(3 * 1024 * 1024, 1), Buffer.alloc(2 * 1024 * 1024, 'text ')]);

async function fill(archive: ZipArchive): Promise<void> {
  archive.addBuffer('small.txt', 'a small file');
  archive.addBuffer('large.bin', LARGE);
  archive.addBuffer('last.txt', 'another small file');
  await archive.close();
}

async function archiveOf(archive: ZipArchive): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const closed = fill(archive);
  for await (const chunk of archive) chunks.push(chunk);
  await closed;
  return Buffer.concat(chunks);
}

test('a sink gets the bytes of a stream, in order, and keeps its buffers', async () => {
  const sink = new MemorySink();
  await fill(new ZipArchive(sink));
  assert.deepEqual(sink.calls, ['write', 'finish']);
  assert.ok(sink.bytes.equals(await archiveOf(new ZipArchive())));
});

test('a rewritable sink gets the bytes of a file', async (t) => {
  const path = join(await inTemporaryDirectory(t), 'a.zip');
  const sink = new RewritableMemorySink();
  await fill(new ZipArchive(sink));
  await fill(new ZipArchive(path));
  assert.deepEqual(sink.calls, ['finish']);
  assert.ok(sink.bytes.equals(await readFile(path)));
});

for (const method of ['write', 'finish'] as const) {
  for (const how of ['throws', 'rejects'] as const) {
    test(`a sink whose ${method}() ${how} fails the archive, and is discarded once`, async () => {
      const sink = new MemorySink();
      const cause = new Error('the store is full');
      sink[method] = how === 'rejects' ? () => Promise.reject(cause) : () => raise(cause);
      await assert.rejects(fill(new ZipArchive(sink)), (error: unknown) => {
        assert.ok(error instanceof PzipError);
        assert.equal(error.code, 'PZIP_OUTPUT_FAILED');
        assert.equal(error.message, 'Cannot write to the output: the store is full');
        assert.equal(error.cause, cause);
        return true;
      });
      assert.deepEqual(sink.calls.slice(-1), ['discard']);
      assert.equal(sink.reasons.length, 1);
    });
  }
}

function raise(error: Error): never {
  throw error;
}

test('a failed source discards the sink with the error, whatever discard() does', async () => {
  const sink = new MemorySink();
  const { discard } = sink;
  sink.discard = async (error) => {
    await discard.call(sink, error);
    throw new Error('discarding failed');
  };
  const archive = new ZipArchive(sink);
  archive.addFile('gone', '/nonexistent/file');
  await assert.rejects(archive.close(), (error: unknown) => {
    assert.deepEqual(sink.reasons, [error]);
    return error instanceof PzipError && error.code === 'PZIP_SOURCE_MISSING';
  });
  assert.ok(!sink.calls.includes('finish'));
});

test('an aborted archive discards a sink that is still writing', async () => {
  const sink = new MemorySink();
  sink.write = () => new Promise(() => {});
  const abort = new AbortController();
  const archive = new ZipArchive(sink, { signal: abort.signal });
  // AbortSignal.timeout() would not keep the test's process alive.
  setTimeout(() => abort.abort(new Error('enough')), 100);
  await assert.rejects(fill(archive), /enough/);
  assert.deepEqual(sink.calls, ['discard']);
});

test('a sink cannot be verified', async () => {
  const wrong = createArchive(new RewritableMemorySink(), [], { verify: true, ifEmpty: 'ignore' });
  await assert.rejects(wrong, { code: 'PZIP_USAGE' });
});

test('an object without one of the three methods is rejected', () => {
  for (const missing of ['write', 'finish', 'discard']) {
    const sink = Object.assign(new MemorySink(), { [missing]: undefined });
    assert.throws(() => new ZipArchive(sink), { code: 'PZIP_USAGE' }, missing);
  }
});

test('the example uploads an archive in parts, and aborts an upload that fails', async (t) => {
  const page = await readFile(join(PACKAGE, 'docs/custom-output.md'), 'utf8');
  const code = /```js\n(.*?)```/s.exec(page)?.[1];
  assert.ok(code);
  const folder = await inTemporaryDirectory(t);
  await mkdir(join(folder, 'node_modules'));
  await symlink(PACKAGE, join(folder, 'node_modules/pzip'));
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'dist/large.bin'), randomBytes(12 * 1024 * 1024, 2));
  await writeFile(join(folder, 'store.js'), STORE);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'example.js'), code);
  const done = await runProcess(process.execPath, ['example.js'], { cwd: folder, timeout: 60_000 });
  assert.deepEqual({ code: done.code, stderr: done.stderr.toString() }, { code: 0, stderr: '' });
  assert.equal(done.stdout.toString(), 'start site.zip\npart 1\npart 2\npart 3\ncomplete 1,2,3\n');
  const listed = await runProcess('unzip', ['-tq', join(folder, 'site.zip')]);
  assert.equal(listed.code, 0);

  await writeFile(join(folder, 'example.js'), code.replace("'dist/'", "'missing/'"));
  const failed = await runProcess(process.execPath, ['example.js'], { cwd: folder, timeout: 60_000 });
  assert.equal(failed.stdout.toString(), 'start site.zip\nabort\n');
});

const STORE = `
import { appendFileSync, writeFileSync } from 'node:fs';
export const store = {
  async startUpload(key) { console.log('start ' + key); writeFileSync(key, ''); return key; },
  async uploadPart(key, number, bytes) { console.log('part ' + number); appendFileSync(key, bytes); return number; },
  async completeUpload(key, parts) { console.log('complete ' + parts); },
  async abortUpload(key) { console.log('abort'); },
};
`;
