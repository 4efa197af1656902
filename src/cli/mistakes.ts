/** Command lines that mean something, and almost certainly not what was meant: told before anything is overwritten. */
import { closeSync, existsSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { CommandLine } from './arguments.js';
import { UsageError } from './usage-error.js';

/**
 * @returns something to say nevertheless
 * @throws UsageError saying what to do
 */
export function refuseMistakes({ archive, inputs, options }: CommandLine): string | undefined {
  if (options.cwd !== undefined) refuseNoDirectory(options.cwd);
  if (archive === '-') return undefined;
  const there = statIfThere(archive);
  if (there === undefined) return undefined;
  const pathOf = (input: string): string => resolve(options.cwd ?? '.', input);
  refuseSwapped(archive, there, inputs, pathOf);
  if (there.isDirectory()) {
    const example = join(archive, 'archive.zip');
    throw new UsageError(`${archive} is a directory: name the archive itself, such as ${example}`);
  }
  if (there.isFile()) refuseForeign(archive, there);

  const itself = inputs.find((input) => basename(input) === basename(archive) && isSameFile(pathOf(input), there));
  if (itself === undefined) return undefined;
  if (inputs.length > 1) return `${itself} is the archive itself and stays out`;
  throw new UsageError(`${itself} is the archive itself: name what goes into it, or another archive`);
}

function refuseNoDirectory(cwd: string): void {
  if (statIfThere(cwd)?.isDirectory()) return;
  throw new UsageError(`${cwd} is no directory: -C takes the one that inputs and names start from`);
}

/** `pzip dir out.zip`: what is to be made stands last, as with cp. */
function refuseSwapped(
  archive: string,
  there: Stats,
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

/** `pzip main.c util.c` forgot the archive, and would replace main.c. */
function refuseForeign(archive: string, there: Stats): void {
  if (there.size === 0 || hasArchiveName(archive) || beginsAsArchive(archive)) return;
  throw new UsageError(
    `${archive} exists and is not an archive: remove it first if it is to be replaced, or name another`,
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

function isSameFile(path: string, there: Stats): boolean {
  const stats = statIfThere(path);
  return stats !== undefined && stats.dev === there.dev && stats.ino === there.ino;
}

/** Undefined for what cannot be looked at too: whoever opens it tells why. */
function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
