/** --json and --json-lines: what they say is true, and the schema of the package describes it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createArchive, createPool, openArchive, ZipArchive } from '../../dist/index.js';
import { pzip, pzipFails } from '../cli/command.js';
import { runPzip, startPzip } from '../helpers/run-pzip.js';
import {
  buildTree,
  everyKindOfEntry,
  inTemporaryDirectory,
  manySmallFiles,
  randomBytes,
  textOf,
} from '../helpers/trees.js';

const MIB = 1024 * 1024;
const pool = createPool({ threads: 2 });
after(() => pool.close());

const schema = JSON.parse(readFileSync(new URL('../../dist/pzip.report.schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false });
const validateDocument = ajv.compile(schema);
const validateLine = ajv.compile({ $ref: `${schema.$id}#/$defs/line` });

interface ReportEntry {
  readonly name: string;
  readonly kind: string;
  readonly method: string;
  readonly level?: number;
  readonly size: number;
  readonly compressedSize: number;
  readonly crc32: string;
  readonly mode: string;
  readonly mtime?: string;
  readonly storedBecause?: string;
  readonly origin?: string;
  readonly sha256?: string;
}

interface Document {
  readonly ok: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  readonly entries: ReportEntry[];
  readonly warnings: { readonly code: string }[];
  readonly omitted: { readonly name: string; readonly why: string; readonly code?: string }[];
  readonly error?: { readonly code: string | null; readonly message: string; readonly path?: string };
  readonly archive?: {
    readonly path: string | null;
    readonly bytes: number;
    readonly isChanged: boolean;
    readonly sha256?: string;
  };
  readonly totals?: Readonly<Record<string, number>>;
  readonly time: { readonly phases: Readonly<Record<string, number>> };
}

function readDocument(content: string): Document {
  const document: unknown = JSON.parse(content);
  assert.ok(validateDocument(document), ajv.errorsText(validateDocument.errors, { separator: '\n' }));
  return document as Document;
}

function readLines(content: string): ({ readonly type: string } & Partial<ReportEntry> & Partial<Document>)[] {
  assert.ok(content.endsWith('\n'));
  return content
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const value: unknown = JSON.parse(line);
      assert.ok(validateLine(value), `${line}: ${ajv.errorsText(validateLine.errors, { separator: '\n' })}`);
      return value as { readonly type: string } & Partial<ReportEntry> & Partial<Document>;
    });
}

test('the entries are those of the archive, and say how they were made', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), everyKindOfEntry());
  writeFileSync(join(cwd, 'tree/large text'), textOf(2.5 * MIB, 1));
  writeFileSync(join(cwd, 'tree/large noise'), randomBytes(2.5 * MIB, 1));
  writeFileSync(join(cwd, 'tree/stored.txt'), textOf(5000, 1));
  const output = join(cwd, 'out.zip');
  const [json, jsonLines] = [join(cwd, 'report.json'), join(cwd, 'report.jsonl')];
  const levelFor = { pattern: 'stored.txt', level: 0 } as const;
  const options = { cwd, pool, json, jsonLines, sha256: true, manifest: true, levelFor, portableNames: 'off' } as const;
  const result = await createArchive(output, ['tree'], options);
  const report = readDocument(readFileSync(json, 'utf8'));
  const archive = await openArchive(output);
  const expected: object[] = [];
  for await (const entry of archive.entries()) {
    const { name, kind, method, uncompressedSize, compressedSize, crc32, mode = 0, mtime } = entry;
    expected.push({
      ...{ name, kind, method, compressedSize },
      size: uncompressedSize,
      crc32: crc32.toString(16).padStart(8, '0'),
      mode: (mode & 0o7777).toString(8).padStart(4, '0'),
      mtime: mtime.toISOString(),
    });
  }
  await archive.close();
  const facts = report.entries.map(({ level: _, storedBecause: _because, sha256: _digest, ...rest }) => rest);
  assert.deepEqual(facts, expected);
  const find = (name: string): ReportEntry | undefined => report.entries.find((entry) => entry.name === `tree/${name}`);
  assert.deepEqual(
    ['large text', 'large noise', 'stored.txt'].map((name) => [find(name)?.level, find(name)?.storedBecause]),
    [
      [6, undefined],
      [6, 'incompressible'],
      [0, 'level'],
    ],
  );
  const noise = createHash('sha256')
    .update(randomBytes(2.5 * MIB, 1))
    .digest('hex');
  assert.equal(find('large noise')?.sha256, noise);
  const { entryCount, storedCount, bytesRead, bytesWritten, sha256, contentId } = result;
  assert.deepEqual(report.archive, { path: output, bytes: bytesWritten, isChanged: true, sha256, contentId });
  assert.deepEqual(
    [report.totals?.entryCount, report.totals?.storedCount, report.totals?.bytesRead],
    [entryCount, storedCount, bytesRead],
  );
  const lines = readLines(readFileSync(jsonLines, 'utf8'));
  const entries = lines.filter(({ type }) => type === 'entry').map(({ type: _, ...entry }) => entry);
  assert.deepEqual(entries, report.entries);
  assert.deepEqual([lines[0]?.type, lines.at(-1)?.type], ['start', 'end']);
  assert.deepEqual(lines.at(-1)?.archive, report.archive);
});

test('reused and copied data is said to be', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const output = join(cwd, 'out.zip');
  const json = join(cwd, 'report.json');
  writeFileSync(join(cwd, 'small'), textOf(5000, 1));
  writeFileSync(join(cwd, 'large'), textOf(2.5 * MIB, 1));
  const options = { cwd, pool, json, reuse: output } as const;
  await createArchive(output, ['small', 'large'], options);
  writeFileSync(join(cwd, 'new'), textOf(5000, 2));
  await createArchive(output, ['small', 'large', 'new'], options);
  const origins = readDocument(readFileSync(json, 'utf8')).entries.map(({ name, origin }) => [name, origin]);
  assert.deepEqual(origins, [
    ['large', 'reused'],
    ['new', undefined],
    ['small', 'reused'],
  ]);
  await createArchive(join(cwd, 'copy.zip'), ['new'], { cwd, pool, json, from: output, onDuplicate: 'last' });
  const copied = readDocument(readFileSync(json, 'utf8')).entries.map(({ name, origin, level }) => [
    name,
    origin,
    level,
  ]);
  assert.deepEqual(copied, [
    ['large', 'copied', undefined],
    ['new', undefined, 6],
    ['small', 'copied', undefined],
  ]);
});

test('what was left out is listed, and why', { skip: process.platform === 'win32' }, async (t) => {
  const cwd = await inTemporaryDirectory(t);
  mkdirSync(join(cwd, 'tree/logs'), { recursive: true });
  for (const name of ['a.txt', 'b.log', 'logs/c.log']) writeFileSync(join(cwd, 'tree', name), 'content');
  execFileSync('mkfifo', [join(cwd, 'tree/fifo')]);
  await pzip(cwd, ['--json=report.json', '-x', '*.log', '-x', 'logs/', 'out.zip', 'tree']);
  const { omitted, warnings, options } = readDocument(readFileSync(join(cwd, 'report.json'), 'utf8'));
  assert.deepEqual(
    omitted.map(({ name, why, code }) => [name, why, code]),
    [
      ['tree/b.log', 'ignored', undefined],
      ['tree/logs/', 'ignored', undefined],
      [join(cwd, 'tree/fifo'), 'skipped', 'PZIP_SPECIAL_SKIPPED'],
    ],
  );
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['PZIP_SPECIAL_SKIPPED'],
  );
  assert.deepEqual([options.inputs, options.exclude, options.level], [['tree'], ['*.log', 'logs/'], 6]);
});

test('a failure is reported with its code, message and path, and an old archive stays', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), 'content');
  const failures = [
    [['out.zip', 'a', 'missing'], 'PZIP_SOURCE_MISSING', 'missing'],
    [['missing/out.zip', 'a'], 'PZIP_OUTPUT_FAILED', 'missing/out.zip'],
  ] as const;
  for (const [args, code, path] of failures) {
    const { code: exitCode } = await runPzip(['--json=report.json', '--json-lines=report.jsonl', ...args], { cwd });
    assert.equal(exitCode, 1);
    const { ok, error } = readDocument(readFileSync(join(cwd, 'report.json'), 'utf8'));
    assert.deepEqual([ok, error?.code, error?.path], [false, code, path]);
    const last = readLines(readFileSync(join(cwd, 'report.jsonl'), 'utf8')).at(-1);
    assert.deepEqual([last?.type, last?.ok, last?.error], ['end', false, error]);
  }
  assert.deepEqual(readdirSync(cwd), ['a', 'report.json', 'report.jsonl']);
  const json = join(cwd, 'report.json');
  const archive = new ZipArchive(join(cwd, 'out.zip'), { pool, json });
  archive.addStream('broken', () => Promise.reject(new Error('no such stream'))).catch(() => {});
  await assert.rejects(archive.close());
  assert.equal(readDocument(readFileSync(json, 'utf8')).error?.code, 'PZIP_SOURCE_UNREADABLE');
});

test('on standard output the report is all there is', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree'), manySmallFiles(300));
  const whole = await startPzip(['--json', '-', 'out.zip', 'tree'], { cwd });
  const lines = await startPzip(['--json-lines', '-', 'out.zip', 'tree'], { cwd });
  const { entries } = readDocument(String(whole.stdout));
  assert.equal(entries.length, readLines(String(lines.stdout)).length - 2);
  for (const args of [
    ['--json=-', '-', 'tree'],
    ['--json=-', '--json-lines=-', 'out.zip', 'tree'],
  ]) {
    await pzipFails(cwd, args, 2, ['standard output is either the archive or one report']);
  }
  await pzipFails(cwd, ['-n', '--json=x', 'out.zip', 'tree'], 2, ['leave out -n']);
});

test('a stream of the caller gets the report and stays open', async () => {
  const stream = new PassThrough();
  const archive = new ZipArchive({ pool, json: stream });
  archive.addBuffer('a', 'content').catch(() => {});
  await Promise.all([archive.close(), archive.readable.pipeTo(new WritableStream())]);
  assert.ok(!stream.writableEnded);
  const { archive: reported } = readDocument(await text(stream.end()));
  assert.equal(reported?.path, null);
  assert.throws(() => new ZipArchive({ json: 1 as unknown as string }), { code: 'PZIP_USAGE' });
});

test('reports of the last run stay out of the archive, and two cannot have one file', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), 'a');
  utimesSync(join(cwd, 'a'), 1e9, 1e9);
  const args = ['--json=r.json', '--json-lines=r.jsonl', '--write-if-changed', 'out.zip', '.'];
  await pzip(cwd, args);
  const { stderr } = await pzip(cwd, args);
  assert.match(stderr, /, unchanged\n$/);
  assert.equal(readDocument(readFileSync(join(cwd, 'r.json'), 'utf8')).archive?.isChanged, false);
  await pzipFails(cwd, ['--json=x', '--json-lines=./x', 'other.zip', 'a'], 2, ['cannot be written twice']);
  assert.ok(!existsSync(join(cwd, 'other.zip')));
});

test('the phases add up to the time, and verification is one of them', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  writeFileSync(join(cwd, 'a'), textOf(MIB, 1));
  const json = join(cwd, 'report.json');
  const { durationMs } = await createArchive(join(cwd, 'out.zip'), ['a'], { cwd, pool, json, verify: true });
  const { time } = readDocument(readFileSync(json, 'utf8'));
  assert.deepEqual(Object.keys(time.phases), ['compressing', 'finishing', 'verifying']);
  const sum = Object.values(time.phases).reduce((total, each) => total + each, 0);
  assert.ok(Math.abs(sum - durationMs) < 250, `${sum} and ${durationMs} ms`);
});
