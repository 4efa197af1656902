/** Names that are rarely meant to be shared. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createArchive, diffArchives, type PzipWarning, preview } from 'pzip';
import { inTemporaryDirectory } from '../helpers/trees.js';

const CODES = ['PZIP_NAME_PRIVATE', 'PZIP_EARLIER_ARCHIVE', 'PZIP_NAME_JUNK'];

async function tree(t: TestContext, names: readonly string[]): Promise<string> {
  const cwd = await inTemporaryDirectory(t);
  for (const name of names) {
    mkdirSync(join(cwd, dirname(name)), { recursive: true });
    writeFileSync(join(cwd, name), name);
  }
  return cwd;
}

/** As `severity message`. */
async function warningsOf(
  cwd: string,
  options: { allow?: string | string[]; directoryEntries?: boolean; output?: string; inputs?: string } = {},
): Promise<string[]> {
  const { inputs = '.', ...rest } = options;
  const warnings: string[] = [];
  const onWarning = ({ code, severity, message }: PzipWarning): void => {
    if (CODES.includes(code)) warnings.push(`${severity} ${message}`);
  };
  for await (const entry of preview(inputs, { cwd, onWarning, ...rest })) assert.ok(entry.name);
  return warnings;
}

/** The names that are reported, each in an archive of its own. */
async function reported(t: TestContext, names: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for (const name of names) {
    const cwd = await tree(t, [name]);
    if ((await warningsOf(cwd)).length > 0) all.push(name);
  }
  return all;
}

test('version control, secrets and keys are reported', async (t) => {
  const names = [
    '.git/HEAD',
    'sub/.hg/requires',
    '.svn/wc.db',
    '.env',
    '.env.local',
    'app/.env.production',
    '.envrc',
    '.npmrc',
    '.pypirc',
    '.netrc',
    '_netrc',
    '.htpasswd',
    '.pgpass',
    '.git-credentials',
    '.aws/credentials',
    'home/.aws/credentials',
    'id_rsa',
    '.ssh/id_ed25519',
    'id_ecdsa_sk',
    'server.pem',
    'privkey.pem',
    'cert-key.pem',
    'server.key',
    'store.p12',
    'store.pfx',
    'login.ppk',
    'passwords.kdbx',
  ];
  assert.deepEqual(await reported(t, names), names);
});

test('examples, certificates, public keys, installed packages and keys of tests are not', async (t) => {
  const names = [
    '.env.example',
    '.env.sample',
    'src/.env.d.ts',
    '.env.vault',
    '.environment',
    '.env/lib/file',
    '.gitignore',
    '.github/workflows/ci.yml',
    '.gitattributes',
    'app.git/HEAD',
    'HEAD',
    'credentials',
    'id_rsa.pub',
    'id_token.js',
    'cacert.pem',
    'fullchain.pem',
    'ca-bundle.pem',
    'isrg-root-x1.pem',
    'WISeKey_Global_CA.pem',
    'etc/ssl/certs/Izenpe.pem',
    'public.pem',
    'apt.pub.key',
    'monkey',
    'doc/slang.key',
    'node_modules/dep/.npmrc',
    'node_modules/dep/.env',
    'lib/site-packages/dep/server.key',
    'vendor/dep/server.pem',
    'test/fixtures/server.key',
    'packages/a/__tests__/server.pem',
    'node_modules/dep/.DS_Store',
  ];
  assert.deepEqual(await reported(t, names), []);
});

test('one warning has the count and the first names; a repository counts once', async (t) => {
  const cwd = await tree(t, ['.env', '.git/HEAD', '.git/config', '.git/objects/aa/bb', '.npmrc', 'b/.env', 'b/id_rsa']);
  const message = "5 names look private: '.env', '.git/', '.npmrc', …; exclude or `allow` them";
  assert.deepEqual(await warningsOf(cwd), [`warning ${message}`]);
  assert.deepEqual(await warningsOf(cwd, { directoryEntries: false }), [`warning ${message}`]);
});

test('`allow` silences what it matches', async (t) => {
  const cwd = await tree(t, ['.env', '.git/HEAD', 'b/.env', 'b/id_rsa']);
  assert.match(`${await warningsOf(cwd, { allow: '.env' })}`, /^warning 2 names .*: '\.git\/', 'b\/id_rsa'; /);
  assert.match(
    `${await warningsOf(cwd, { allow: ['/.env', '.git'] })}`,
    /^warning 2 names .*: 'b\/\.env', 'b\/id_rsa'; /,
  );
  assert.match(
    `${await warningsOf(cwd, { allow: ['.git', '.*', '!/.env'] })}`,
    /^warning 2 names .*: '\.env', 'b\/id_rsa'; /,
  );
  assert.deepEqual(await warningsOf(cwd, { allow: '*' }), []);
});

test('earlier archives beside the new one are reported, unless the inputs name such files', async (t) => {
  const cwd = await tree(t, ['site-1.zip', 'site-2.zip', 'assets/font.zip', 'site.txt']);
  const output = join(cwd, 'site.zip');
  const message = "2 names look like earlier archives: 'site-1.zip', 'site-2.zip'; exclude or `allow` them";
  assert.deepEqual(await warningsOf(cwd, { output }), [`warning ${message}`]);
  assert.deepEqual(await warningsOf(cwd, { output, inputs: '*.zip' }), []);
  assert.deepEqual(await warningsOf(cwd, { output: join(cwd, '../site.zip') }), []);
  assert.deepEqual(await warningsOf(cwd, { output: join(cwd, 'site.jar') }), []);
  assert.deepEqual(await warningsOf(cwd, { output, allow: 'site-*.zip' }), []);
});

test('files of a file manager cause a notice', async (t) => {
  const cwd = await tree(t, ['.DS_Store', 'a/.DS_Store', 'a/Thumbs.db', 'a/desktop.ini', 'a/mydesktop.ini']);
  assert.deepEqual(await warningsOf(cwd), [
    "notice 4 names mean nothing to other systems: '.DS_Store', 'a/.DS_Store', 'a/Thumbs.db', …; exclude or `allow` them",
  ]);
});

test('a private name is an error with `strict`, and nothing is written', async (t) => {
  const cwd = await tree(t, ['.env', 'a']);
  const creating = createArchive(join(cwd, 'out.zip'), '.', { cwd, strict: true });
  await assert.rejects(creating, { code: 'PZIP_STRICT', path: '.env' });
  const { entryCount, warnings } = await createArchive(join(cwd, 'out.zip'), '.', { cwd, strict: true, allow: '.env' });
  assert.deepEqual({ entryCount, warnings }, { entryCount: 2, warnings: [] });
});

test('names are those in the archive', async (t) => {
  const cwd = await tree(t, ['settings']);
  const { warnings } = await createArchive(join(cwd, 'out.zip'), 'settings', { cwd, prefix: 'x/.aws', onWarning() {} });
  assert.deepEqual(warnings, []);
  const renamed = { from: 'settings', to: '.env' };
  const { warnings: found } = await createArchive(join(cwd, 'out.zip'), 'settings', { cwd, rename: renamed });
  assert.deepEqual(
    found.map(({ code, path }) => `${code} ${path}`),
    ['PZIP_NAME_PRIVATE .env'],
  );
});

test('a comparison does not warn of private names', async (t) => {
  const cwd = await tree(t, ['tree/.env']);
  await createArchive(join(cwd, 'out.zip'), '.', { cwd: join(cwd, 'tree'), allow: '*' });
  const codes: string[] = [];
  const diff = diffArchives(join(cwd, 'out.zip'), join(cwd, 'tree'), { onWarning: ({ code }) => codes.push(code) });
  for await (const difference of diff) assert.fail(difference.name);
  assert.deepEqual(codes, []);
});
