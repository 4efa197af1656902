/**
 * Random trees, patterns and repositories against git itself. `PZIP_IGNORE_TREES` sets how many trees are tried,
 * `PZIP_IGNORE_SEED` which ones.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { withEnvironment } from '../helpers/environment.js';
import { byBytes, select } from './tree.js';

const TREES = Number(process.env.PZIP_IGNORE_TREES ?? 200);
const TREES_IN_REPOSITORY = 25;
/** Fixed, so that a failure is one of the change that is tested. */
const SEED = Number(process.env.PZIP_IGNORE_SEED ?? 2026);

const NAMES = [
  'a',
  'b',
  'ab',
  'aab',
  'B',
  'Ab',
  'caf',
  'cafe',
  'café',
  'é',
  'à',
  '日',
  'a b',
  'x.log',
  '[a]',
  '-',
  'a-b',
  '!a',
];

const name = fc.constantFrom(...NAMES);

const setMember = fc.constantFrom(
  'a',
  'b',
  'B',
  'é',
  '-',
  ']',
  '^',
  '!',
  'a-c',
  'A-B',
  '[:alpha:]',
  '[:upper:]',
  '\\]',
  '\\a',
  '/',
  'z-a',
  '[:',
  ':]',
);

const set = fc
  .tuple(
    fc.constantFrom('', '', '!', '^'),
    fc.array(setMember, { minLength: 1, maxLength: 3 }),
    fc.constantFrom(']', ']', ']', ''),
  )
  .map(([negation, members, end]) => `[${negation}${members.join('')}${end}`);

const part = fc.oneof(
  { weight: 6, arbitrary: name },
  { weight: 3, arbitrary: fc.constantFrom('*', '?', '**', '***') },
  { weight: 1, arbitrary: fc.constantFrom('\\a', '\\B', '\\*', '\\', '\\/', 'caf?', 'caf??', ' ', '\\ ', '.log') },
  { weight: 2, arbitrary: set },
);

const component = fc.oneof(
  { weight: 3, arbitrary: name },
  { weight: 2, arbitrary: fc.constantFrom('**', '*') },
  { weight: 3, arbitrary: fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')) },
);

const line = fc
  .tuple(
    fc.constantFrom('', '', '', '!', '\\!', '#'),
    fc.constantFrom('', '', '', '/'),
    fc.oneof(
      { weight: 3, arbitrary: component },
      { weight: 2, arbitrary: fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')) },
    ),
    fc.constantFrom('', '', '', '/', ' ', '\\ ', '//'),
  )
  .map((parts) => parts.join(''))
  // Before 2.52, git took the stars in `a**/b` for directories, against gitignore(5).
  .filter((text) => !/^[!/]*[^*?[\\]*[^*?[\\/]\*{2,}\\?\//.test(text));

const file = fc
  .tuple(
    fc.array(line, { minLength: 1, maxLength: 5 }),
    fc.constantFrom('\n', '\n', '\r\n'),
    fc.constantFrom('', '', '\uFEFF'),
    fc.boolean(),
  )
  .map(([lines, end, mark, isEnded]) => mark + lines.join(end) + (isEnded ? end : ''));

const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));

interface Tree {
  readonly files: readonly string[];
  readonly links: readonly string[];
  /** By directory. */
  readonly ignoreFiles: readonly (readonly [string, string])[];
  /** Of the files, which are tracked. */
  readonly tracked: readonly number[];
}

const tree: fc.Arbitrary<Tree> = fc.record({
  files: fc.array(path, { minLength: 5, maxLength: 25 }),
  links: fc.array(path, { maxLength: 2 }),
  ignoreFiles: fc.array(fc.tuple(fc.oneof(fc.constant('.'), path), file), { minLength: 1, maxLength: 4 }),
  tracked: fc.array(fc.nat(24), { maxLength: 4 }),
});

const repository = fc.record({
  trees: fc.array(tree, { minLength: TREES_IN_REPOSITORY, maxLength: TREES_IN_REPOSITORY, size: 'max' }),
  exclude: fc.array(line, { maxLength: 3 }),
  excludesFile: fc.array(line, { maxLength: 2 }),
  ignoresCase: fc.boolean(),
  indexVersion: fc.constantFrom('2', '4'),
});

test('--gitignore selects what git lists, whatever the tree, the patterns and the index', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'pzip-ignore-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const environment = { HOME: home, XDG_CONFIG_HOME: '', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: undefined };
  const git = (cwd: string, args: readonly string[], input = '') =>
    execFileSync('git', args, { cwd, input, encoding: 'utf8', env: { ...process.env, ...environment } });
  const repositories = fc.sample(repository, { seed: SEED, numRuns: Math.ceil(TREES / TREES_IN_REPOSITORY) });
  let kept = 0;
  let ignored = 0;
  for (const [index, given] of repositories.entries()) {
    const cwd = join(home, `${index}`);
    mkdirSync(cwd);
    git(cwd, ['init', '-q']);
    const settings = [`ignoreCase = ${given.ignoresCase}`, `excludesFile = ${join(home, `${index}.ignore`)}`];
    appendFileSync(join(cwd, '.git/config'), `[core]\n${settings.join('\n')}\n`);
    writeFileSync(join(home, `${index}.ignore`), given.excludesFile.join('\n'));
    writeFileSync(join(cwd, '.git/info/exclude'), given.exclude.join('\n'));
    const disk = new Disk(cwd, given.ignoresCase);
    const tracked: string[] = [];
    for (const [number, { files, links, ignoreFiles, tracked: chosen }] of given.trees.entries()) {
      const at = (name: string) => join(`t${number}`, name);
      const own = files.filter((name) => disk.add(at(name), (place) => writeFileSync(place, name)));
      for (const [directory, text] of ignoreFiles) {
        disk.add(at(join(directory, '.gitignore')), (place) => writeFileSync(place, text));
      }
      for (const name of links) disk.addLink(at(name), (place) => symlinkSync('.', place));
      tracked.push(...chosen.flatMap((place) => own[place] ?? []).map(at));
    }
    const list = tracked.map((name) => `${name}\0`).join('');
    git(cwd, ['update-index', '--index-version', given.indexVersion, '--add', '-z', '--stdin'], list);
    for (const directory of ['.', ...disk.someDirectories(3)]) {
      const at = join(cwd, directory);
      const listed = new Set(git(at, ['ls-files', '-z', '-co', '--exclude-standard']).split('\0').slice(0, -1));
      const selection = await withEnvironment(environment, () =>
        select(['.'], { cwd: at, gitignore: true, ifEmpty: 'ignore' }),
      );
      const taken = new Set(selection.names.filter((name) => !name.endsWith('/')));
      if (directory === '.') {
        kept += listed.size;
        ignored += disk.count - listed.size;
      }
      const wrong = byBytes([...taken, ...listed]).find((name) => taken.has(name) !== listed.has(name));
      if (wrong !== undefined) assert.fail(describe(cwd, join(directory, wrong), listed.has(wrong), given));
    }
  }
  assert.ok(kept > TREES && ignored > TREES, `${kept} kept, ${ignored} ignored`);
});

class Disk {
  count = 0;
  readonly #cwd: string;
  readonly #ignoresCase: boolean;
  /** By what a file system that ignores case would call them. */
  readonly #names = new Map<string, string>();

  constructor(cwd: string, ignoresCase: boolean) {
    this.#cwd = cwd;
    this.#ignoresCase = ignoresCase;
  }

  /** @returns false where something else has the name, or the name of a directory above it */
  add(name: string, write: (place: string) => void): boolean {
    const heads = name.split('/').map((_, index, names) => names.slice(0, index + 1).join('/'));
    const isTaken = heads.some((head) => (this.#names.get(this.#key(head)) ?? head) !== head);
    if (isTaken) return false;
    try {
      mkdirSync(dirname(join(this.#cwd, name)), { recursive: true });
      write(join(this.#cwd, name));
    } catch {
      return false;
    }
    for (const head of heads) this.#names.set(this.#key(head), head);
    this.count++;
    return true;
  }

  /** Not where it would shadow a directory whose name differs by case only: no archive may hold that. */
  addLink(name: string, write: (place: string) => void): void {
    const folded = name.toLowerCase();
    const shadows = [...this.#names.values()].some((taken) => taken !== name && taken.toLowerCase() === folded);
    if (!shadows) this.add(name, write);
  }

  /** That hold files, spread over all of them. */
  someDirectories(count: number): string[] {
    const directories = [...new Set([...this.#names.values()].map((name) => dirname(name)))];
    const real = directories.filter((name) => name.includes('/') && lstatSync(join(this.#cwd, name)).isDirectory());
    return real.filter((_, index) => index % Math.ceil(real.length / count) === 0);
  }

  #key(name: string): string {
    return this.#ignoresCase ? name.toLowerCase() : name;
  }
}

function describe(
  cwd: string,
  name: string,
  isListed: boolean,
  given: {
    readonly exclude: readonly string[];
    readonly excludesFile: readonly string[];
    readonly ignoresCase: boolean;
    readonly trees: readonly Tree[];
  },
): string {
  const { ignoreFiles } = given.trees[Number(/^t(\d+)/.exec(name)?.[1])] ?? { ignoreFiles: [] };
  const { exclude, excludesFile, ignoresCase } = given;
  const facts = JSON.stringify({ ignoreFiles, exclude, excludesFile, ignoresCase });
  return `git ${isListed ? 'lists' : 'does not list'} ${name} of ${cwd}, with ${facts}`;
}
