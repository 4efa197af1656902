/** The list of what would go in: on standard output, in the order of the archive. */
import { resolve } from 'node:path';
import { printable } from '../../common/text.js';
import type { PreviewedEntry } from '../../index.js';
import { isClosedByReader, outputFailure } from '../output-error.js';

export interface ListTotals {
  entries: number;
  bytes: number;
}

/** @param cwd where names come from; a path that is not what its name says from there is listed too */
export async function printList(entries: AsyncIterable<PreviewedEntry>, cwd: string): Promise<ListTotals> {
  const totals: ListTotals = { entries: 0, bytes: 0 };
  const output = process.stdout;
  let failure: unknown;
  output.on('error', (error) => {
    failure ??= error;
  });
  const write = (text: string): Promise<void> =>
    new Promise((resolve) => {
      output.write(text, (error) => {
        failure ??= error ?? undefined;
        resolve();
      });
    });
  let lines = '';
  for await (const entry of entries) {
    totals.entries++;
    totals.bytes += entry.size ?? 0;
    lines += `${line(entry, cwd)}\n`;
    if (lines.length < LINES_LENGTH) continue;
    await write(lines);
    lines = '';
    if (failure !== undefined) break;
  }
  if (failure === undefined) await write(lines);
  // A reader such as head closes the pipe when it has seen enough: that is no error, and there is nothing more to do.
  if (failure !== undefined && !isClosedByReader(failure)) throw new ListError(outputFailure('the list', failure));
  return totals;
}

/** Characters that go out in one write: enough for the system calls not to count. */
const LINES_LENGTH = 16 * 1024;

/** The list cannot be written. */
export class ListError extends Error {}

/** Bytes of the largest file that a column is kept for: 1 TB less one. Larger ones shift their line. */
const SIZE_WIDTH = 12;

function line({ name, kind, size, path }: PreviewedEntry, cwd: string): string {
  const bytes = kind === 'directory' ? '' : (size ?? '?');
  const isFoundElsewhere = path !== undefined && resolve(cwd, name) !== path.replace(/(?<=.)[\\/]+$/, '');
  return `${String(bytes).padStart(SIZE_WIDTH)}  ${printable(name)}${isFoundElsewhere ? `  (${printable(path)})` : ''}`;
}
