/**
 * The picture of a corpus: seconds across, megabytes up, a disc for each contender with its level in it, those of one peer
 * joined and named once, and the frontier behind them. Towards the lower left is better. It follows the reader's light or
 * dark theme.
 */

import { type Contender, type CorpusResult, frontier, measured, OWN_PEER, summarize } from './report.js';

const WIDTH = 960;
const HEIGHT = 600;
const PLOT = { left: 80, right: 930, top: 80, bottom: 535 };
const FONT = 14;
/** Room for the digits of a level. */
const RADIUS = 8;

/** Red is for pzip. Of the others' hues, from Paul Tol's schemes, the first is for light ground, the second for dark. */
const OWN_COLOR: Color = ['#cc3311', '#ff7755'];
const COLORS: readonly Color[] = [
  ['#333333', '#cccccc'],
  ['#4477aa', '#77aadd'],
  ['#228833', '#66cc77'],
  ['#aa3377', '#ee88bb'],
  ['#887700', '#ccbb44'],
  ['#117799', '#66ccee'],
  ['#882255', '#cc6699'],
  ['#227766', '#44bb99'],
  ['#bb5511', '#ee9955'],
  ['#332288', '#9988ee'],
  ['#666622', '#aaaa55'],
  ['#777777', '#999999'],
  ['#7a4a2a', '#bb8866'],
  ['#555577', '#aaaacc'],
];

type Color = readonly [onLight: string, onDark: string];

interface Position {
  x: number;
  y: number;
}

interface Point extends Position {
  /** What stands in its disc. */
  level: string;
  peer: string;
  /** The class that colours it. */
  className: string;
}

export function renderScatter(corpus: CorpusResult): string {
  const contenders = measured(corpus);
  const summaries = contenders.map(summarize);
  const across = logScale(summaries.map(({ wall }) => wall));
  const up = linearScale(summaries.map(({ size }) => size / 1e6));
  // pzip comes last and so lies on top.
  const names = [...new Set(contenders.map(({ peer }) => peer))];
  const peers = [...names.filter((name) => name !== OWN_PEER), ...names.filter((name) => name === OWN_PEER)];
  const place = (contender: Contender): Point => {
    const { wall, size } = summarize(contender);
    const level = contender.level === undefined ? '' : String(contender.level);
    const className = `p${peers.indexOf(contender.peer)}`;
    return { x: across.at(wall), y: up.at(size / 1e6), level, peer: contender.peer, className };
  };
  const series = peers.map((peer) => contenders.filter((contender) => contender.peer === peer).map(place));
  const stairs = frontier(contenders).map(place);
  const title = `${corpus.name}: ${(corpus.bytes / 1e6).toFixed(0)} MB in ${corpus.files.toLocaleString('en')} ${corpus.files === 1 ? 'file' : 'files'}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="${FONT}">
<title>${escapeXml(title)}</title>
${renderStyle(peers)}
<rect width="100%" height="100%" rx="8" class="ground"/>
<text x="${PLOT.left}" y="34" font-size="20" font-weight="bold">${escapeXml(title)}</text>
<text x="${PLOT.left}" y="58" class="quiet">time against archive size, levels in the discs; lower left is better; the broad line joins those that no other beats in both</text>
${renderAxes(across, up)}
${renderFrontier(stairs)}
${series.map(renderLine).join('\n')}
${series.flat().map(renderDisc).join('\n')}
${renderLabels(series, stairs)}
</svg>
`;
}

function renderStyle(peers: readonly string[]): string {
  const colors = peers.map((peer, index): Color => {
    return peer === OWN_PEER ? OWN_COLOR : (COLORS[index % COLORS.length] ?? OWN_COLOR);
  });
  const rules = (ground: string, text: string, quiet: string, grid: string, edge: string, theme: 0 | 1): string =>
    [
      `.ground{fill:${ground}}text{fill:${text}}.quiet{fill:${quiet}}.grid{stroke:${grid}}.axis{stroke:${quiet};fill:none}`,
      `.edge{stroke:${edge}}.disc{stroke:${ground};stroke-width:1.5}.level{fill:${ground};font-size:10px;font-weight:bold}`,
      ...colors.map((color, index) => `.p${index}{color:${color[theme]}}`),
    ].join('');
  const shared = '.disc{fill:currentColor}.line{stroke:currentColor;fill:none}.name{fill:currentColor}';
  const light = rules('#ffffff', '#1f2328', '#59636e', '#eaedf0', '#ffd277', 0);
  const dark = rules('#0d1117', '#e6edf3', '#9198a1', '#21262d', '#7a5c12', 1);
  return `<style>${light}${shared}@media (prefers-color-scheme: dark){${dark}}</style>`;
}

interface Scale {
  at: (value: number) => number;
  ticks: number[];
}

/** Seconds span two orders of magnitude between the fastest and the slowest. */
function logScale(values: number[]): Scale {
  const low = Math.log(Math.min(...values) / 1.15);
  const high = Math.log(Math.max(...values) * 1.35);
  const at = (value: number) => PLOT.left + ((Math.log(value) - low) / (high - low)) * (PLOT.right - PLOT.left);
  const steps = high - low > Math.log(12) ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8];
  const decades = [0.01, 0.1, 1, 10, 100, 1000];
  const ticks = decades.flatMap((decade) => steps.map((step) => step * decade));
  return { at, ticks: ticks.filter((tick) => Math.log(tick) >= low && Math.log(tick) <= high) };
}

function linearScale(values: number[]): Scale {
  const smallest = Math.min(...values);
  const largest = Math.max(...values);
  const margin = (largest - smallest) * 0.08 || largest * 0.01;
  const [low, high] = [smallest - margin, largest + margin];
  const at = (value: number) => PLOT.bottom - ((value - low) / (high - low)) * (PLOT.bottom - PLOT.top);
  const rough = (high - low) / 6;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * ([1, 2, 5].find((factor) => factor * decade >= rough) ?? 10);
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(Number(tick.toPrecision(6)));
  return { at, ticks };
}

function renderAxes(across: Scale, up: Scale): string {
  const vertical = across.ticks.map((tick) => {
    const x = across.at(tick).toFixed(1);
    return `<path d="M${x} ${PLOT.top}V${PLOT.bottom}" class="grid"/><text x="${x}" y="${PLOT.bottom + 20}" text-anchor="middle">${Number(tick.toPrecision(3))}</text>`;
  });
  const horizontal = up.ticks.map((tick) => {
    const y = up.at(tick).toFixed(1);
    return `<path d="M${PLOT.left} ${y}H${PLOT.right}" class="grid"/><text x="${PLOT.left - 8}" y="${y}" dy="4" text-anchor="end">${tick}</text>`;
  });
  const middle = (PLOT.top + PLOT.bottom) / 2;
  return [
    ...vertical,
    ...horizontal,
    `<path d="M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}" class="axis"/>`,
    `<text x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 46}" text-anchor="middle">wall time in seconds (logarithmic)</text>`,
    `<text transform="translate(22 ${middle}) rotate(-90)" text-anchor="middle">archive in MB (10⁶ bytes)</text>`,
  ].join('\n');
}

/** A stair: from each point on it, nothing smaller can be had until the next one's time. */
function renderFrontier(points: Point[]): string {
  const [first] = points;
  if (!first) return '';
  const steps = points.slice(1).map(({ x, y }) => `H${x.toFixed(1)}V${y.toFixed(1)}`);
  const path = `M${first.x.toFixed(1)} ${PLOT.top}V${first.y.toFixed(1)}${steps.join('')}H${PLOT.right}`;
  return `<path d="${path}" class="edge" fill="none" stroke-width="8" stroke-linejoin="round"/>`;
}

/** In the order of the levels. */
function renderLine(points: Point[]): string {
  const [first] = points;
  if (!first || points.length < 2) return '';
  const sorted = points.toSorted((a, b) => Number(a.level) - Number(b.level));
  const path = sorted.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  return `<polyline points="${path}" class="line ${first.className}" stroke-width="${isOwn(first) ? 2.5 : 1.2}"/>`;
}

function renderDisc({ x, y, level, className }: Point): string {
  const [cx, cy] = [x.toFixed(1), y.toFixed(1)];
  const digits =
    level === '' ? '' : `<text x="${cx}" y="${cy}" dy="3.6" text-anchor="middle" class="level">${level}</text>`;
  return `<g class="${className}"><circle cx="${cx}" cy="${cy}" r="${RADIUS}" class="disc"/>${digits}</g>`;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** What a label would be, how badly it would lie, and the point that it belongs to. */
interface Candidate {
  box: Box;
  cost: number;
  point: Point;
}

/**
 * Each peer's name goes beside that of its points where it covers least: no disc, no name that is there already, and no
 * line if that can be.
 */
function renderLabels(series: Point[][], stairs: Point[]): string {
  const discs = series.flat().map(({ x, y }) => around(x, y, RADIUS + 1));
  const edge = stairs.flatMap((point, index) => {
    const next = stairs[index + 1];
    const corner = { x: next?.x ?? PLOT.right, y: point.y };
    return [...alongLine(point, corner), ...(next === undefined ? [] : alongLine(corner, next))];
  });
  const lines = series.flatMap((points) =>
    points.slice(1).flatMap((point, index) => alongLine(points[index] ?? point, point)),
  );
  const taken: Box[] = [];
  // Those with few points have the least choice.
  const order = series.filter((points) => points.length > 0).toSorted((a, b) => a.length - b.length);
  return order
    .map((points) => {
      const all = points.flatMap((point) =>
        candidates(point).map(({ box, cost }) => ({
          box,
          point,
          cost:
            cost +
            1000 * count(box, taken) +
            100 * count(box, discs) +
            4 * count(box, lines) +
            4 * count(box, edge) +
            (isInside(box) ? 0 : 10_000),
        })),
      );
      const best = all.reduce((a, b) => (b.cost < a.cost ? b : a));
      taken.push(best.box);
      return renderLabel(best);
    })
    .join('\n');
}

function renderLabel({ box: { left, right, top, bottom }, point }: Candidate): string {
  const { x, y, peer, className } = point;
  const middle = (top + bottom) / 2;
  const nearest = Math.min(Math.max(x, left), right);
  const isFar = Math.hypot(nearest - x, middle - y) > RADIUS + 14;
  const lead = isFar
    ? `<path d="M${x.toFixed(1)} ${y.toFixed(1)}L${nearest.toFixed(1)} ${middle.toFixed(1)}" class="line" stroke-opacity="0.6"/>`
    : '';
  const weight = isOwn(point) ? ' font-weight="bold"' : '';
  return `<g class="${className}">${lead}<text x="${left.toFixed(1)}" y="${middle.toFixed(1)}" dy="5" class="name"${weight}>${escapeXml(peer)}</text></g>`;
}

/** Right and left of the point, above and below it, and further and further out. */
function candidates(point: Point): { box: Box; cost: number }[] {
  const { x, y, peer } = point;
  const width = peer.length * FONT * (isOwn(point) ? 0.72 : 0.64);
  const gap = RADIUS + 4;
  const found: { box: Box; cost: number }[] = [];
  for (const dy of [0, -18, 18, -28, 28, -40, 40, -56, 56, -76, 76]) {
    for (const left of [x + gap, x - gap - width, x - width / 2]) {
      const box = { left, right: left + width, top: y + dy - 9, bottom: y + dy + 9 };
      if (count(box, [around(x, y, RADIUS)]) === 0) found.push({ box, cost: Math.abs(dy) / 4 });
    }
  }
  return found;
}

function around(x: number, y: number, radius: number): Box {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}

/** Small boxes that cover the line from one point to another. */
function alongLine(from: Position, to: Position): Box[] {
  const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 6);
  return Array.from({ length: steps }, (_, step) => {
    const part = (step + 0.5) / steps;
    return around(from.x + part * (to.x - from.x), from.y + part * (to.y - from.y), 2);
  });
}

function count(box: Box, others: readonly Box[]): number {
  return others.filter((other) => overlap(box, other)).length;
}

function isInside({ left, right, top, bottom }: Box): boolean {
  return left >= PLOT.left && right <= WIDTH && top >= PLOT.top && bottom <= PLOT.bottom;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function isOwn({ peer }: Point): boolean {
  return peer === OWN_PEER;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
