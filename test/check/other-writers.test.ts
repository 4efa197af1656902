/** checkArchive() on sound archives of other writers: no error, and only the warnings that their forms deserve. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { checkArchive, createArchive, openArchive } from '../../dist/index.js';
import { assertSameTree, readTree } from '../helpers/compare-trees.js';
import { checkWithEveryReader, type ExpectedEntry, extractTrees, findPrograms } from '../helpers/foreign-readers.js';
import { EXPECTED_CONTENTS, JAVASCRIPT_WRITERS } from '../helpers/javascript-writers.js';
import { inTemporaryDirectory, makeTree, textOf } from '../helpers/trees.js';

interface Writer {
  readonly program: string;
  /** A shell script that makes archives of `tree`, by their names. */
  readonly script: string;
  /** By archive. Anything else is a false alarm. */
  readonly warnings: Readonly<Record<string, readonly string[]>>;
}

const PYTHON = `
import zipfile, os, io
for name, method in (('stored', 0), ('deflated', 8)):
    with zipfile.ZipFile(f'python-{name}.zip', 'w', method) as z:
        for folder, _, files in os.walk('tree'):
            z.write(folder)
            for file in files: z.write(os.path.join(folder, file))
        z.writestr('text', 'x' * 1000)
        with z.open('zip64', 'w', force_zip64=True) as f: f.write(b'x' * 100)
class Pipe(io.RawIOBase):
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def writable(self): return True
with open('python-stream.zip', 'wb') as file, zipfile.ZipFile(Pipe(file), 'w', 8) as z:
    z.writestr('a', 'x' * 1000)
    z.writestr('empty', '')
`;

const GO = `package main
import ("archive/zip"; "os"; "strings")
func main() {
  f, _ := os.Create("go.zip")
  w := zip.NewWriter(f)
  for _, name := range []string{"a.txt", "d/", "d/\u00fc.txt"} {
    e, _ := w.Create(name)
    if !strings.HasSuffix(name, "/") { e.Write([]byte(strings.Repeat("hello ", 1000))) }
  }
  e, _ := w.CreateHeader(&zip.FileHeader{Name: "stored", Method: zip.Store})
  e.Write([]byte("stored"))
  w.Close()
}
`;

const WRITERS: readonly Writer[] = [
  {
    program: 'zip',
    script:
      'zip -qry zip.zip tree; zip -qr - tree > zip-stream.zip; zip -qr -fz zip-zip64.zip tree; zip -qr0 zip-0.zip tree; zip -q - - < tree/text > zip-stdin.zip',
    warnings: { 'zip.zip': [], 'zip-stream.zip': [], 'zip-zip64.zip': [], 'zip-0.zip': [], 'zip-stdin.zip': [] },
  },
  {
    program: '7zz',
    script: '7zz a -bso0 7zz.zip tree; 7zz a -bso0 -mx=0 7zz-0.zip tree',
    warnings: { '7zz.zip': [], '7zz-0.zip': [] },
  },
  {
    program: 'bsdtar',
    script: 'bsdtar --format zip -cf bsdtar.zip tree; bsdtar --format zip -cf - tree > bsdtar-stream.zip',
    warnings: { 'bsdtar.zip': ['descriptor-half'], 'bsdtar-stream.zip': ['descriptor-half', 'trailing'] },
  },
  {
    program: 'jar',
    script: 'jar cfM jar.zip tree; jar cf jar.jar tree',
    warnings: { 'jar.zip': [], 'jar.jar': ['directory-form'] },
  },
  {
    program: 'python3',
    script: 'python3 python.py',
    warnings: { 'python-stored.zip': [], 'python-deflated.zip': [], 'python-stream.zip': [] },
  },
  { program: 'go', script: 'go run writer.go', warnings: { 'go.zip': ['stored-descriptor'] } },
];

const installed = findPrograms(WRITERS.map(({ program }) => program));

for (const { program, script, warnings } of WRITERS.filter(({ program }) => installed.includes(program))) {
  test(`archives of ${program} have no errors`, async (t) => {
    const tree = {
      'tree/text': textOf(60_000, 1).toString(),
      'tree/empty': '',
      'tree/d/a.sh': '#!/bin/sh\n',
      'tree/d/e/': '',
    };
    const cwd = makeTree(t, tree);
    writeFileSync(join(cwd, 'python.py'), PYTHON);
    writeFileSync(join(cwd, 'writer.go'), GO);
    execFileSync('bash', ['-e', '-c', script], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    await Promise.all(
      Object.entries(warnings).map(async ([name, expected]) => {
        const check = checkArchive(join(cwd, name));
        const rules = new Set<string>();
        for await (const { rule } of check) rules.add(rule);
        assert.deepEqual([...rules].sort(), expected, name);
        assert.equal(check.errorCount, 0, name);
        assert.ok(check.entryCount > 0);
      }),
    );
  });
}

for (const { name, write, warnings } of JAVASCRIPT_WRITERS) {
  test(`archives of ${name} have no errors, are read, and are copied with modes and times`, async (t) => {
    const bytes = await write();
    if (bytes === undefined) return t.skip(`no ${name} here, with Node ${process.version}`);
    const check = checkArchive(bytes, { threads: 0 });
    const rules = new Set<string>();
    for await (const { rule } of check) rules.add(rule);
    assert.deepEqual([...rules].sort(), warnings);
    assert.equal(check.errorCount, 0);
    const folder = await inTemporaryDirectory(t);
    const copy = join(folder, 'copy.zip');
    await createArchive(copy, [], { from: bytes, verify: true, threads: 0 });
    const expected = new Map<string, ExpectedEntry>();
    const facts: unknown[] = [];
    for (const archive of [await openArchive(bytes), await openArchive(copy)]) {
      const contents = new Map<string, Buffer>();
      const found: unknown[] = [];
      for await (const entry of archive.entries()) {
        found.push([entry.name, entry.kind, entry.mode, entry.mtime, entry.uncompressedSize, entry.crc32]);
        const { name, kind, crc32 } = entry;
        if (kind === 'file') contents.set(name, await buffer(entry.content()));
        expected.set(name, { type: kind === 'directory' ? 'directory' : 'file', size: entry.uncompressedSize, crc32 });
      }
      await archive.close();
      facts.push(found.sort());
      assert.deepEqual(new Map([...contents].sort()), new Map([...EXPECTED_CONTENTS].sort()));
    }
    assert.deepEqual(facts[1], facts[0]);
    await checkWithEveryReader(copy, expected, { readers: ['unzip test', '7zz test', 'bsdtar pipe', 'python'] });
    const original = join(folder, 'original.zip');
    writeFileSync(original, bytes);
    // Some readers refuse forms of some writers, which a copy does not have.
    const originals = await extractTrees(original, folder).catch(() => []);
    for (const { reader, folder: tree } of await extractTrees(copy, folder)) {
      const before = originals.find((other) => other.reader === reader);
      if (before === undefined) continue;
      // A folder without an entry of its own has the time of its extraction.
      const entriesIn = async (path: string) =>
        new Map([...(await readTree(path))].filter(([file]) => expected.has(file)));
      await assertSameTree(await entriesIn(before.folder), await entriesIn(tree), { label: `${name}, ${reader}` });
    }
  });
}
