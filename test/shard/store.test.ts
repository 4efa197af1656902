/** The recipe of docs/scale.md for S3: its code, as it stands there, against a server of S3's protocol. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createArchive, mergeRanges } from '../../dist/index.js';
import { runProcess } from '../helpers/run-process.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { inTemporaryDirectory } from '../helpers/trees.js';

const MIB = 1024 * 1024;

/** 37 MB in 144 packages, which only this test needs: no devDependencies. This s3rver copies ranges; the original does not. */
const PACKAGES = ['@20minutes/s3rver@4.0.4', '@aws-sdk/client-s3@3.1175.0'];

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/scale.md', import.meta.url)), 'utf8');

/** The code block of a recipe. */
function codeOf(title: string): string {
  const [, recipe = ''] = PAGE.split(`**${title}**`);
  const [, block = ''] = recipe.split(/```js\n|```/);
  assert.match(block, /UploadPartCopyCommand/);
  return block;
}

/** What the recipe takes for granted: a client, the parts in the bucket, and their names. */
function program(recipe: string, folder: string, parts: readonly string[]): string {
  return `
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import S3rver from '@20minutes/s3rver';
import {
  CompleteMultipartUploadCommand, CreateBucketCommand, CreateMultipartUploadCommand, GetObjectCommand, PutObjectCommand,
  S3Client, UploadPartCommand, UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { mergeRanges } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};

const server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, allowMismatchedSignatures: true, directory: ${JSON.stringify(join(folder, 'store'))} });
const { port } = await server.run();
const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
const endpoint = 'http://127.0.0.1:' + port;
const s3 = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
const Bucket = 'archives';
const Key = 'site.zip';
const parts = ${JSON.stringify(parts)};
await s3.send(new CreateBucketCommand({ Bucket }));
for (const part of parts) {
  await s3.send(new PutObjectCommand({ Bucket, Key: basename(part), Body: await readFile(part) }));
}
${recipe}
const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
await writeFile('site.zip', await Body.transformToByteArray());
await server.close();
`;
}

test('S3: an object made of ranges of the parts has the bytes of one machine', { skip: !isSlowSuite }, async (t) => {
  const folder = await inTemporaryDirectory(t);
  const installing = ['install', '--no-save', '--no-fund', '--no-audit', '--silent', '--prefix', folder, ...PACKAGES];
  const installed = await runProcess('npm', installing, { cwd: folder });
  if (installed.code !== 0 && process.env.CI === undefined) {
    t.skip(`${PACKAGES.join(' and ')} cannot be installed: ${installed.stderr}`);
    return;
  }
  assert.equal(installed.code, 0, installed.stderr);

  const tree = join(folder, 'dist');
  mkdirSync(tree);
  for (const [name, length] of Object.entries({ a: 100, b: 40 * MIB, c: 7 * MIB, d: 3000, e: 6 * MIB }))
    writeFileSync(join(tree, name), randomBytes(length));
  const count = 3;
  const parts = Array.from({ length: count }, (_, index) => join(folder, `part-${index + 1}.zip`));
  for (const [index, path] of parts.entries())
    await createArchive(path, ['dist'], { cwd: folder, shard: { index: index + 1, count } });
  const whole = join(folder, 'whole.zip');
  await createArchive(whole, ['dist'], { cwd: folder });

  const { ranges } = await mergeRanges(join(folder, 'expected-tail.bin'), parts);
  for (const { from, to } of ranges.slice(0, -1)) assert.ok(to - from >= 5 * MIB, 'S3 accepts no shorter part');
  for (const part of parts)
    assert.ok(
      ranges.some(({ source }) => source === part),
      `${part} is copied from`,
    );

  const path = join(folder, 'recipe.mjs');
  writeFileSync(path, program(codeOf('S3.'), folder, parts));
  const { code, stderr } = await runProcess(process.execPath, [path], { cwd: folder });
  assert.equal(code, 0, stderr);
  assert.ok(readFileSync(join(folder, 'site.zip')).equals(readFileSync(whole)));
});
