/** Command lines that are valid and almost certainly mistakes: rejected before anything is overwritten. */
import {
  type BigIntStats,
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { CommandLine } from './arguments.js';
import { answerToCommand } from './flags-of-others.js';
import { UsageError } from './usage-error.js';

/** Links that are followed at most: a longer chain is a loop, which the writer reports. */
const MAX_LINKS = 40;

/**
 * @returns something to say nevertheless
 * @throws UsageError saying what to do
 */
export function validateArguments({ archive, inputs, options }: CommandLine): string | undefined {
  if (options.cwd !== undefined) rejectNoDirectory(options.cwd);
  if (archive === '-') return undefined;
  const there = statIfThere(archive);
  if (there === undefined) {
    rejectCommand(archive, inputs);
    rejectDangling(archive);
    return undefined;
  }
  const pathOf = (input: string): string => resolve(options.cwd ?? '.', input);
  rejectSwapped(archive, there, inputs, pathOf);
  if (there.isDirectory()) {
    const example = join(archive, 'archive.zip');
    throw new UsageError(`${archive} is a directory: name the archive itself, such as ${example}`);
  }
  if (there.isFile()) rejectForeign(archive, there);

  const itself = inputs.find((input) => basename(input) === basename(archive) && isSameFile(pathOf(input), there));
  if (itself === undefined) return undefined;
  if (inputs.length > 1) return `${itself} is the archive itself and stays out`;
  throw new UsageError(`${itself} is the archive itself: name what goes into it, or another archive`);
}

/** `pzip test site.zip` would create an archive called `test`. */
function rejectCommand(word: string, [first]: readonly string[]): void {
  const answer = answerToCommand(word);
  if (answer === undefined || first === undefined || !hasArchiveName(first)) return;
  throw new UsageError(`'${word}' is not a command of pzip: ${answer}; to create an archive of that name: ./${word}`);
}

function rejectNoDirectory(cwd: string): void {
  if (statIfThere(cwd)?.isDirectory()) return;
  throw new UsageError(`-C: ${cwd} is not a directory`);
}

/** `pzip dir out.zip`: what is to be made stands last, as with cp. */
function rejectSwapped(
  archive: string,
  there: BigIntStats,
  inputs: readonly string[],
  pathOf: (input: string) => string,
): void {
  const last = inputs.at(-1);
  if (last === undefined || !hasArchiveName(last) || hasArchiveName(archive)) return;
  // An old archive may be what is to be replaced: it too was meant to come first.
  if (!there.isDirectory() && existsSync(pathOf(last))) return;
  const rest = [archive, ...inputs.slice(0, -1)].join(' ');
  throw new UsageError(`the archive comes first, and what goes in after it: pzip ${last} ${rest}`);
}

function hasArchiveName(path: string): boolean {
  return /\.(?:zip|jar|war|ear|apk|aab|epub|whl|vsix|xpi|crx|nupkg|docx|xlsx|pptx|odt|ods|kmz|cbz)$/i.test(path);
}

/**
 * `pzip main.c util.c` forgot the archive, and would replace main.c. Of a link it is the file behind it that is replaced, and
 * that counts: a link in an untrusted tree may lead anywhere.
 */
function rejectForeign(archive: string, there: BigIntStats): void {
  if (there.size === 0n) return;
  const replaced = realpathIfThere(archive) ?? archive;
  if (hasArchiveName(replaced) || beginsAsArchive(replaced)) return;
  const what = lstatIfThere(archive)?.isSymbolicLink() === true ? `${archive} leads to ${replaced}, which` : archive;
  throw new UsageError(
    `${what} exists and is not an archive: remove it first if it is to be replaced, or name another`,
  );
}

/** A link to nothing makes a file wherever it leads; where that is to be an archive, its name says so as the link's does. */
function rejectDangling(archive: string): void {
  let target = archive;
  for (let followed = 0; followed < MAX_LINKS && lstatIfThere(target)?.isSymbolicLink() === true; followed++) {
    target = resolve(dirname(target), readlinkSync(target));
  }
  if (target === archive || !hasArchiveName(archive) || hasArchiveName(target)) return;
  throw new UsageError(
    `${archive} is a link to ${target}, which does not exist and has no archive's name: remove the link, or name another archive`,
  );
}

/** Every ZIP file does, but for those that extract themselves. What cannot be read is for the writer to complain about. */
function beginsAsArchive(path: string): boolean {
  const start = Buffer.alloc(2);
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return true;
  }
  try {
    readSync(descriptor, start, 0, 2, 0);
  } finally {
    closeSync(descriptor);
  }
  return start.toString('latin1') === 'PK';
}

function isSameFile(path: string, there: BigIntStats): boolean {
  const stats = statIfThere(path);
  return stats !== undefined && stats.dev === there.dev && stats.ino === there.ino;
}

/** Undefined also if stat(2) fails: opening it reports why. All 64 bits of inode numbers are needed. */
function statIfThere(path: string): BigIntStats | undefined {
  return ifThere(() => statSync(path, { bigint: true, throwIfNoEntry: false }));
}

function lstatIfThere(path: string): Stats | undefined {
  return ifThere(() => lstatSync(path, { throwIfNoEntry: false }));
}

function realpathIfThere(path: string): string | undefined {
  return ifThere(() => realpathSync(path));
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
