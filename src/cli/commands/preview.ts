/** The list of what would be archived: on standard output, in the order of the archive. */
import { resolve } from 'node:path';
import { printable } from '../../common/text.js';
import type { PreviewedEntry } from '../../index.js';
import { LineWriter } from '../line-writer.js';

export interface ListTotals {
  entries: number;
  bytes: number;
}

/** @param cwd where names come from; a path that is not what its name says from there is listed too */
export async function printList(entries: AsyncIterable<PreviewedEntry>, cwd: string): Promise<ListTotals> {
  const totals: ListTotals = { entries: 0, bytes: 0 };
  const output = new LineWriter(process.stdout);
  try {
    for await (const entry of entries) {
      totals.entries++;
      totals.bytes += entry.size ?? 0;
      const written = output.write(`${line(entry, cwd)}\n`);
      if (written) await written;
    }
    await output.end();
  } catch (error) {
    // A reader such as head(1) closes the pipe when it has seen enough.
    if (!output.isClosedByReader(error)) throw error;
  }
  return totals;
}

/** Bytes of the largest file that a column is kept for: 1 TB less one. Larger ones shift their line. */
const SIZE_WIDTH = 12;

function line({ name, kind, size, path }: PreviewedEntry, cwd: string): string {
  const bytes = kind === 'directory' ? '' : (size ?? '?');
  const isFoundElsewhere = path !== undefined && resolve(cwd, name) !== path.replace(/(?<=.)[\\/]+$/, '');
  return `${String(bytes).padStart(SIZE_WIDTH)}  ${printable(name)}${isFoundElsewhere ? `  (${printable(path)})` : ''}`;
}
