/**
 * Is this commit slower than another? Builds the other one in a temporary worktree and lets the two commands take turns,
 * so that a machine that slows down slows both. Reports the median ratio of each pair of runs, and whether the archives
 * are the same.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Corpus, measureFolder, prepareCorpora } from './corpora.js';
import { median, type Run, runOnce } from './measure.js';

const USAGE = `npm run bench:compare -- REVISION [options]
  --corpus A,B      corpora to pack (default: app,big)
  --folder DIR      packs this folder instead of a corpus
  --rounds N        pairs of runs after one to warm up (default 7)
  --options 'TEXT'  options of both commands, such as '-9 -T' (default: none)
  --corpora DIR     where the corpora are kept and built (default: pzip-bench in the temporary folder)`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      corpus: { type: 'string', default: 'app,big' },
      folder: { type: 'string' },
      rounds: { type: 'string', default: '7' },
      options: { type: 'string', default: '' },
      corpora: { type: 'string', default: join(tmpdir(), 'pzip-bench') },
      help: { type: 'boolean', default: false },
    },
  });
  const [revision] = positionals;
  if (values.help || revision === undefined) return console.log(USAGE);
  const corpora =
    values.folder === undefined
      ? await prepareCorpora(values.corpus.split(','), values.corpora)
      : [await measureFolder(resolve(values.folder))];
  const other = checkOut(revision);
  try {
    console.log(`| corpus | ${revision} | here | wall, here ÷ ${revision} | processor | archives |`);
    console.log('|---|---:|---:|---:|---:|---|');
    for (const corpus of corpora) await compare(corpus, other, Number(values.rounds), values.options);
  } finally {
    spawnSync('git', ['worktree', 'remove', '--force', other], { cwd: ROOT });
  }
}

/** A built worktree of the revision, outside the project's folder. */
function checkOut(revision: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'pzip-compare-')), 'other');
  run('git', ['worktree', 'add', '--quiet', '--detach', folder, revision], ROOT);
  // `prepare` builds it.
  run('npm', ['ci', '--no-progress', '--no-audit', '--no-fund', '--silent'], folder);
  return folder;
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
}

async function compare(corpus: Corpus, other: string, rounds: number, options: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pzip-compare-'));
  const out = join(folder, 'out.zip');
  const pack = (root: string): Run => {
    const command = `'${process.execPath}' '${root}/bin/pzip.js' -q ${options} '${out}' '${basename(corpus.path)}'`;
    return runOnce(command, out, dirname(corpus.path));
  };
  try {
    pack(other);
    const theirs = await sha256Of(out);
    pack(ROOT);
    const isSame = theirs === (await sha256Of(out));
    const pairs = Array.from({ length: rounds }, () => [pack(other), pack(ROOT)] as const);
    const ratio = (of: (run: Run) => number): string => median(pairs.map(([a, b]) => of(b) / of(a))).toFixed(3);
    const seconds = (index: 0 | 1): string => `${median(pairs.map((pair) => pair[index].wall)).toFixed(2)} s`;
    const archives = isSame ? 'the same' : 'different';
    const cells = [corpus.name, seconds(0), seconds(1), ratio(({ wall }) => wall), ratio(({ cpu }) => cpu), archives];
    console.log(`| ${cells.join(' | ')} |`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

await main();
