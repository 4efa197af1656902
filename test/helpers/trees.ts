/** Trees to archive, made in a temporary folder of each test, with the same bytes every time. */
import {
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { endianness, tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { casesOf } from './slow-suite.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** One thing in a tree; `data` may be a function so that a large content exists only while it is written. */
export type TreeItem =
  | { kind: 'file'; data: string | Uint8Array | (() => Uint8Array); mode?: number; mtime?: number }
  | { kind: 'directory'; mode?: number; mtime?: number }
  | { kind: 'symlink'; target: string; mtime?: number }
  | { kind: 'hardlink'; to: string };

/** Items by their names relative to the root, which have `/` between their parts and none at the end. */
export type TreePlan = ReadonlyMap<string, TreeItem>;

/** Contents of files by name. A name that ends in `/` is a directory; the content `→ target` makes a symbolic link. */
export type Tree = Readonly<Record<string, string>>;

/** Gone when the test ends, whatever becomes of it. */
export async function inTemporaryDirectory(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pzip-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface BuildTreeOptions {
  /**
   * The order in which the entries come into being, which the order of `readdir` may follow: as planned, the other way
   * round, or shuffled by this seed. @default 'planned'
   */
  order?: 'planned' | 'reversed' | number;
}

/** A tree in a new temporary folder, with modes of the umask and times of now. @returns its path */
export function makeTree(t: TestContext, tree: Tree): string {
  const root = mkdtempSync(path.join(tmpdir(), 'pzip-input-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  chmodSync(root, 0o755);
  for (const [name, content] of Object.entries(tree)) {
    if (name.endsWith('/')) makeItem(root, name, { kind: 'directory' });
    else if (content.startsWith('→ ')) makeItem(root, name, { kind: 'symlink', target: content.slice(2) });
    else makeItem(root, name, { kind: 'file', data: content });
  }
  return root;
}

/**
 * A tree with modes and times: the plan's, or 0644 for a file, 0755 for a directory, and `DEFAULT_MTIME`; also for the root
 * and for parents that the plan does not name.
 */
export function buildTree(root: string, plan: TreePlan, options: BuildTreeOptions = {}): void {
  const complete = withParents(plan);
  mkdirSync(root, { recursive: true });
  for (const [name, item] of inOrder(complete, options.order ?? 'planned')) makeItem(root, name, item);
  // Making an entry changes the time of its folder, so times and modes come last, from the deepest name up.
  for (const [name, item] of [...complete].sort(([a], [b]) => b.split('/').length - a.split('/').length)) {
    setModeAndTime(path.join(root, name), item);
  }
  setModeAndTime(root, { kind: 'directory' });
}

/** 2024-02-29 12:34:56 UTC: an even second, which the DOS field can hold. */
export const DEFAULT_MTIME = 1_709_210_096;

/**
 * Text, empty, incompressible, every mode worth a name, links that lead somewhere and nowhere, empty and deep folders,
 * names that shells, globs and old readers trip over, times that the DOS field cannot hold.
 */
export function everyKindOfEntry(): TreePlan {
  return new Map<string, TreeItem>([
    ['readme.txt', { kind: 'file', data: textOf(3000, 1) }],
    ['empty', { kind: 'file', data: '' }],
    ['one-byte', { kind: 'file', data: 'x' }],
    ['random.bin', { kind: 'file', data: randomBytes(100 * KIB, 2) }],
    ['repetitive.txt', { kind: 'file', data: repetitiveBytes(300 * KIB) }],
    ['script.sh', { kind: 'file', data: '#!/bin/sh\necho hello\n', mode: 0o755 }],
    ['secret', { kind: 'file', data: 'for the owner\n', mode: 0o600 }],
    ['read-only', { kind: 'file', data: 'for everybody\n', mode: 0o444 }],
    ['group-writable', { kind: 'file', data: 'for the group\n', mode: 0o664 }],
    ['.hidden', { kind: 'file', data: 'dot\n' }],
    ['.hidden-folder/.inside', { kind: 'file', data: 'dots\n' }],
    ['empty-folder', { kind: 'directory' }],
    ['private-folder', { kind: 'directory', mode: 0o700, mtime: 1_500_000_001 }],
    ['private-folder/empty-too', { kind: 'directory', mode: 0o555 }],
    [`deep/${'d/'.repeat(40)}bottom`, { kind: 'file', data: 'far down\n' }],
    ['links/to-file', { kind: 'symlink', target: '../readme.txt' }],
    ['links/to-folder', { kind: 'symlink', target: '../empty-folder' }],
    ['links/dangling', { kind: 'symlink', target: 'not-there/nor-ever' }],
    ['links/to-itself', { kind: 'symlink', target: 'to-itself' }],
    ['links/naïve 🔗', { kind: 'symlink', target: '../unicode/日本語.txt' }],
    ['hard-link', { kind: 'hardlink', to: 'readme.txt' }],
    ['unicode/precomposed-\u00e9', { kind: 'file', data: 'NFC\n' }],
    ['unicode/combining-e\u0301', { kind: 'file', data: 'NFD\n' }],
    ['unicode/日本語.txt', { kind: 'file', data: 'こんにちは\n' }],
    ['unicode/👩‍👩‍👧 family.txt', { kind: 'file', data: 'joined by U+200D\n' }],
    ['unicode/עברית.txt', { kind: 'file', data: 'from right to left\n' }],
    ['unicode/ends-in-é', { kind: 'directory' }],
    ['unicode/\uff5e before \u{10000}', { kind: 'file', data: 'UTF-16 and UTF-8 order these two in opposite ways\n' }],
    ['unicode/\u{10000} after \uff5e', { kind: 'file', data: 'as above\n' }],
    ['odd names/with spaces  and two', { kind: 'file', data: 'a\n' }],
    ['odd names/ leading space', { kind: 'file', data: 'b\n' }],
    ["odd names/it's", { kind: 'file', data: 'c\n' }],
    ['odd names/"quoted"', { kind: 'file', data: 'd\n' }],
    ['odd names/star*', { kind: 'file', data: 'e\n' }],
    ['odd names/[bracket]', { kind: 'file', data: 'f\n' }],
    ['odd names/{a,b}', { kind: 'file', data: 'g\n' }],
    ['odd names/question?', { kind: 'file', data: 'h\n' }],
    ['odd names/!important', { kind: 'file', data: 'i\n' }],
    ['odd names/-rf', { kind: 'file', data: 'j\n' }],
    ['odd names/@list', { kind: 'file', data: 'k\n' }],
    ['odd names/#~$&;|<>`%+=,(^)', { kind: 'file', data: 'l\n' }],
    ['odd names/...', { kind: 'file', data: 'm\n' }],
    ['odd names/C', { kind: 'directory' }],
    [`odd names/${'n'.repeat(255)}`, { kind: 'file', data: '255 bytes of name\n' }],
    [`odd names/${'é'.repeat(127)}`, { kind: 'file', data: '254 bytes, 127 characters\n' }],
    ['case', { kind: 'file', data: 'lower\n' }],
    ['CASE', { kind: 'file', data: 'upper\n' }],
    ['a', { kind: 'directory' }],
    ['a/b', { kind: 'file', data: 'sorts after "a.b" and before "a0" where folders end in a slash\n' }],
    ['a.b', { kind: 'file', data: 'a.b\n' }],
    ['a0', { kind: 'file', data: 'a0\n' }],
    ['times/odd-second', { kind: 'file', data: 'odd\n', mtime: DEFAULT_MTIME + 1 }],
    ['times/before-1980', { kind: 'file', data: 'old\n', mtime: 170_856_061 }],
    ['times/first-of-1980', { kind: 'file', data: 'DOS epoch\n', mtime: 315_532_800 }],
    ['times/1970', { kind: 'file', data: 'Unix epoch\n', mtime: 0 }],
    ['times/2038', { kind: 'file', data: 'the last that a signed field holds\n', mtime: 2 ** 31 - 1 }],
  ]);
}

/**
 * Both sides of every size at which the bytes take another road: the window, a batch, a chunk, several chunks. In the
 * fast suite, what is longer than 64 KiB is of one kind only, but for the first size that is chunked.
 */
export function everySize(chunk = MIB): TreePlan {
  const sizes = [0, 1, 2, 32767, 32768, 32769, 65535, 65536, chunk - 1, chunk, chunk + 1, 2 * chunk - 1, 2 * chunk];
  const kinds = { text: textOf, random: randomBytes, repetitive: repetitiveBytes };
  const plan = new Map<string, TreeItem>();
  for (const [index, size] of [...sizes, 2 * chunk + 1, 3.5 * chunk].entries()) {
    for (const [kind, make] of casesOf(
      Object.entries(kinds),
      (_, i) => size <= 65536 || size === chunk + 1 || i === index % 3,
    )) {
      plan.set(`${kind}-${String(size).padStart(8, '0')}`, { kind: 'file', data: () => make(size, size + 7) });
    }
  }
  return plan;
}

/** Times outside both fields: what the archive holds of them is clamped, so trees that come back differ by design. */
export function timesOutOfRange(): TreePlan {
  return new Map<string, TreeItem>([
    ['before-1901', { kind: 'file', data: 'too old\n', mtime: -(2 ** 31) - 1 }],
    ['after-2038', { kind: 'file', data: 'too young\n', mtime: 2 ** 31 }],
    ['after-2107', { kind: 'file', data: 'far too young\n', mtime: 4_354_819_200 }],
  ]);
}

/** Many small files in several folders: the tree of a package manager in small. */
export function manySmallFiles(count: number, seed = 3): TreePlan {
  const next = generator(seed);
  const plan = new Map<string, TreeItem>();
  for (let i = 0; i < count; i++) {
    const size = next() % 6000;
    plan.set(`package-${i % 37}/lib/file-${i}.js`, { kind: 'file', data: () => textOf(size, i + 1) });
  }
  return plan;
}

/** A file of `size` bytes that takes no room: zeros but for `marks`, text to put at some offsets. */
export async function makeSparseFile(
  file: string,
  size: number,
  marks: ReadonlyMap<number, string> = new Map(),
): Promise<void> {
  await writeFile(file, '');
  await truncate(file, size);
  const handle = await open(file, 'r+');
  try {
    for (const [offset, text] of marks) await handle.write(text, offset);
  } finally {
    await handle.close();
  }
}

/** What no deflate shrinks. */
export function randomBytes(size: number, seed: number): Uint8Array {
  const next = generator(seed);
  const numbers = new Uint32Array(Math.ceil(size / 4));
  for (let i = 0; i < numbers.length; i++) numbers[i] = next();
  const bytes = Buffer.from(numbers.buffer);
  if (endianness() === 'BE') bytes.swap32();
  return bytes.subarray(0, size);
}

/** What shrinks as prose and source do: words of a small vocabulary in no order. */
export function textOf(size: number, seed: number): Uint8Array {
  const next = generator(seed);
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  // Byte by byte: a call of Buffer for each word takes several times as long, and the suite writes hundreds of MB so.
  while (length < size) {
    const word = WORD_BYTES[next() % WORD_BYTES.length] ?? new Uint8Array(0);
    for (let i = 0; i < word.length && length < size; i++) bytes[length++] = word[i] ?? 0;
    const end = next() % 11 === 0 ? LINE_FEED : SPACE;
    if (length < size) bytes[length++] = end;
  }
  return bytes;
}

const LINE_FEED = 10;
const SPACE = 32;

/** What shrinks to almost nothing: one line again and again. */
export function repetitiveBytes(size: number): Uint8Array {
  return Buffer.alloc(size, 'the same line, as long as a match wants it to be, again and again\n');
}

const WORDS = [
  ...'const let function return if else for while import export await async new throw this null undefined true false'.split(
    ' ',
  ),
  ...'entry archive header offset length buffer stream worker piece chunk level window match literal block'.split(' '),
  ...'{ } ( ) => = === !== ; , . [ ] 0 1 2 16 32768 65535'.split(' '),
  ...Array.from({ length: 400 }, (_, i) => `name${((i * 2654435761) >>> 0).toString(36)}`),
];
const WORD_BYTES = WORDS.map((word) => Uint8Array.from(Buffer.from(word)));

function makeItem(root: string, name: string, item: TreeItem): void {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  if (item.kind === 'directory') mkdirSync(file, { recursive: true });
  else if (item.kind === 'symlink') symlinkSync(item.target, file);
  else if (item.kind === 'file') writeFileSync(file, typeof item.data === 'function' ? item.data() : item.data);
  else linkSync(path.join(root, item.to), file);
}

function setModeAndTime(file: string, item: TreeItem): void {
  if (item.kind === 'hardlink') return; // the file itself has both already
  const time = new Date((item.mtime ?? DEFAULT_MTIME) * 1000); // as a number it could not be before 1970
  if (item.kind === 'symlink') {
    lutimesSync(file, time, time);
    return;
  }
  chmodSync(file, item.mode ?? (item.kind === 'directory' ? 0o755 : 0o644));
  utimesSync(file, time, time);
}

function withParents(plan: TreePlan): Map<string, TreeItem> {
  const complete = new Map<string, TreeItem>();
  for (const [name, item] of plan) {
    for (let end = name.indexOf('/'); end >= 0; end = name.indexOf('/', end + 1)) {
      const parent = name.slice(0, end);
      if (!complete.has(parent)) complete.set(parent, plan.get(parent) ?? { kind: 'directory' });
    }
    complete.set(name, item);
  }
  return complete;
}

/** A hard link needs what it links to, so links stay behind the rest in every order. */
function inOrder(plan: TreePlan, order: 'planned' | 'reversed' | number): [string, TreeItem][] {
  const next = generator(typeof order === 'number' ? order : 0);
  const places = new Map([...plan.keys()].map((name, i) => [name, typeof order === 'number' ? next() : i]));
  const items = [...plan].sort(([a], [b]) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
  if (order === 'reversed') items.reverse();
  return [
    ...items.filter(([, { kind }]) => kind !== 'hardlink'),
    ...items.filter(([, { kind }]) => kind === 'hardlink'),
  ];
}

/**
 * Marsaglia's xorshift32: 32 bits a call, the same for the same seed on every machine. The state stays a signed integer
 * between calls: V8 allocates an object for each larger number that a closure keeps.
 */
function generator(seed: number): () => number {
  let state = (seed * 0x9e3779b1 + 1) | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
