/**
 * The picture of a corpus: seconds across, megabytes up, a point for each contender, those of one peer joined, and the
 * frontier behind them. Towards the lower left is better.
 */

import { type Contender, type CorpusResult, frontier, summarize } from './report.js';

const WIDTH = 960;
const HEIGHT = 600;
const PLOT = { left: 80, right: 930, top: 80, bottom: 535 };
const FONT = 13;

/** Red is for pzip, the hues of the others stay apart on white (from Paul Tol's schemes). */
const OWN_COLOR = '#cc3311';
const COLORS = [
  '#222222',
  '#4477aa',
  '#228833',
  '#aa3377',
  '#997700',
  '#66ccee',
  '#882255',
  '#44aa99',
  '#ee7733',
  '#332288',
  '#999933',
  '#777777',
  '#7a4a2a',
];

interface Point {
  x: number;
  y: number;
  text: string;
  color: string;
  peer: string;
}

export function renderScatter(corpus: CorpusResult): string {
  const summaries = corpus.contenders.map(summarize);
  const across = logScale(summaries.map(({ wall }) => wall));
  const up = linearScale(summaries.map(({ size }) => size / 1e6));
  const peers = [...new Set(corpus.contenders.map(({ peer }) => peer))];
  const others = peers.filter((peer) => !isOwn(peer));
  const place = (contender: Contender): Point => {
    const { wall, size } = summarize(contender);
    const color = isOwn(contender.peer)
      ? OWN_COLOR
      : (COLORS[others.indexOf(contender.peer) % COLORS.length] ?? '#000000');
    const text = `${contender.peer} -${contender.level}`;
    return { x: across.at(wall), y: up.at(size / 1e6), text, color, peer: contender.peer };
  };
  const points = corpus.contenders.map(place);
  const title = `${corpus.name}: ${(corpus.bytes / 1e6).toFixed(0)} MB in ${corpus.files.toLocaleString('en')} ${corpus.files === 1 ? 'file' : 'files'}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="${FONT}">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="${PLOT.left}" y="34" font-size="20" font-weight="bold">${escapeXml(title)}</text>
<text x="${PLOT.left}" y="58" fill="#555555">time against archive size; lower left is better; the shaded line is the frontier</text>
${renderAxes(across, up)}
${renderFrontier(frontier(corpus.contenders).map(place))}
${peers.map((peer) => renderLine(points.filter((point) => point.peer === peer))).join('\n')}
${points.map(({ x, y, color }) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="5" fill="${color}"/>`).join('\n')}
${renderLabels(points)}
</svg>
`;
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
    return `<path d="M${x} ${PLOT.top}V${PLOT.bottom}" stroke="#eeeeee"/><text x="${x}" y="${PLOT.bottom + 20}" text-anchor="middle">${Number(tick.toPrecision(3))}</text>`;
  });
  const horizontal = up.ticks.map((tick) => {
    const y = up.at(tick).toFixed(1);
    return `<path d="M${PLOT.left} ${y}H${PLOT.right}" stroke="#eeeeee"/><text x="${PLOT.left - 8}" y="${y}" dy="4" text-anchor="end">${tick}</text>`;
  });
  const middle = (PLOT.top + PLOT.bottom) / 2;
  return [
    ...vertical,
    ...horizontal,
    `<path d="M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}" fill="none" stroke="#333333"/>`,
    `<text x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 46}" text-anchor="middle">wall time in seconds (logarithmic)</text>`,
    `<text transform="translate(22 ${middle}) rotate(-90)" text-anchor="middle">archive in MB (10⁶ bytes)</text>`,
  ].join('\n');
}

/** A stair: from each point on it, nothing smaller can be had until the next one's time. */
function renderFrontier(points: Point[]): string {
  const [first] = points;
  if (!first) return '';
  const stairs = points.slice(1).map(({ x, y }) => `H${x.toFixed(1)}V${y.toFixed(1)}`);
  const path = `M${first.x.toFixed(1)} ${PLOT.top}V${first.y.toFixed(1)}${stairs.join('')}H${PLOT.right}`;
  return `<path d="${path}" fill="none" stroke="#ffcc66" stroke-width="7" stroke-opacity="0.6" stroke-linejoin="round"/>`;
}

function renderLine(points: Point[]): string {
  const [first] = points;
  if (!first || points.length < 2) return '';
  const path = points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${first.color}" stroke-opacity="0.5"/>`;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Each label goes beside its point where it covers nothing yet; further and further out where it is crowded. */
function renderLabels(points: Point[]): string {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  return points
    .map(({ x, y, text, color, peer }) => {
      const width = text.length * FONT * (isOwn(peer) ? 0.72 : 0.62);
      const box = candidates(x, y, width).find(
        (candidate) => isInside(candidate) && !taken.some((other) => overlap(candidate, other)),
      );
      const { left, top, bottom } = box ?? { left: x + 9, top: y - 8, bottom: y + 8 };
      taken.push({ left, right: left + width, top, bottom });
      const lineY = (top + bottom) / 2;
      const isFar = Math.abs(lineY - y) > 20;
      const lead = isFar
        ? `<path d="M${x.toFixed(1)} ${y.toFixed(1)}L${Math.min(Math.max(x, left), left + width).toFixed(1)} ${lineY.toFixed(1)}" stroke="${color}" stroke-opacity="0.4"/>`
        : '';
      return `${lead}<text x="${left.toFixed(1)}" y="${lineY.toFixed(1)}" dy="4" fill="${color}"${isOwn(peer) ? ' font-weight="bold"' : ''}>${escapeXml(text)}</text>`;
    })
    .join('\n');
}

function candidates(x: number, y: number, width: number): Box[] {
  const boxes: Box[] = [];
  for (const distance of [0, 16, 32, 48, 64, 80, 96]) {
    for (const dy of distance === 0 ? [0] : [-distance, distance]) {
      for (const left of [x + 9, x - 9 - width, x - width / 2]) {
        boxes.push({ left, right: left + width, top: y + dy - 8, bottom: y + dy + 8 });
      }
    }
  }
  return boxes;
}

function isInside({ left, right, top, bottom }: Box): boolean {
  return left >= PLOT.left && right <= WIDTH && top >= PLOT.top && bottom <= PLOT.bottom;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** pzip itself, and other versions of it that were given as peers. */
function isOwn(peer: string): boolean {
  return peer.startsWith('pzip');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
