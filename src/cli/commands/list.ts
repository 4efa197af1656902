/** `pzip list ARCHIVE...`: lists the entries of any ZIP archive. */
import { printable } from '../../common/text.js';
import { type ArchivedEntry, openArchive } from '../../index.js';
import { EXIT_DONE } from '../exit-codes.js';
import { formatBytes, formatCount, formatRatio } from '../format.js';
import type { LineWriter } from '../line-writer.js';
import { runListing } from '../subcommand.js';
import { LIST } from '../subcommands.js';
import { UsageError } from '../usage-error.js';

interface Flags {
  readonly json?: true;
}

/** @returns the exit code: 1 if an archive cannot be read to the end of its directory */
export function list(argv: readonly string[]): Promise<number> {
  return runListing<Flags>(LIST, argv, { closedByReader: EXIT_DONE }, async ({ flags, operands }, output) => {
    if (operands.length === 0) throw new UsageError('no archive given: pzip list site.zip');
    for (const path of operands) await listOne(path, flags.json === true, output, operands.length > 1);
    return EXIT_DONE;
  });
}

async function listOne(path: string, isJson: boolean, output: LineWriter, isTitled: boolean): Promise<void> {
  await using archive = await openArchive(path);
  const { entryCount, comment } = archive;
  if (isJson) await output.write(`${JSON.stringify({ archive: path, entryCount, comment })}\n`);
  else if (isTitled) await output.write(`${printable(path)}:\n`);
  const totals = { entries: 0, uncompressedSize: 0, compressedSize: 0 };
  for await (const entry of archive.entries()) {
    totals.entries++;
    totals.uncompressedSize += entry.uncompressedSize;
    totals.compressedSize += entry.compressedSize;
    await output.write(`${isJson ? JSON.stringify(factsOf(entry)) : line(entry)}\n`);
  }
  await output.write(isJson ? `${JSON.stringify({ totals })}\n` : `${closingLine(totals)}\n`);
}

function factsOf(entry: ArchivedEntry): Record<string, unknown> {
  const { name, kind, method, uncompressedSize, compressedSize, crc32, mode, mtime, comment, isEncrypted, offset } =
    entry;
  return {
    name,
    kind,
    method,
    uncompressedSize,
    compressedSize,
    crc32: crc32.toString(16).padStart(8, '0'),
    mode: mode === undefined ? undefined : `0${(mode & 0o7777).toString(8)}`,
    mtime: timeOf(mtime),
    comment: comment === '' ? undefined : comment,
    isEncrypted: isEncrypted || undefined,
    offset,
  };
}

/** Undefined for an invalid date, such as month 0. */
function timeOf(mtime: Date): string | undefined {
  return Number.isNaN(mtime.getTime()) ? undefined : mtime.toISOString().replace('.000', '');
}

/** Bytes of the largest sizes that columns are kept for: 1 TB less one. Larger ones shift their line. */
const SIZE_WIDTH = 12;

function line(entry: ArchivedEntry): string {
  const { name, method, uncompressedSize, compressedSize, mtime, isEncrypted } = entry;
  const time = timeOf(mtime)?.replace('T', ' ').replace(/\.\d+/, '').replace('Z', '') ?? '?';
  return [
    permissions(entry),
    String(uncompressedSize).padStart(SIZE_WIDTH),
    String(compressedSize).padStart(SIZE_WIDTH),
    `${method}${isEncrypted ? ', encrypted' : ''}`.padEnd(7),
    time.padEnd(19),
    printable(name),
  ].join(' ');
}

const KIND_LETTERS = { file: '-', directory: 'd', symlink: 'l', other: '?' } as const;

/** As ls(1) writes them; question marks where the archive has none. */
function permissions({ kind, mode }: ArchivedEntry): string {
  if (mode === undefined) return `${KIND_LETTERS[kind]}?????????`;
  const letters = [...'rwxrwxrwx'].map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-'));
  return KIND_LETTERS[kind] + letters.join('');
}

function closingLine(totals: { entries: number; uncompressedSize: number; compressedSize: number }): string {
  const { entries, uncompressedSize, compressedSize } = totals;
  const sizes = `${formatBytes(uncompressedSize)} → ${formatBytes(compressedSize)}`;
  return `${formatCount(entries, 'entry', 'entries')}, ${sizes} (${formatRatio(compressedSize, uncompressedSize)})`;
}
