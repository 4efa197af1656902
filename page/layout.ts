/** Places a directory's content in a rectangle. What is too small to be seen is one cell, so their number has a limit. */
import { type HierarchyRectangularNode, hierarchy, treemap } from 'd3-hierarchy';
import type { ArchiveTree } from './archive-tree.js';

/** Square pixels. A smaller item is part of its directory's rest. */
const SMALLEST_AREA = 70;

/** Square pixels that a directory needs to show what it has. */
const SMALLEST_DIRECTORY = 600;

/** Directories within one another that are shown. */
const MOST_LEVELS = 7;

const HEADING = 17;

interface Item {
  /** `closed`: a directory whose content is not shown. `rest`: what is too small, of the directory `id`. */
  readonly kind: 'open' | 'closed' | 'file' | 'rest';
  /** A directory's or an entry's number. */
  readonly id: number;
  readonly bytes: number;
  readonly files: number;
  /** Of a directory: itself and those around it that have nothing else. */
  readonly levels: number;
  readonly children?: readonly Item[];
}

export interface Cell extends Omit<Item, 'children'> {
  readonly depth: number;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  /** Height of the strip with the name of an open directory. */
  readonly heading: number;
}

/** @returns the cells of a directory without itself, each before what is inside it */
export function layOut(tree: ArchiveTree, directory: number, width: number, height: number): Cell[] {
  const total = tree.totals[directory] ?? 0;
  if (total === 0) return [];
  const top = open(tree, { id: directory, levels: 1 }, (width * height) / total, 0);
  const root = hierarchy(top, ({ children }) => children)
    .sum(({ bytes, children }) => (children === undefined ? bytes : 0))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const place = treemap<Item>().size([width, height]).paddingInner(2).paddingTop(headingOf).round(true);
  place.paddingLeft(edgeOf).paddingRight(edgeOf).paddingBottom(edgeOf);
  const cells: Cell[] = [];
  for (const node of place(root).descendants()) {
    const { data, depth, x0, y0, x1, y1 } = node;
    const { kind, id, bytes, files, levels } = data;
    if (depth > 0 && x1 > x0 && y1 > y0) {
      cells.push({
        kind,
        id,
        bytes,
        files,
        levels,
        depth,
        x0,
        y0,
        x1,
        y1,
        heading: kind === 'open' ? headingOf(node) : 0,
      });
    }
  }
  return cells;
}

function edgeOf({ depth }: { readonly depth: number }): number {
  return depth === 0 ? 0 : 2;
}

function headingOf({ depth, x0, y0, x1, y1 }: HierarchyRectangularNode<Item>): number {
  if (depth === 0) return 0;
  return x1 - x0 > 36 && y1 - y0 > 36 ? HEADING : 2;
}

type Chain = Pick<Item, 'id' | 'levels'>;

/** Follows directories that have one directory and nothing else to the last of them, which stands for all. */
export function chainFrom(tree: ArchiveTree, first: number): Chain {
  let id = first;
  let levels = 1;
  for (let next = onlyChild(tree, id); next !== undefined; next = onlyChild(tree, id)) {
    id = next;
    levels++;
  }
  return { id, levels };
}

function onlyChild(tree: ArchiveTree, id: number): number | undefined {
  const count = tree.counts[id];
  return tree.directories[id]?.directories.find((child) => tree.counts[child] === count);
}

/** @param scale square pixels of a byte */
function open(tree: ArchiveTree, { id, levels }: Chain, scale: number, level: number): Item {
  const directory = tree.directories[id];
  const children: Item[] = [];
  const rest = { bytes: 0, files: 0 };
  const bytes = tree.totals[id] ?? 0;
  const files = tree.counts[id] ?? 0;
  for (const child of directory?.directories ?? []) {
    const size = tree.totals[child] ?? 0;
    if (size * scale < SMALLEST_AREA) {
      rest.bytes += size;
      rest.files += tree.counts[child] ?? 0;
    } else if (size * scale < SMALLEST_DIRECTORY || level === MOST_LEVELS) {
      children.push({ kind: 'closed', ...chainFrom(tree, child), bytes: size, files: tree.counts[child] ?? 0 });
    } else children.push(open(tree, chainFrom(tree, child), scale, level + 1));
  }
  for (const entry of directory?.files ?? []) {
    if (!tree.isShown(entry)) continue;
    const size = tree.compressedSize(entry);
    if (size * scale >= SMALLEST_AREA) children.push({ kind: 'file', id: entry, bytes: size, files: 1, levels: 0 });
    else {
      rest.bytes += size;
      rest.files++;
    }
  }
  if (rest.bytes > 0) children.push({ kind: 'rest', id, ...rest, levels: 0 });
  return { kind: 'open', id, bytes, files, levels, children };
}
