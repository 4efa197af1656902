// Compiled with the tests, and against the installed package by .ci/run; never run.
import { createReadStream, createWriteStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import {
  type ArchiveEntry,
  type ArchiveResult,
  createArchive,
  createPool,
  type Pool,
  type Progress,
  PzipError,
  type PzipErrorCode,
  predictSize,
  type WrittenEntry,
  ZipArchive,
} from 'pzip';

declare const response: ServerResponse;

export async function use(): Promise<void> {
  const made: ArchiveResult = await createArchive('out.zip', ['dist/**', '!**/*.map'], {
    cwd: 'web',
    level: 9,
    threads: 2,
  });
  const counts: [number, number] = [made.entryCount, made.bytesWritten];
  await createArchive(createWriteStream('out.zip'), 'src', { onProgress: (progress: Progress) => progress.bytesTotal });
  await createArchive(new WritableStream<Uint8Array>(), 'src');
  await createArchive(new URL('file:///tmp/out.zip'), 'src');

  await using archive = new ZipArchive({ listEntries: true, onEntry: (entry: WrittenEntry) => entry.crc32 });
  const added: Promise<void> = archive.addFile('name', new URL('file:///etc/hosts'), { store: true });
  archive.addBuffer('name', new Blob(['x']), { mode: 0o600, comment: 'c', mtime: new Date() });
  archive.addStream('name', () => createReadStream('file'), { size: 3 });
  archive.addStream('name', async () => new Blob(['x']).stream());
  archive.addStream('name', async function* () {
    yield 'text';
    yield new Uint8Array();
  });
  archive.addGlob(['**'], { cwd: 'x', prefix: 'y', symlinks: 'follow' });
  const entries: ArchiveEntry[] = [
    { name: 'a', path: 'a' },
    { name: 'b', data: 'b', level: 0 },
    { name: 'c', stream: () => createReadStream('c'), size: 4 },
    { name: 'd', directory: true },
    { name: 'e', linkTarget: 'a' },
  ];
  await archive.addEntries(entries);
  const size: number = predictSize(entries, { level: 0, target: 'file' });
  const body: ReadableStream<Uint8Array> = archive.readable;
  for await (const bytes of archive) bytes.byteLength;
  const written: readonly WrittenEntry[] | undefined = (await archive.close()).entries;

  const pool: Pool = createPool({ threads: 2, engine: 'zlib' });
  new ZipArchive(response, { pool, signal: AbortSignal.timeout(10) });
  await pool.close();

  const unset = undefined as { level: 9; cwd: string; exclude: string[]; pool: Pool; mode: number } | undefined;
  await createArchive('out.zip', 'src', { level: unset?.level, cwd: unset?.cwd, exclude: unset?.exclude });
  await createArchive('out.zip', new URL('file:///src'), {
    pool: unset?.pool,
    onProgress: undefined,
    ifEmpty: undefined,
  });
  createPool({ threads: unset?.level, engine: undefined });
  archive.addBuffer('name', new DataView(new ArrayBuffer(1)), { mode: unset?.mode, mtime: undefined });
  archive.addGlob(new URL('file:///src'), { cwd: new URL('file:///'), exclude: '*.map', gitignore: undefined });
  await createArchive('out.zip', [], {
    filesFrom: 'a',
    first: 'a',
    rename: { from: 'a', to: 'b' },
    entries: { name: 'a', data: 'b' },
  });

  const error = new PzipError('PZIP_CLOSED', 'message', { entryName: 'a', path: 'b', cause: 1 });
  const code: PzipErrorCode = error.code;
  const name: string | undefined = error.entryName;
  console.log(counts, added, size, body, written, code, name);

  // @ts-expect-error: no such level
  await createArchive('out.zip', 'src', { level: 11 });
  // @ts-expect-error: no such option
  await createArchive('out.zip', 'src', { levels: 1 });
  // @ts-expect-error: a number is no output
  new ZipArchive(1);
  // @ts-expect-error: a stream is given as a function
  archive.addStream('name', createReadStream('file'));
  // @ts-expect-error: content is bytes or text
  archive.addBuffer('name', 1);
  // @ts-expect-error: a directory has no level
  archive.addDirectory('name', { level: 1 });
  // @ts-expect-error: an entry says what it is
  await archive.addEntries([{ name: 'a' }]);
  // @ts-expect-error: no such code
  new PzipError('PZIP_NO_SUCH', 'message');
  // @ts-expect-error: results are only read
  made.entryCount = 1;
  // @ts-expect-error: what only pzip itself uses is not there
  archive.addSelection([]);
}
