/** The text of --size-of: what grew, shrank, was added and removed. Loaded only with that option. */
import { printable } from '../common/text.js';
import type { SizeChange, SizeChanges, SizeTotal } from '../index.js';
import { formatBytes, formatCount } from './format.js';

/** @param earlier the archive that was compared with, as the user named it */
export function sizeChangeLines(changes: SizeChanges, earlier: string): string[] {
  const { before, after, measure, largest } = changes;
  const kinds = (['grown', 'shrunk', 'added', 'removed'] as const).flatMap((kind) => total(changes[kind], kind));
  const sizes = `${formatBytes(before)} → ${formatBytes(after)}${measure === 'compressed' ? '' : ' uncompressed'}`;
  const what = kinds.length === 0 ? 'every entry has the same size' : `${signed(after - before)}: ${kinds.join(', ')}`;
  return [`compared with ${printable(earlier)}: ${sizes}, ${what}`, ...largest.map(line)];
}

/** Bytes with a sign. */
export function signed(bytes: number): string {
  return `${bytes < 0 ? '-' : '+'}${formatBytes(Math.abs(bytes))}`;
}

export function fromTo({ before, after }: SizeChange): string {
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : `${formatBytes(before)} → ${formatBytes(after)}`;
}

function total({ count, bytes }: SizeTotal, what: string): string[] {
  return count === 0 ? [] : [`${formatCount(count, what, what)} (${signed(bytes)})`];
}

function line(change: SizeChange): string {
  const { before = 0, after = 0, name } = change;
  return `${signed(after - before).padStart(14)}  ${printable(name)} (${fromTo(change)})`;
}
