/** The list of what would go in: on standard output, in the order of the archive. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { PreviewedEntry } from '../index.js';
import { printable } from '../text.js';
import { standardOutput } from './terminal.js';

export interface ListTotals {
  entries: number;
  bytes: number;
}

/** @param cwd where names come from; a path that is not what its name says from there is listed too */
export async function printList(preview: AsyncIterable<PreviewedEntry[]>, cwd: string): Promise<ListTotals> {
  const totals: ListTotals = { entries: 0, bytes: 0 };
  let isRead = true;
  // Whoever has seen enough, such as head, closes the pipe: that is no error, and there is nothing more to do.
  const output = standardOutput();
  output.once('error', () => {
    isRead = false;
  });
  for await (const entries of preview) {
    if (!isRead) break;
    for (const { size = 0 } of entries) totals.bytes += size;
    totals.entries += entries.length;
    const text = entries.map((entry) => `${line(entry, cwd)}\n`).join('');
    if (!output.write(text)) await Promise.race([once(output, 'drain'), once(output, 'close')]);
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
