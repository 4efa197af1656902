/** The lists beside the treemap: content of the directory, largest entries, extensions, doubles, the earlier archive. */
import { type ArchiveTree, baseName } from './archive-tree.js';
import { compare, type Difference } from './compare.js';
import { COLORS } from './map.js';
import type { Archive, Entries } from './read-entries.js';
import { cell, group, link, note, table } from './tables.js';
import { bytes, number, percent, plural, visible } from './text.js';

/** Rows of a list. */
const MOST_ROWS = 200;

export interface ListEvents {
  readonly openDirectory: (directory: number) => void;
  readonly openEntry: (entry: number) => void;
  readonly search: (query: string) => void;
}

export interface ListContext extends ListEvents {
  readonly tree: ArchiveTree;
  readonly archive: Archive;
  readonly earlier: () => Entries;
}

export type List = (context: ListContext, directory: number) => Node[];

export const LISTS: readonly { readonly title: string; readonly list: List; readonly isComparison?: true }[] = [
  { title: 'Content', list: content },
  { title: 'Largest', list: largest },
  { title: 'Extensions', list: extensions },
  { title: 'Doubles', list: doubles },
  { title: 'Compared', list: compared, isComparison: true },
];

function content({ tree, openDirectory, openEntry }: ListContext, directory: number): Node[] {
  const { directories, files } = tree.directories[directory] ?? { directories: [], files: [] };
  const total = tree.totals[directory] ?? 0;
  const rows = [
    ...directories
      .filter((id) => tree.counts[id] !== 0)
      .map((id) => ({ id, isDirectory: true, bytes: tree.totals[id] ?? 0 })),
    ...files.filter((id) => tree.isShown(id)).map((id) => ({ id, isDirectory: false, bytes: tree.compressedSize(id) })),
  ].sort((a, b) => b.bytes - a.bytes);
  const shown = rows.slice(0, MOST_ROWS).map(({ id, isDirectory, bytes: size }) => {
    const name = isDirectory
      ? link(`${visible(tree.directories[id]?.name ?? '')}/`, () => openDirectory(id))
      : link(visible(baseName(tree.entries.names[id] ?? '')), () => openEntry(id));
    return [cell(name), cell(bytes(size)), cell(percent(size, total))];
  });
  return [note(limited(rows.length)), table(['Name', 'Compressed', 'Share'], shown)];
}

function largest({ tree, openEntry }: ListContext, directory: number): Node[] {
  const top = largestOf(tree.filesBelow(directory), (entry) => tree.compressedSize(entry));
  const rows = top.map((entry) => [
    cell(entryLink(tree, entry, openEntry)),
    cell(bytes(tree.compressedSize(entry))),
    cell(bytes(tree.entries.sizes[entry] ?? 0)),
  ]);
  return [note(limited(tree.counts[directory] ?? 0)), table(['Name', 'Compressed', 'Content'], rows)];
}

function extensions({ tree, search }: ListContext, directory: number): Node[] {
  const totals = new Float64Array(tree.extensions.length);
  const counts = new Uint32Array(tree.extensions.length);
  for (const entry of tree.filesBelow(directory)) {
    const extension = tree.extensionOf[entry] ?? 0;
    totals[extension] = (totals[extension] ?? 0) + tree.compressedSize(entry);
    counts[extension] = (counts[extension] ?? 0) + 1;
  }
  const order = [...counts.keys()].filter((extension) => counts[extension] !== 0);
  order.sort((a, b) => (totals[b] ?? 0) - (totals[a] ?? 0));
  const rows = order.slice(0, MOST_ROWS).map((extension) => {
    const swatch = document.createElement('i');
    swatch.className = 'swatch';
    swatch.style.background = `var(--c${Math.min(extension, COLORS)})`;
    const name = tree.extensions[extension] ?? '';
    const label = name === '' ? 'without extension' : link(`.${visible(name)}`, () => search(`*.${name}`));
    const share = percent(totals[extension] ?? 0, tree.totals[directory] ?? 0);
    return [
      cell(group(swatch, label)),
      cell(number(counts[extension] ?? 0)),
      cell(bytes(totals[extension] ?? 0)),
      cell(share),
    ];
  });
  return [note(limited(order.length)), table(['Extension', 'Files', 'Compressed', 'Share'], rows)];
}

function doubles({ tree, openEntry }: ListContext): Node[] {
  const { sizes, crc32s } = tree.entries;
  const groups = new Map<string, number[]>();
  for (const entry of tree.filesBelow(0)) {
    if (sizes[entry] === 0) continue;
    const key = `${crc32s[entry]} ${sizes[entry]}`;
    const same = groups.get(key);
    if (same === undefined) groups.set(key, [entry]);
    else same.push(entry);
  }
  const wasted = (same: readonly number[]): number =>
    same.slice(1).reduce((sum, entry) => sum + tree.compressedSize(entry), 0);
  const all = [...groups.values()]
    .filter((same) => same.length > 1)
    .map((same) => ({ same, wasted: wasted(same) }))
    .sort((a, b) => b.wasted - a.wasted);
  const sum = all.reduce((total, one) => total + one.wasted, 0);
  const rows = all.slice(0, MOST_ROWS).map(({ same, wasted: extra }) => {
    const names = same.slice(0, 10).map((entry) => fullLink(tree, entry, openEntry));
    if (same.length > 10) names.push(note(`and ${same.length - 10} more`));
    return [cell(group(...names)), cell(`${same.length} ×`), cell(bytes(extra))];
  });
  return [
    note(
      `Files with the same CRC-32 and the same size, in the whole archive: very likely, not certainly, equal content. ${plural(all.length, 'group', 'groups')}; all but one of each take ${bytes(sum)}. ${limited(all.length)}`,
    ),
    table(['Names', 'Files', 'Extra bytes'], rows),
  ];
}

function compared({ tree, archive, earlier, openEntry }: ListContext): Node[] {
  if (archive.earlier === null) return [];
  const { differences, same } = compare(earlier(), tree.entries);
  const of = (change: Difference['change']): string =>
    number(differences.filter((one) => one.change === change).length);
  const shown = differences.filter(({ entry }) => entry === undefined || tree.isShown(entry));
  const rows = shown.slice(0, MOST_ROWS).map(({ name, change, entry, before, after }) => {
    const label = entry === undefined ? visible(name) : link(visible(name), () => openEntry(entry));
    const delta = document.createElement('span');
    delta.className = after > before ? 'more' : after < before ? 'less' : '';
    delta.textContent = signed(after - before);
    return [cell(label), cell(change), cell(delta)];
  });
  const change = archive.bytes - archive.earlier.bytes;
  return [
    note(
      `Against ${visible(archive.earlier.name)} of ${bytes(archive.earlier.bytes)}: ${signed(change)}. ${of('new')} new, ${of('gone')} gone, ${of('larger')} larger, ${of('smaller')} smaller, ${of('changed')} changed at the same size, ${number(same)} with the same sizes and CRC-32. ${limited(shown.length)}`,
    ),
    table(['Name', 'Change', 'Compressed'], rows),
  ];
}

function signed(count: number): string {
  return `${count > 0 ? '+' : count < 0 ? '−' : '±'}${bytes(Math.abs(count))}`;
}

function limited(count: number): string {
  return count > MOST_ROWS ? `The first ${MOST_ROWS} of ${number(count)}.` : '';
}

function entryLink(tree: ArchiveTree, entry: number, open: (entry: number) => void): Node {
  const name = tree.entries.names[entry] ?? '';
  const base = baseName(name);
  const directory = document.createElement('small');
  directory.textContent = visible(name.slice(0, name.length - base.length));
  return group(
    link(visible(base), () => open(entry)),
    directory,
  );
}

function fullLink(tree: ArchiveTree, entry: number, open: (entry: number) => void): Node {
  const line = document.createElement('div');
  line.append(link(visible(tree.entries.names[entry] ?? ''), () => open(entry)));
  return line;
}

/** The items with the largest values, largest first. */
function largestOf(items: Iterable<number>, sizeOf: (item: number) => number): number[] {
  let top: number[] = [];
  let least = -1;
  const cutOff = (): void => {
    top = top.sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, MOST_ROWS);
  };
  for (const item of items) {
    if (sizeOf(item) <= least) continue;
    top.push(item);
    if (top.length < 4 * MOST_ROWS) continue;
    cutOff();
    least = sizeOf(top.at(-1) ?? 0);
  }
  cutOff();
  return top;
}
