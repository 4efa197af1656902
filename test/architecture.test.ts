/** The directions of docs/architecture.md: which folder of src may import which. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/**
 * What each folder may import besides itself and `common`, types included. Files at the root of src are rooms of their own:
 * `index` is the public surface, and `work`, `task-functions` and `worker` register the tasks of the threads.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  action: ['cli'],
  cli: ['index'],
  index: [
    'reuse',
    'archive',
    'check',
    'pipeline',
    'compress',
    'deflate',
    'diff',
    'output',
    'reader',
    'select',
    'shard',
    'sources',
  ],
  archive: [
    'reuse',
    'report',
    'pipeline',
    'select',
    'sources',
    'reader',
    'check',
    'diff',
    'shard',
    'output',
    'compress',
    'deflate',
    'threads',
    'zip',
    'work',
  ],
  pipeline: ['html', 'report', 'reuse', 'output', 'compress', 'deflate', 'threads', 'check', 'reader', 'zip'],
  // Parts have the dates and levels that the pipeline plans, and are joined like copied entries.
  shard: ['pipeline', 'output', 'reader', 'compress', 'deflate', 'zip'],
  select: ['zip'],
  sources: ['zip'],
  check: ['reader', 'threads', 'zip'],
  // A file that changes while it is read is noticed in the same way as in an archive that is made.
  diff: ['reader', 'compress', 'threads', 'zip'],
  // Lists entries as they are written, by their headers.
  report: ['output', 'zip'],
  reader: ['threads', 'zip'],
  reuse: ['reader', 'deflate', 'zip'],
  html: ['reader', 'zip'],
  output: ['deflate', 'zip'],
  // Finds and proves compressed data of an earlier archive, on the thread that would compress it.
  compress: ['reuse', 'deflate', 'threads', 'zip'],
  deflate: [],
  threads: [],
  zip: [],
  common: [],
  work: ['task-functions', 'compress', 'deflate', 'threads'],
  'task-functions': ['check', 'compress', 'reader', 'diff', 'deflate', 'threads'],
  worker: ['task-functions', 'work', 'deflate', 'threads'],
};

/** What imports nothing at all of the project: the format asks neither the clock nor the disk. */
const PURE = ['zip'];

interface Import {
  readonly from: string;
  readonly to: string;
}

/** All of src but the engine, which is compiled by another compiler. */
function sourceFiles(folder = SRC): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'assembly' ? [] : sourceFiles(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => specifier ?? '');
}

const imports: readonly Import[] = sourceFiles().flatMap((path) => {
  const from = relative(SRC, path).split(sep).join('/');
  return importsOf(path)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => ({ from, to: posix.join(dirname(from), specifier).replace(/\.js$/, '.ts') }));
});

function roomOf(file: string): string {
  const [first = '', second] = file.split('/');
  return second === undefined ? first.replace(/\.ts$/, '') : first;
}

describe('imports follow the directions of docs/architecture.md', () => {
  for (const room of new Set(imports.map(({ from }) => roomOf(from)))) {
    test(room, () => {
      const allowed = [room, ...(PURE.includes(room) ? [] : ['common']), ...(MAY_IMPORT[room] ?? [])];
      const wrong = imports.filter(({ from, to }) => roomOf(from) === room && !allowed.includes(roomOf(to)));
      assert.deepEqual(wrong, []);
    });
  }
});

test('the table allows no edge that nothing uses', () => {
  const used = new Set(imports.map(({ from, to }) => `${roomOf(from)} → ${roomOf(to)}`));
  const allowed = Object.entries(MAY_IMPORT).flatMap(([from, rooms]) => rooms.map((to) => `${from} → ${to}`));
  assert.deepEqual(
    allowed.filter((edge) => !used.has(edge)),
    [],
  );
});

test('the format imports no module of Node', () => {
  const paths = sourceFiles(join(SRC, 'zip'));
  assert.deepEqual(
    paths.filter((path) => importsOf(path).some((specifier) => !specifier.startsWith('.'))),
    [],
  );
});

test('no module imports itself through others', () => {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), [...path, file].join(' → '));
    if (finished.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    finished.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
});

test('a file outside the engine has at most 300 lines', () => {
  const tooLong = sourceFiles().filter((path) => {
    const text = readFileSync(path, 'utf8');
    return text.split('\n').length > 301 && !REASON.test(text);
  });
  assert.deepEqual(
    tooLong.map((path) => relative(SRC, path)),
    [],
  );
});

/** In its first comment, a longer file says why. */
const REASON = /^\/\*\*(?:(?!\*\/)[\s\S])*\blong\b/;
