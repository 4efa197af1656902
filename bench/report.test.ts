import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answerTo,
  type Contender,
  type CorpusResult,
  frontier,
  labelOf,
  renderMarkdown,
  speedup,
  withCorpus,
} from './report.js';
import { renderScatter } from './scatter.js';

function contender(peer: string, level: number, walls: readonly number[], size: number): Contender {
  return { peer, level, command: peer, runs: walls.map((wall) => ({ wall, cpu: wall, peak: 1e6, size, others: 0 })) };
}

const FAST = contender('pzip', 1, [1, 1, 4], 120);
const SMALL = contender('pzip', 9, [4, 4, 4], 100);
const YARDSTICK = contender('zip', 6, [8, 8, 8], 110);
/** As small as nobody's, and measured once. */
const SMALLEST = contender('seven', 9, [90], 90);
const FASTEST = contender('go', 1, [0.5, 0.5, 0.5], 130);
const FAILED: Contender = { peer: 'broken', command: 'false', runs: [], failure: 'false ended with 1' };

const CORPUS: CorpusResult = {
  name: 'some',
  files: 1,
  bytes: 1000,
  machine: 'a machine',
  started: 'now',
  contenders: [YARDSTICK, FAST, SMALL, SMALLEST, FASTEST, FAILED],
};

test('nothing else is both faster and no larger than what is on the frontier', () => {
  assert.deepEqual(frontier(CORPUS.contenders.slice(0, 5)).map(labelOf), ['go -1', 'pzip -1', 'pzip -9', 'seven -9']);
});

test('a point is answered by the fastest level that is no larger', () => {
  assert.deepEqual(
    [YARDSTICK, SMALLEST, FASTEST].map((peer) => answerTo(peer, CORPUS)?.level),
    [9, undefined, 1],
  );
});

test('times are compared round by round, in the rounds that both took part in', () => {
  assert.equal(speedup(FAST, YARDSTICK), 8);
  assert.equal(speedup(SMALL, SMALLEST), 22.5);
});

test('the table says how many rounds there were, who failed, and whom no level answers', () => {
  const report = { yardstick: { peer: 'zip', level: 6 }, versions: {}, corpora: [CORPUS] };
  const text = renderMarkdown(report);
  assert.match(text, /^\| seven -9 \* \|.*\| 90\.00–90\.00 \| 1 \|.*\| \*\*none is as small\*\* \|$/m);
  assert.match(text, /^\| zip -6 \|.*\| -9: 2\.00× \|$/m);
  assert.match(text, /^\| go -1 \* \|.*\| \*\*-1: 0\.50×\*\* \|$/m);
  assert.match(text, /^- broken failed: false ended with 1$/m);
  assert.match(text, /^Frontier: for 1 of the 3 points .*; not for seven -9, go -1\.$/m);
});

test('a corpus that is measured again takes the place of what it was', () => {
  const other = { ...CORPUS, name: 'other' };
  const again = { ...CORPUS, started: 'later' };
  assert.deepEqual(withCorpus([CORPUS, other], again), [again, other]);
  assert.deepEqual(withCorpus([CORPUS], other), [CORPUS, other]);
});

test('the plot has a disc for each that was measured and one name for each peer', () => {
  const svg = renderScatter(CORPUS);
  assert.equal(svg.match(/<circle /g)?.length, 5);
  assert.deepEqual(svg.match(/(?<=class="name".*>)\w+(?=<\/text>)/g)?.sort(), ['go', 'pzip', 'seven', 'zip']);
});
