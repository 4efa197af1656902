/** The page of an archive: the treemap, the lists beside it, the search, and what is shown now. */
import { ArchiveTree } from './archive-tree.js';
import { LISTS, type ListContext } from './lists.js';
import { TreeMap } from './map.js';
import { type Entries, readArchive, readEntries } from './read-entries.js';
import { link } from './tables.js';
import { bytes, percent, plural, visible } from './text.js';

/** Directories of the path that are shown; those between are left out. */
const LONGEST_PATH = 8;

/** Milliseconds after the last key before a search starts. */
const SEARCH_DELAY = 120;

const archive = readArchive();
const tree = new ArchiveTree(readEntries('entries'));
let earlierEntries: Entries | undefined;
let directory = 0;
let list = 0;

const search = element('search', HTMLInputElement);
const area = element('map', HTMLElement);
const status = element('status', HTMLElement);
const panel = element('list', HTMLElement);
const tabs = element('tabs', HTMLElement);

const map = new TreeMap(area, element('canvas', HTMLCanvasElement), element('tip', HTMLElement), tree, {
  open,
  up: () => goUp(),
  select: (description) => {
    status.textContent = description;
  },
});

const context: ListContext = {
  tree,
  archive,
  earlier: () => (earlierEntries ??= readEntries('earlier')),
  openDirectory: open,
  openEntry: (entry) => {
    open(tree.parents[entry] ?? 0, entry);
    const { names, sizes } = tree.entries;
    const size = sizes[entry] ?? 0;
    status.textContent = `${visible(names[entry] ?? '')}: ${bytes(tree.compressedSize(entry))}, uncompressed ${bytes(size)}`;
  },
  search: (query) => {
    search.value = query;
    find();
  },
};

function element<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new TypeError(`The page has no ${id}`);
}

function open(next: number, entry?: number): void {
  directory = next;
  status.textContent = '';
  map.show(directory, entry);
  showPath();
  showList();
}

function goUp(): void {
  if (directory !== 0) open(parentToShow());
  else if (search.value !== '') context.search('');
}

/** Without the directories that have nothing but this one. */
function parentToShow(): number {
  let parent = tree.directories[directory]?.parent ?? 0;
  while (parent > 0 && tree.counts[parent] === tree.counts[directory]) parent = tree.directories[parent]?.parent ?? 0;
  return parent;
}

function find(): void {
  tree.show(search.value);
  showTotals();
  open(tree.counts[directory] === 0 ? 0 : directory);
}

function showTotals(): void {
  const { names, sizes } = tree.entries;
  const isFiltered = search.value.trim() !== '';
  const content = sizes.reduce((sum, size, entry) => (tree.isShown(entry) ? sum + size : sum), 0);
  const compressed = tree.totals[0] ?? 0;
  const files = plural(tree.counts[0] ?? 0, 'file', 'files');
  element('totals', HTMLElement).textContent = isFiltered
    ? `${files} match: ${bytes(compressed)} of ${bytes(archive.bytes)}`
    : `${bytes(archive.bytes)} · ${plural(names.length, 'entry', 'entries')} · ${bytes(content)} of content, compressed to ${percent(compressed, content)} · headers ${bytes(archive.bytes - compressed)}`;
}

function showPath(): void {
  const nav = element('path', HTMLElement);
  const path = [0, ...tree.pathTo(directory)];
  const shown = path.length <= LONGEST_PATH ? path : [0, -1, ...path.slice(2 - LONGEST_PATH)];
  nav.replaceChildren();
  for (const id of shown) {
    const name = id === 0 ? visible(archive.name) : visible(tree.directories[id]?.name ?? '…');
    if (id === directory) {
      const here = document.createElement('b');
      here.textContent = name;
      nav.append(here);
    } else if (id < 0) nav.append(name);
    else nav.append(link(name === '' ? '(empty name)' : name, () => open(id)));
    if (id !== directory) {
      const slash = document.createElement('i');
      slash.textContent = '/';
      nav.append(slash);
    }
  }
}

function showList(): void {
  panel.replaceChildren(...(LISTS[list]?.list(context, directory) ?? []));
  panel.scrollTop = 0;
}

function showTabs(): void {
  const shown = LISTS.filter(({ isComparison }) => isComparison === undefined || archive.earlier !== null);
  const buttons = shown.map(({ title }, number) => {
    const button = link(title, () => select(number));
    button.id = `tab${number}`;
    button.setAttribute('role', 'tab');
    button.setAttribute('aria-controls', 'list');
    button.addEventListener('keydown', ({ key }) => {
      const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
      if (step !== 0) select((number + step + shown.length) % shown.length, true);
    });
    return button;
  });
  const select = (number: number, takesFocus = false): void => {
    list = number;
    for (const [other, button] of buttons.entries()) {
      button.setAttribute('aria-selected', String(other === number));
      button.tabIndex = other === number ? 0 : -1;
    }
    panel.setAttribute('aria-labelledby', `tab${number}`);
    if (takesFocus) buttons[number]?.focus();
    showList();
  };
  tabs.append(...buttons);
  select(0);
}

let timer = 0;
search.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(find, SEARCH_DELAY);
});
search.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' && event.key !== 'Enter') return;
  event.preventDefault();
  clearTimeout(timer);
  if (event.key === 'Escape') search.value = '';
  find();
  area.focus();
});
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target === search || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  search.select();
  search.focus();
});

document.title = `${visible(archive.name)}: ${bytes(archive.bytes)}`;
element('title', HTMLElement).textContent = visible(archive.name);
showTotals();
showTabs();
open(0);
performance.mark('first-draw');
