// Programs of other people that read archives, each asked to check every entry and to say nothing about it.
//
// Those that the machine lacks are left out, so that the suite runs with Node alone; with PZIP_ALL_READERS set, as in CI,
// a missing one is a failure.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import yauzl from 'yauzl';

export interface ForeignReader {
  name: string;
  /** What it has against the archive; undefined for nothing. */
  complaint(archive: string): string | undefined;
}

interface Command {
  name: string;
  program: string;
  args: (archive: string) => string[];
  /** Reads the archive from a pipe instead. */
  piped?: boolean;
  /** What its standard output says when all is well. */
  sound?: RegExp;
  /** What it says, on either output, without failing, when something is not. */
  unsound?: RegExp;
}

const PYTHON = `
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
sys.exit(archive.testzip())
`;

const COMMANDS: Command[] = [
  { name: 'unzip', program: 'unzip', args: (a) => ['-t', a], sound: /No errors detected/, unsound: /warning|error:/ },
  { name: 'zip', program: 'zip', args: (a) => ['-T', a], sound: / OK$/m, unsound: /warning/ },
  { name: '7zz', program: '7zz', args: (a) => ['t', a], sound: /Everything is Ok/, unsound: /warning|error/i },
  { name: 'bsdtar', program: 'bsdtar', args: (a) => ['-xOf', a] },
  { name: 'bsdtar from a pipe', program: 'bsdtar', args: () => ['-xOf', '-'], piped: true },
  { name: 'Python', program: 'python3', args: (a) => ['-W', 'error', '-c', PYTHON, a] },
  { name: 'libzip, checking consistency', program: 'ziptool', args: (a) => ['-c', a, 'get_num_entries', '0'] },
  { name: 'libzip, checking content', program: 'zipcmp', args: (a) => ['-t', a, a] },
];

export const FOREIGN_READERS: ForeignReader[] = COMMANDS.filter(isInstalled).map((command) => ({
  name: command.name,
  complaint: (archive) => run(command, archive),
}));

export function isInstalled({ program }: { program: string }): boolean {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (error !== undefined && process.env.PZIP_ALL_READERS !== undefined) throw error;
  return error === undefined;
}

function run({ program, args, piped, sound, unsound }: Command, archive: string): string | undefined {
  const { status, stdout, stderr } = spawnSync(program, args(archive), {
    input: piped ? readFileSync(archive) : '',
    encoding: 'latin1',
    maxBuffer: 64 * 1024 * 1024,
  });
  const isSound =
    status === 0 && stderr === '' && (sound === undefined || sound.test(stdout)) && !unsound?.test(stdout);
  return isSound ? undefined : `${program} ends with ${status} and says: ${stderr}${stdout}`;
}

export interface ReadEntry {
  name: string;
  content: string;
  mode: number;
  comment: string;
  modified: number;
}

/** Everything yauzl finds in an archive, read in its strictest way. It rejects with what yauzl has against it. */
export async function readWithYauzl(bytes: Buffer): Promise<ReadEntry[]> {
  const { zipFile, entries } = await openWithYauzl(bytes);
  const result: ReadEntry[] = [];
  for (const entry of entries) {
    result.push({
      name: entry.fileName,
      content: await readContent(zipFile, entry),
      mode: entry.externalFileAttributes >>> 16,
      comment: entry.fileComment,
      modified: entry.getLastModDate({ timezone: 'UTC' }).getTime() / 1000,
    });
  }
  return result;
}

/** The directory alone, checked as strictly. */
export async function openWithYauzl(bytes: Buffer): Promise<{ zipFile: yauzl.ZipFile; entries: yauzl.Entry[] }> {
  const zipFile = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    const options = { lazyEntries: true, strictFileNames: true, validateEntrySizes: true };
    yauzl.fromBuffer(bytes, options, (error, zipFile) => (error ? reject(error) : resolve(zipFile)));
  });
  const entries: yauzl.Entry[] = await new Promise((resolve, reject) => {
    const found: yauzl.Entry[] = [];
    zipFile.on('error', reject);
    zipFile.on('end', () => resolve(found));
    zipFile.on('entry', (entry) => {
      found.push(entry);
      zipFile.readEntry();
    });
    zipFile.readEntry();
  });
  return { zipFile, entries };
}

function readContent(zipFile: yauzl.ZipFile, entry: yauzl.Entry): Promise<string> {
  return new Promise((resolve, reject) => {
    zipFile.openReadStream(entry, (error, stream) => {
      if (error) return reject(error);
      const pieces: Buffer[] = [];
      stream.on('error', reject);
      stream.on('data', (piece) => pieces.push(piece));
      stream.on('end', () => resolve(Buffer.concat(pieces).toString()));
    });
  });
}
