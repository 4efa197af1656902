/** `pzip build`: several archives of one configuration. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readWithYauzl } from '../helpers/foreign-readers.js';
import { runPzip } from '../helpers/run-pzip.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';

async function project(t: TestContext, config: unknown, file = 'pzip.config.json'): Promise<string> {
  const folder = await inTemporaryDirectory(t);
  mkdirSync(join(folder, 'dist'));
  mkdirSync(join(folder, 'lambda'));
  for (const name of ['dist/app.js', 'lambda/index.js']) writeFileSync(join(folder, name), textOf(30_000, 1));
  writeFileSync(join(folder, 'dist/app.js.map'), '{}');
  writeFileSync(join(folder, file), typeof config === 'string' ? config : JSON.stringify(config));
  return folder;
}

const TWO = {
  archives: {
    site: { archive: 'site.zip', inputs: ['dist', '!**/*.map'], level: 9, reproducible: true },
    function: { archive: 'function.zip', inputs: 'lambda', prefix: 'app', 'dir-entries': false, sha256: true },
  },
};

async function namesIn(path: string): Promise<string[]> {
  return (await readWithYauzl(path)).map(({ name }) => name);
}

test('each archive is what the command makes with the same options', async (t) => {
  const folder = await project(t, TWO);
  const { code, stderr } = await runPzip(['build'], { cwd: folder });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^site: 2 entries, /m);
  assert.match(stderr, /^function: 1 entry, /m);
  assert.deepEqual(await namesIn(join(folder, 'function.zip')), ['app/lambda/index.js']);
  assert.ok(existsSync(join(folder, 'function.zip.sha256')));
  const single = ['-9', '--reproducible', 'single.zip', 'dist', '!**/*.map'];
  assert.equal((await runPzip(single, { cwd: folder })).code, 0);
  assert.ok(readFileSync(join(folder, 'site.zip')).equals(readFileSync(join(folder, 'single.zip'))));
});

test('named archives are made alone, and a name that is not there is an error that lists the others', async (t) => {
  const folder = await project(t, TWO);
  assert.equal((await runPzip(['build', 'function', '-q'], { cwd: folder })).code, 0);
  assert.deepEqual([existsSync(join(folder, 'site.zip')), existsSync(join(folder, 'function.zip'))], [false, true]);
  const { code, stderr } = await runPzip(['build', 'app'], { cwd: folder });
  assert.deepEqual([code, /no archive 'app' .* it has 'site', 'function'/.test(stderr)], [2, true]);
});

test('a configuration is found in package.json and in a script, and relative to itself elsewhere', async (t) => {
  const inPackage = await project(t, { name: 'x', pzip: TWO }, 'package.json');
  assert.equal((await runPzip(['build', '-q'], { cwd: inPackage })).code, 0);
  assert.ok(existsSync(join(inPackage, 'site.zip')));
  const script = await project(t, `export default ${JSON.stringify(TWO)};`, 'pzip.config.mjs');
  assert.equal((await runPzip(['build', '-q'], { cwd: script })).code, 0);
  assert.ok(existsSync(join(script, 'site.zip')));
  const elsewhere = await project(t, TWO, 'other.json');
  const { code } = await runPzip(['build', '-q', '--config', 'other.json'], { cwd: elsewhere });
  assert.equal(code, 0);
  const above = await runPzip(['build', '-q', 'site', '--config', '../other.json'], { cwd: join(elsewhere, 'dist') });
  assert.deepEqual([above.code, existsSync(join(elsewhere, 'dist/site.zip'))], [0, false]);
});

test('a configuration of a directory above is not used', async (t) => {
  const folder = await project(t, TWO);
  const { code, stderr } = await runPzip(['build'], { cwd: join(folder, 'dist') });
  assert.deepEqual([code, /no configuration here/.test(stderr)], [2, true]);
});

test('-n lists all archives and writes none', async (t) => {
  const folder = await project(t, TWO);
  const { code, stdout } = await runPzip(['build', '-n'], { cwd: folder });
  assert.equal(code, 0);
  assert.match(stdout.toString(), /dist\/app\.js\n[\s\S]*app\/lambda\/index\.js/);
  assert.ok(!existsSync(join(folder, 'site.zip')) && !existsSync(join(folder, 'function.zip')));
});

test('one archive that fails leaves the others complete and itself as it was', async (t) => {
  const folder = await project(t, {
    archives: { bad: { archive: 'bad.zip', inputs: ['missing'] }, ...TWO.archives },
  });
  writeFileSync(join(folder, 'bad.zip'), Buffer.from('PK\x05\x06'.padEnd(22, '\0'), 'latin1'));
  const before = readFileSync(join(folder, 'bad.zip'));
  const { code, stderr } = await runPzip(['build'], { cwd: folder });
  assert.equal(code, 1);
  assert.match(stderr, /^pzip: bad: .*missing/m);
  assert.ok(existsSync(join(folder, 'site.zip')) && existsSync(join(folder, 'function.zip')));
  assert.ok(readFileSync(join(folder, 'bad.zip')).equals(before));
});

const WRONG: [string, unknown, RegExp][] = [
  [
    'a key of an archive',
    { archives: { a: { archive: 'a.zip', inputs: 'dist', levle: 9 } } },
    /'levle'.*did you mean 'level'/,
  ],
  ['a key beside archives', { archives: TWO.archives, thread: 1 }, /'thread'.*did you mean 'threads'/],
  ['no archives', { archives: {} }, /names no archive/],
  ['no path', { archives: { a: { inputs: 'dist' } } }, /must have "archive"/],
  ['standard output', { archives: { a: { archive: '-', inputs: 'dist' } } }, /must have "archive"/],
  ['standard input', { archives: { a: { archive: 'a.zip', inputs: '-' } } }, /standard input/],
  [
    'a value of another kind',
    { archives: { a: { archive: 'a.zip', inputs: 'dist', gitignore: 'yes' } } },
    /true or false/,
  ],
  ['a value out of range', { archives: { a: { archive: 'a.zip', inputs: 'dist', level: 42 } } }, /the archive 'a'.*42/],
  ['a list of numbers', { archives: { a: { archive: 'a.zip', inputs: [1] } } }, /a list of texts/],
  ['no object', { archives: [] }, /must be an object/],
  [
    'one path for two',
    { archives: { a: { archive: 'x.zip', inputs: 'dist' }, b: { archive: './x.zip', inputs: 'dist' } } },
    /the same path/,
  ],
  ['options of a run', { archives: { a: { archive: 'a.zip', inputs: 'dist', threads: 2 } } }, /unknown key 'threads'/],
  ['damaged JSON', '{', /cannot be read/],
];

for (const [what, config, message] of WRONG) {
  test(`a configuration with an error is a usage error, and nothing is written: ${what}`, async (t) => {
    const folder = await project(t, config);
    const { code, stderr } = await runPzip(['build'], { cwd: folder });
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.ok(!existsSync(join(folder, 'a.zip')) && !existsSync(join(folder, 'x.zip')));
  });
}

test('the JSON Schema has every key, and no other', () => {
  const file = fileURLToPath(new URL('../../dist/pzip.config.schema.json', import.meta.url));
  const schema = JSON.parse(readFileSync(file, 'utf8'));
  const { properties, additionalProperties } = schema.properties.archives.additionalProperties;
  assert.equal(additionalProperties, false);
  for (const key of ['archive', 'inputs', 'level', 'exclude', 'dir-entries', 'sha256', 'flush'])
    assert.ok(key in properties, key);
  for (const key of ['threads', 'no-flush', 'help', 'ci']) assert.ok(!(key in properties), key);
  assert.deepEqual(properties.symlinks.enum, ['keep', 'follow', 'skip', 'error']);
});

test('an archive that is too large lists its entries, and changes in size are reported', async (t) => {
  const folder = await project(t, {
    archives: {
      site: { archive: 'site.zip', inputs: ['dist'], 'max-size': '1K' },
      function: { archive: 'function.zip', inputs: 'lambda', 'size-of': 'function.zip' },
    },
  });
  await runPzip(['-q', 'function.zip', 'lambda'], { cwd: folder });
  writeFileSync(join(folder, 'lambda/.env'), '');
  const { code, stderr } = await runPzip(['build'], { cwd: folder });
  assert.equal(code, 1);
  assert.match(stderr, /^pzip: site: The archive has .* more than --max-size, 1,024; .*\n +\d+ {2}dist\/app\.js$/m);
  assert.match(stderr, /^compared with function\.zip: /m);
  assert.match(stderr, /'lambda\/\.env' looks private; exclude or --allow it$/m);
});
