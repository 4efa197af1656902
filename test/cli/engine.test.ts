import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runProcess } from '../helpers/run-process.js';
import { runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';
import { makeTree } from '../select/tree.js';
import { namesIn, open, pzip, pzipFails } from './command.js';

/** V8 without its compiler has no WebAssembly: a Node as hardened systems have it. It says so itself on standard error. */
const JITLESS = { nodeArguments: ['--jitless'] };
const NODE_SAYS = /^Warning: disabling flag --expose_wasm[^\n]*\n/;

/** A large text for the threads and small ones for a batch. */
function aTree(t: TestContext): string {
  const text = (length: number): string => Buffer.from(textOf(length, 1)).toString();
  return makeTree(t, { 'd/large.txt': text(1_100_000), 'd/small.txt': text(5000), 'd/tiny.txt': text(50) });
}

/** What the command said, line by line, without what Node itself says of its flags. */
async function said(cwd: string, args: readonly string[], options = {}): Promise<string[]> {
  const { stderr } = await pzip(cwd, args, options);
  return stderr.replace(NODE_SAYS, '').trimEnd().split('\n');
}

test('either engine makes an archive of the same content, and the closing line of -v says which', async (t) => {
  const cwd = aTree(t);
  const contents = new Map<string, string>();
  for (const engine of ['wasm', 'zlib']) {
    const lines = await said(cwd, ['-v', '--engine', engine, `${engine}.zip`, 'd']);
    assert.match(lines.at(-1) ?? '', new RegExp(`, deflate engine: ${engine}$`));
    const { entries } = open(cwd, `${engine}.zip`);
    contents.set(engine, entries.map(({ name, crc32 }) => `${name} ${crc32}`).join());
  }
  assert.equal(contents.get('wasm'), contents.get('zlib'));
  assert.ok(!readFileSync(join(cwd, 'wasm.zip')).equals(readFileSync(join(cwd, 'zlib.zip'))));
  await pzip(cwd, ['-q', 'default.zip', 'd']);
  assert.ok(readFileSync(join(cwd, 'default.zip')).equals(readFileSync(join(cwd, 'wasm.zip'))));
});

test('without WebAssembly zlib compresses, and one line warns of it', async (t) => {
  const cwd = aTree(t);
  for (const level of [[], ['-0', '--level-for', '*.txt=10']]) {
    const lines = await said(cwd, ['-v', ...level, 'out.zip', 'd'], JITLESS);
    const warnings = lines.filter((line) => line.startsWith('pzip: '));
    assert.equal(warnings.length, 1, lines.join('\n'));
    assert.match(warnings[0] ?? '', /'wasm' cannot run here \(WebAssembly is not defined\): Node's zlib compresses/);
    assert.match(lines.at(-1) ?? '', /, deflate engine: zlib$/);
  }
  assert.equal(namesIn(cwd, 'out.zip').length, 4);
  const { stdout } = await runPzip(['--version'], JITLESS);
  assert.match(stdout.toString(), /^pzip \S+ \(deflate engine: zlib\)\n$/);
});

test('without WebAssembly there is no warning if zlib was requested or nothing is compressed', async (t) => {
  const cwd = aTree(t);
  for (const args of [['--engine', 'zlib'], ['--store']]) {
    const lines = await said(cwd, [...args, 'out.zip', 'd'], JITLESS);
    assert.match(lines.join('\n'), /^4 entries[^\n]*$/);
  }
  const { stderr } = await pzip(cwd, ['-q', 'out.zip', 'd'], JITLESS);
  assert.equal(stderr.replace(NODE_SAYS, ''), '');
});

test('without WebAssembly --engine wasm and --strict are errors that say what to do, and the old archive stays', async (t) => {
  const cwd = aTree(t);
  writeFileSync(join(cwd, 'out.zip'), 'PK old');
  for (const [args, code, words] of [
    [['--engine', 'wasm'], 2, 'use --engine zlib, or run Node with WebAssembly (without --jitless'],
    [['--strict'], 1, 'use --engine zlib to ask for that'],
  ] as const) {
    const outcome = await runPzip([...args, 'out.zip', 'd'], { cwd, ...JITLESS });
    const line = outcome.stderr.replace(NODE_SAYS, '');
    assert.equal(outcome.code, code, line);
    assert.match(line, /^pzip: [^\n]*\n$/);
    assert.ok(line.includes(words), line);
    assert.equal(readFileSync(join(cwd, 'out.zip'), 'utf8'), 'PK old');
    assert.deepEqual(readdirSync(cwd), ['d', 'out.zip']);
  }
});

test('level 10 with zlib is 9, with one warning', async (t) => {
  const cwd = aTree(t);
  await pzip(cwd, ['-q', '--engine', 'zlib', '-9', '9.zip', 'd']);
  for (const level of [['--max'], ['-9', '--level-for', '*=10']]) {
    const lines = await said(cwd, ['--engine', 'zlib', ...level, 'max.zip', 'd']);
    assert.match(
      lines.join('\n'),
      /^pzip: The engine 'zlib' has no level 10: it compresses at 9[^\n]*\n4 entries[^\n]*$/,
    );
    assert.ok(readFileSync(join(cwd, 'max.zip')).equals(readFileSync(join(cwd, '9.zip'))));
  }
  await pzipFails(cwd, ['--engine', 'zlib', '--max', '--strict', 'new.zip', 'd'], 1, ['no level 10']);
});

test('an unknown engine fails with the names of the known ones', async (t) => {
  const cwd = aTree(t);
  await pzipFails(cwd, ['--engine', 'lzma', 'out.zip', 'd'], 2, ["'lzma'", 'wasm, zlib']);
});

/** Files that begin with this find the match finder's memory spoilt, as a defect of the module might leave it. */
const SPOILING = 'this one spoils the memory';

/** In every thread: real traps of the real module, at the moment that its memory is spoilt. */
const SPOIL_MEMORY = `data:text/javascript,${encodeURIComponent(`
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (module, imports) {
    const { exports } = new Instance(module, imports);
    const input = exports.input.value;
    const deflate = (dictionaryLength, dataLength, ...rest) => {
      const memory = new Uint8Array(imports.env.memory.buffer);
      const start = input + dictionaryLength;
      const head = Buffer.from(memory.subarray(start, start + ${SPOILING.length})).toString('latin1');
      if (head === ${JSON.stringify(SPOILING)}) memory.fill(0x7f, input + 32768 + 2.25 * 1048576);
      return exports.deflate(dictionaryLength, dataLength, ...rest);
    };
    return { exports: { ...exports, deflate } };
  };`)}`;

test('an entry at which the module traps is named, nothing is left, and zlib can do it', async (t) => {
  const cwd = aTree(t);
  writeFileSync(join(cwd, 'd/middle.txt'), SPOILING + textOf(50_000, 4));
  const options = { nodeArguments: ['--import', SPOIL_MEMORY] };
  const words = ['d/middle.txt', 'could not be compressed', 'memory access out of bounds', "'zlib'"];
  await pzipFails(cwd, ['out.zip', 'd'], 1, words, options);
  await pzip(cwd, ['-q', '--engine', 'zlib', 'out.zip', 'd'], options);
  assert.equal(namesIn(cwd, 'out.zip').length, 5);
});

test('after a trap the same thread goes on with an instance as good as new', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const program = `
    import { createPool, ZipArchive } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    const pool = createPool({ threads: 1 });
    const text = Buffer.from(${JSON.stringify('the same text over and over, line by line\n')}.repeat(50_000));
    const make = async (name, first) => {
      const archive = new ZipArchive(name, { pool });
      archive.addBuffer('first', first);
      archive.addBuffer('large', text);
      return archive.close().then(({ entryCount, threads }) => [entryCount, threads], (error) => [error.code, error.entryName, error.cause?.message]);
    };
    const results = [];
    for (const [index, first] of ['sound', ${JSON.stringify(SPOILING)}.padEnd(9000, 'abcdefg'), 'sound'].entries()) {
      results.push(await make(\`\${index}.zip\`, first));
    }
    await pool.close();
    console.log(JSON.stringify(results));
  `;
  writeFileSync(join(cwd, 'program.mjs'), program);
  const args = ['--import', SPOIL_MEMORY, 'program.mjs'];
  const { stdout, stderr } = await runProcess(process.execPath, args, { cwd });
  assert.equal(stderr, '');
  const sound = [2, 1];
  const trapped = ['PZIP_COMPRESS_FAILED', 'first', 'memory access out of bounds'];
  assert.deepEqual(JSON.parse(stdout.toString()), [sound, trapped, sound]);
  assert.deepEqual(readdirSync(cwd), ['0.zip', '2.zip', 'program.mjs']);
  assert.ok(readFileSync(join(cwd, '0.zip')).equals(readFileSync(join(cwd, '2.zip'))));
  open(cwd, '2.zip');
});
