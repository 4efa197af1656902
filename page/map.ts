/** The treemap: draws the cells on a canvas, and selects and opens them by pointer and keyboard. */
import { type ArchiveTree, baseName } from './archive-tree.js';
import { type Cell, chainFrom, layOut } from './layout.js';
import { bytes, percent, plural, visible } from './text.js';

/** Extensions with a colour of their own; the others share the next one. */
export const COLORS = 8;

const FONT = '12px system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif';

/** Pixels of a character in that font, on average. */
const CHARACTER = 6.4;

export interface MapEvents {
  /** The directory to show. */
  readonly open: (directory: number) => void;
  readonly up: () => void;
  readonly select: (description: string) => void;
}

export class TreeMap {
  readonly #canvas: HTMLCanvasElement;
  readonly #tip: HTMLElement;
  readonly #tree: ArchiveTree;
  readonly #events: MapEvents;
  #directory = 0;
  #cells: Cell[] = [];
  #selected: Cell | undefined;

  /** @param area has the canvas, and the focus */
  constructor(area: HTMLElement, canvas: HTMLCanvasElement, tip: HTMLElement, tree: ArchiveTree, events: MapEvents) {
    this.#canvas = canvas;
    this.#tip = tip;
    this.#tree = tree;
    this.#events = events;
    canvas.addEventListener('click', (event) => this.#clicked(this.#cellAt(event)));
    canvas.addEventListener('pointermove', (event) => this.#hovered(event));
    canvas.addEventListener('pointerleave', () => this.#hideTip());
    area.tabIndex = 0;
    area.addEventListener('keydown', (event) => this.#pressed(event));
    new ResizeObserver(() => this.show(this.#directory)).observe(area);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  get cells(): readonly Cell[] {
    return this.#cells;
  }

  /** @param entry to select, if it has a cell */
  show(directory: number, entry?: number): void {
    const { clientWidth, clientHeight } = this.#canvas;
    const before = this.#selected;
    this.#directory = directory;
    this.#cells = layOut(this.#tree, directory, clientWidth, clientHeight);
    const isSame = (cell: Cell): boolean =>
      entry === undefined
        ? cell.kind === before?.kind && cell.id === before.id
        : cell.kind === 'file' && cell.id === entry;
    this.#selected = this.#cells.find(isSame);
    this.#hideTip();
    this.#draw();
  }

  /** The name, path and sizes of a cell, on lines of their own. */
  describe(cell: Cell): string {
    const total = this.#tree.totals[this.#directory] ?? 0;
    const share = `${bytes(cell.bytes)} (${percent(cell.bytes, total)} of this view)`;
    if (cell.kind === 'rest') return `${plural(cell.files, 'small file', 'small files')}\n${share}`;
    if (cell.kind !== 'file') {
      return `${visible(this.#pathOf(cell.id))}/\n${share}, ${plural(cell.files, 'file', 'files')}`;
    }
    const size = this.#tree.entries.sizes[cell.id] ?? 0;
    const name = visible(this.#tree.entries.names[cell.id] ?? '');
    return `${name}\n${share}, uncompressed ${bytes(size)}, compressed to ${percent(cell.bytes, size)}`;
  }

  #pathOf(directory: number): string {
    return this.#tree
      .pathTo(directory)
      .map((id) => this.#tree.directories[id]?.name ?? '')
      .join('/');
  }

  #clicked(cell: Cell | undefined): void {
    if (cell === undefined) return;
    if (cell.kind === 'open' || cell.kind === 'closed') this.#events.open(cell.id);
    else this.#enter(cell);
  }

  /** One level towards a cell; a file of the directory that is shown is selected. */
  #enter(cell: Cell): void {
    const directory = cell.kind === 'file' ? this.#tree.parents[cell.id] : cell.id;
    const step = this.#tree.stepTowards(directory ?? 0, this.#directory);
    this.#select(cell);
    if (step !== undefined) this.#events.open(chainFrom(this.#tree, step).id);
  }

  #select(cell: Cell): void {
    this.#selected = cell;
    this.#events.select(this.describe(cell).replaceAll('\n', ': '));
    this.#draw();
  }

  #pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) this.#move(arrow);
    else if (event.key === 'Enter' && this.#selected !== undefined) this.#enter(this.#selected);
    else if (event.key === 'Escape' || event.key === 'Backspace') this.#events.up();
    else return;
    event.preventDefault();
  }

  /** Selects the nearest cell in a direction, or the largest one first. */
  #move([x, y]: readonly [number, number]): void {
    const cells = this.#cells.filter(({ kind }) => kind !== 'open');
    const from = this.#selected;
    if (from === undefined) {
      if (cells[0] !== undefined) this.#select(cells.reduce((a, b) => (b.bytes > a.bytes ? b : a)));
      return;
    }
    let best: Cell | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const cell of cells) {
      if (cell === from) continue;
      const along = x === 0 ? gap(from.y0, from.y1, cell.y0, cell.y1, y) : gap(from.x0, from.x1, cell.x0, cell.x1, x);
      if (along < 0) continue;
      const across = x === 0 ? apart(from.x0, from.x1, cell.x0, cell.x1) : apart(from.y0, from.y1, cell.y0, cell.y1);
      const distance =
        along + (across > 0 ? FAR + across : 0) + Math.hypot(cell.x0 - from.x0, cell.y0 - from.y0) / 1000;
      if (distance >= least) continue;
      least = distance;
      best = cell;
    }
    if (best !== undefined) this.#select(best);
  }

  #cellAt({ offsetX, offsetY }: MouseEvent): Cell | undefined {
    return this.#cells.findLast(({ x0, y0, x1, y1 }) => offsetX >= x0 && offsetX < x1 && offsetY >= y0 && offsetY < y1);
  }

  #hovered(event: MouseEvent): void {
    const cell = this.#cellAt(event);
    if (cell === undefined) {
      this.#hideTip();
      return;
    }
    this.#tip.textContent = this.describe(cell);
    this.#tip.hidden = false;
    const { width, height } = this.#tip.getBoundingClientRect();
    const left = Math.min(event.clientX + 14, innerWidth - width - 8);
    const below = event.clientY + 18;
    this.#tip.style.left = `${Math.max(8, left)}px`;
    this.#tip.style.top = `${below + height > innerHeight ? event.clientY - height - 10 : below}px`;
  }

  #hideTip(): void {
    this.#tip.hidden = true;
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const pen = this.#canvas.getContext('2d');
    if (pen === null) return;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const style = getComputedStyle(document.documentElement);
    const color = (name: string): string => style.getPropertyValue(`--${name}`);
    const fills = Array.from({ length: COLORS + 1 }, (_, index) => color(`c${index}`));
    const [directory, heading, text] = [color('directory'), color('heading'), color('text')];
    pen.font = FONT;
    pen.textBaseline = 'middle';
    pen.direction = 'ltr';
    if (this.#cells.length === 0) {
      pen.fillStyle = color('quiet');
      pen.fillText('No content here', 12, 20);
    }
    for (const cell of this.#cells) {
      const { kind, id, x0, y0, x1, y1 } = cell;
      if (kind === 'open' || kind === 'closed') {
        pen.fillStyle = directory;
        pen.fillRect(x0, y0, x1 - x0, y1 - y0);
      }
      if (kind !== 'open') {
        // A closed directory has the colour of its largest file, paler.
        const entry = kind === 'file' ? id : kind === 'closed' ? this.#tree.largest[id] : undefined;
        pen.globalAlpha = kind === 'closed' ? 0.5 : 1;
        pen.fillStyle = fills[Math.min(this.#tree.extensionOf[entry ?? -1] ?? COLORS, COLORS)] ?? '';
        pen.fillRect(x0, y0, x1 - x0, y1 - y0);
        pen.globalAlpha = 1;
      }
      if (kind === 'open' || kind === 'closed') {
        pen.strokeStyle = color('line');
        pen.lineWidth = 1;
        pen.strokeRect(x0 + 0.5, y0 + 0.5, x1 - x0 - 1, y1 - y0 - 1);
      }
      pen.fillStyle = kind === 'open' || kind === 'closed' ? heading : text;
      this.#label(pen, cell);
    }
    if (this.#selected !== undefined) {
      const { x0, y0, x1, y1 } = this.#selected;
      pen.strokeStyle = color('mark');
      pen.lineWidth = 3;
      pen.strokeRect(x0 + 1.5, y0 + 1.5, Math.max(1, x1 - x0 - 3), Math.max(1, y1 - y0 - 3));
    }
  }

  #label(pen: CanvasRenderingContext2D, cell: Cell): void {
    const { kind, x0, y0, x1, y1 } = cell;
    const width = x1 - x0;
    const height = kind === 'open' ? cell.heading : y1 - y0;
    const fits = Math.floor((width - 8) / CHARACTER);
    if (fits < 4 || height < 15) return;
    const name = cut(this.#nameOf(cell), fits);
    pen.save();
    pen.beginPath();
    pen.rect(x0, y0, width - 3, height);
    pen.clip();
    const size = bytes(cell.bytes);
    const isTwoLines = kind !== 'open' && height > 34 && fits >= size.length;
    pen.fillText(name, x0 + 4, kind === 'open' ? y0 + height / 2 + 1 : y0 + (isTwoLines ? 11 : height / 2));
    if (isTwoLines) pen.fillText(size, x0 + 4, y0 + 26);
    else if (kind === 'open' && fits > name.length + 12) {
      pen.textAlign = 'right';
      pen.fillText(size, x1 - 5, y0 + height / 2 + 1);
    }
    pen.restore();
  }

  #nameOf({ kind, id, files, levels }: Cell): string {
    if (kind === 'rest') return plural(files, 'small file', 'small files');
    if (kind === 'file') return visible(baseName(this.#tree.entries.names[id] ?? ''));
    const names = this.#tree
      .pathTo(id)
      .slice(-levels)
      .map((directory) => this.#tree.directories[directory]?.name ?? '')
      .join('/');
    return `${visible(names)}/`;
  }
}

/** Pixels; what lies straight ahead is nearer. */
const FAR = 100_000;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Pixels from one range to another in a direction; negative if it is not there. */
function gap(from0: number, from1: number, to0: number, to1: number, direction: number): number {
  return direction > 0 ? to0 - from1 + 1 : from0 - to1 + 1;
}

/** Pixels between two ranges; 0 if they overlap. */
function apart(a0: number, a1: number, b0: number, b1: number): number {
  return Math.max(0, a0 - b1, b0 - a1);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
