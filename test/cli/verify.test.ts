import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createArchive, createPool, type Pool, PzipError } from '../../dist/index.js';
import { runPzip } from '../helpers/run-pzip.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { buildTree, everySize, inTemporaryDirectory, manySmallFiles, randomBytes, textOf } from '../helpers/trees.js';
import { open, pzip } from './command.js';

/** Small entries in several batches, one large deflated, one large stored: each road that reading back takes. */
async function madeTree(t: TestContext): Promise<string> {
  const cwd = await inTemporaryDirectory(t);
  buildTree(join(cwd, 'tree/small'), manySmallFiles(120));
  writeFileSync(join(cwd, 'tree/large-random'), randomBytes(1_500_000, 1));
  writeFileSync(join(cwd, 'tree/large-text'), textOf(1_500_000, 2));
  return cwd;
}

test('-T passes what is right: every size, many small files, links and nothing at all', async (t) => {
  const cwd = await madeTree(t);
  // Chunks are a MiB; of the sizes around them the text alone says as much as all kinds of content.
  const sizes = [...everySize()].filter(([name]) => isSlowSuite || name.startsWith('text'));
  buildTree(join(cwd, 'sizes'), new Map(sizes));
  buildTree(join(cwd, 'links'), new Map([['l', { kind: 'symlink', target: 'nowhere' }]]));
  mkdirSync(join(cwd, 'empty'));
  for (const inputs of [['tree', 'sizes', 'links'], ['links'], ['empty']]) {
    const { stderr } = await pzip(cwd, ['-T', '-c', 'a comment', 'out.zip', ...inputs]);
    assert.match(stderr, /read back\n$/);
    open(cwd, 'out.zip');
  }
  await pzip(cwd, ['-q', '-T', '--if-empty', 'ignore', '-x', '*', 'out.zip', 'tree']);
});

/**
 * A program that changes one byte of the finished archive on the disk before it is read back.
 *
 * @param where a program's text that gives the place of the byte: what it is said of `bytes`, the whole archive
 */
function breaking(where: string): string {
  return `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { fdatasync } = fs;
fs.fdatasync = (file, done) => {
  const bytes = Buffer.alloc(fs.fstatSync(file).size);
  fs.readSync(file, bytes, 0, bytes.length, 0);
  const isComplete = bytes.readUInt32LE(bytes.length - 22) === 0x06054b50;
  if (isComplete) {
    const at = ${where};
    fs.writeSync(file, Buffer.of(bytes[at] ^ 0x40), 0, 1, at);
  }
  fdatasync(file, done);
};
syncBuiltinESMExports();
export const restore = () => {
  fs.fdatasync = fdatasync;
  syncBuiltinESMExports();
};
`;
}

/** What the command says of a byte that changes. */
async function brokenInCommand(t: TestContext, cwd: string, where: string): Promise<string> {
  const module = join(await inTemporaryDirectory(t), 'break.mjs');
  writeFileSync(module, breaking(where));
  const nodeArguments = ['--import', pathToFileURL(module).href];
  const { code, stderr } = await runPzip(['-T', 'out.zip', 'tree'], { cwd, nodeArguments });
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^pzip: [^\n]*\n$/);
  return stderr.slice('pzip: '.length, -1);
}

/** What the library says of it, which -T asks: without the second that a process takes. */
async function brokenInLibrary(pool: Pool, cwd: string, where: string): Promise<string> {
  const { restore } = await import(`data:text/javascript,${encodeURIComponent(breaking(where))}`);
  try {
    await createArchive(join(cwd, 'out.zip'), 'tree', { cwd, pool, verify: true, flush: true });
    return 'no error';
  } catch (error) {
    if (!(error instanceof PzipError)) throw error;
    return error.message;
  } finally {
    restore();
  }
}

const CENTRAL = '[0x50, 0x4b, 1, 2]';
const LOCAL = '[0x50, 0x4b, 3, 4]';
const NAME = (name: string) => `Buffer.from('tree/${name}')`;

const BREAKAGES: readonly (readonly [what: string, where: string, named: string])[] = [
  ['the data of a small entry', `bytes.indexOf(${NAME('small/package-1/lib/file-1.js')}) + 100`, 'file-1.js'],
  ['the data of a large deflated entry', `bytes.indexOf(${NAME('large-text')}) + 200000`, 'large-text'],
  ['the data of a large stored entry', `bytes.indexOf(${NAME('large-random')}) + 200000`, 'large-random'],
  [
    'the last byte of a large stored entry',
    `bytes.indexOf(${NAME('large-random')}) + 21 + 9 + 1499990`,
    'large-random',
  ],
  ['a date in a local header', `bytes.indexOf(${NAME('large-text')}) - 18`, 'lastMod'],
  ['a CRC in the directory', `bytes.lastIndexOf(${NAME('large-text')}) - 46 + 16`, 'crc32'],
  ['a size in the directory', `bytes.lastIndexOf(${NAME('large-text')}) - 46 + 24`, 'large-text'],
  ['a name in the directory', `bytes.lastIndexOf(${NAME('large-text')}) + 6`, 'its local header names it'],
  ['the flags of a local header', `bytes.indexOf(Buffer.from(${LOCAL})) + 6`, 'tree/'],
  ['the signature of a local header', `bytes.indexOf(${NAME('large-random')}) - 30`, 'there is no local file header'],
  ['a signature of the directory', `bytes.lastIndexOf(Buffer.from(${CENTRAL}))`, 'central directory header'],
  ['an offset in the directory', `bytes.lastIndexOf(${NAME('large-text')}) - 4`, 'tree/'],
  ['the number of entries', 'bytes.length - 12', 'counts'],
  ['the size of the directory', 'bytes.length - 10', 'its directory ends at'],
  ['the offset of the directory', 'bytes.length - 5', 'its directory ends at'],
  ['the length of the comment', 'bytes.length - 2', 'left'],
];

test('-T finds one wrong byte wherever it is, names the entry, and keeps the old archive', async (t) => {
  const cwd = await madeTree(t);
  await pzip(cwd, ['-q', 'out.zip', 'tree/small/package-1']);
  const old = readFileSync(join(cwd, 'out.zip'));
  await using pool = createPool();
  for (const [index, [what, where, named]] of BREAKAGES.entries()) {
    const isCommand = isSlowSuite || index % 8 === 0;
    const message = await (isCommand ? brokenInCommand(t, cwd, where) : brokenInLibrary(pool, cwd, where));
    assert.match(message, /^Verification of the new archive failed.*not put in place/, what);
    assert.ok(message.includes(named), `${what}: ${message}`);
    assert.deepEqual(readdirSync(cwd), ['out.zip', 'tree'], what);
    assert.ok(readFileSync(join(cwd, 'out.zip')).equals(old), what);
  }
});
