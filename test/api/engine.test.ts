import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createPool, type EngineName, isEngineAvailable, type PzipWarning, ZipArchive } from '../../dist/index.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { runProcess } from '../helpers/run-process.js';
import { inTemporaryDirectory, textOf } from '../helpers/trees.js';
import { pzipError } from '../select/tree.js';

test('the result says which engine ran; wasm does unless another is asked for', async () => {
  assert.equal(isEngineAvailable('wasm'), true);
  for (const [options, engine] of [
    [{}, 'wasm'],
    [{ engine: 'wasm' }, 'wasm'],
    [{ engine: 'zlib' }, 'zlib'],
  ] as const) {
    const archive = new ZipArchive(new CollectingSink(), options);
    archive.addBuffer('a', textOf(1000, 1));
    assert.equal((await archive.close()).engine, engine);
  }
});

test('an unknown engine name is rejected at once', () => {
  const engine: EngineName = JSON.parse('"deflate64"');
  assert.throws(() => new ZipArchive({ engine }), pzipError('PZIP_USAGE', "'wasm', 'zlib' (got 'deflate64')"));
  assert.throws(() => createPool({ engine }), pzipError('PZIP_USAGE', "'wasm', 'zlib' (got 'deflate64')"));
});

test('zlib compresses an entry of level 10 at 9, with one warning', async () => {
  const warnings: PzipWarning[] = [];
  const onWarning = (warning: PzipWarning): void => void warnings.push(warning);
  const archive = new ZipArchive(new CollectingSink(), { engine: 'zlib', onWarning });
  for (const [index, level] of ([6, 10, 10] as const).entries()) {
    archive.addBuffer(`${index}`, textOf(1000, 1), { level });
  }
  archive.addStream('stream', async function* () {}, { level: 10 });
  await archive.close();
  assert.deepEqual(
    warnings.map(({ code, severity }) => [code, severity]),
    [['PZIP_LEVEL_LOWERED', 'warning']],
  );
});

test('without WebAssembly each archive warns once, its own or a pool’s, and wasm cannot be asked for', async (t) => {
  const cwd = await inTemporaryDirectory(t);
  const program = `
    import { createPool, isEngineAvailable, ZipArchive } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    const pool = createPool({ threads: 1 });
    const codes = [];
    const make = async (name, options) => {
      const archive = new ZipArchive(name, { ...options, onWarning: ({ code, message }) => codes.push(code) });
      for (let n = 0; n < 3; n++) archive.addBuffer(\`\${n}\`, Buffer.alloc(2_000_000, 'text'));
      return (await archive.close().catch((error) => error.code)).engine;
    };
    const thrown = (call) => { try { call(); } catch (error) { return [error.code, error.cause.message]; } };
    const engines = [];
    for (const options of [{}, { pool }, { pool }, { level: 0 }, { engine: 'zlib' }]) engines.push(await make('out.zip', options));
    await pool.close();
    const strict = new ZipArchive('strict.zip', { strict: true });
    strict.addBuffer('a', 'text');
    const { code } = await strict.close().catch((error) => error);
    console.log(JSON.stringify({
      available: isEngineAvailable('wasm'), engines, codes, strict: code,
      asked: [thrown(() => new ZipArchive({ engine: 'wasm' })), thrown(() => createPool({ engine: 'wasm' }))],
    }));
  `;
  writeFileSync(join(cwd, 'program.mjs'), program);
  const { stdout } = await runProcess(process.execPath, ['--jitless', 'program.mjs'], { cwd });
  const refused = ['PZIP_USAGE', 'WebAssembly is not defined'];
  assert.deepEqual(JSON.parse(stdout.toString()), {
    available: false,
    engines: ['zlib', 'zlib', 'zlib', 'zlib', 'zlib'],
    codes: ['PZIP_ENGINE_FALLBACK', 'PZIP_ENGINE_FALLBACK', 'PZIP_ENGINE_FALLBACK'],
    strict: 'PZIP_STRICT',
    asked: [refused, refused],
  });
});
