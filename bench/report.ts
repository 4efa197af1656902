/** What a benchmark leaves behind: the raw runs, and the tables of their medians. */

import { existsSync, readFileSync } from 'node:fs';
import { median, type Run } from './measure.js';

/** A peer at a level, and its measured runs on one corpus in the order of the rounds. */
export interface Contender {
  peer: string;
  /** Undefined for a command that takes none. */
  level?: number;
  command: string;
  runs: Run[];
  /** Why there are no runs: it ended with an error, or its archive was not what went in. */
  failure?: string;
}

export interface CorpusResult {
  name: string;
  files: number;
  bytes: number;
  machine: string;
  started: string;
  contenders: Contender[];
}

export interface Report {
  yardstick: { peer: string; level: number };
  versions: Record<string, string>;
  corpora: CorpusResult[];
}

/** The peer that the others are held against. */
export const OWN_PEER = 'pzip';

/** What earlier runs left in the folder, so that one run for each corpus gives one report in the end. */
export function readReport(path: string): Report | undefined {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** In the order in which the corpora were first measured; a corpus that is measured again replaces what it was. */
export function withCorpus(corpora: CorpusResult[], corpus: CorpusResult): CorpusResult[] {
  const isThere = corpora.some(({ name }) => name === corpus.name);
  return isThere ? corpora.map((old) => (old.name === corpus.name ? corpus : old)) : [...corpora, corpus];
}

export function labelOf({ peer, level }: Contender): string {
  return level === undefined ? peer : `${peer} -${level}`;
}

/** Those that were measured. */
export function measured({ contenders }: CorpusResult): Contender[] {
  return contenders.filter(({ runs }) => runs.length > 0);
}

/** Medians; of the memory the largest that was seen. */
export function summarize({ runs }: Contender): Run {
  return {
    wall: median(runs.map(({ wall }) => wall)),
    cpu: median(runs.map(({ cpu }) => cpu)),
    peak: Math.max(...runs.map(({ peak }) => peak)),
    size: median(runs.map(({ size }) => size)),
    others: median(runs.map(({ others }) => others)),
  };
}

/**
 * How many times faster than another: the median over the rounds that both took part in of the two times in the same round,
 * which a machine that is busy for a while disturbs less than the ratio of two medians.
 */
export function speedup(contender: Contender, other: Contender): number {
  const rounds = Math.min(contender.runs.length, other.runs.length);
  return median(contender.runs.slice(0, rounds).map(({ wall }, round) => (other.runs[round]?.wall ?? 0) / wall));
}

/** Those for whom nobody else is both faster and no larger, fastest first. */
export function frontier(contenders: Contender[]): Contender[] {
  let smallest = Number.POSITIVE_INFINITY;
  return contenders
    .toSorted((a, b) => summarize(a).wall - summarize(b).wall)
    .filter((contender) => {
      const { size } = summarize(contender);
      if (size >= smallest) return false;
      smallest = size;
      return true;
    });
}

/** Of the own levels that make an archive no larger than a peer's, the fastest; it need not be faster than the peer. */
export function answerTo(peer: Contender, corpus: CorpusResult): Contender | undefined {
  const { size } = summarize(peer);
  return measured(corpus)
    .filter((own) => own.peer === OWN_PEER && summarize(own).size <= size)
    .toSorted((a, b) => summarize(a).wall - summarize(b).wall)[0];
}

export function renderMarkdown(report: Report): string {
  const versions = Object.entries(report.versions).map(([peer, version]) => `- ${peer}: ${version}`);
  return ['# Benchmark', '', ...versions, '', ...report.corpora.flatMap((corpus) => renderCorpus(corpus, report))].join(
    '\n',
  );
}

function renderCorpus(corpus: CorpusResult, { yardstick: { peer, level } }: Report): string[] {
  const contenders = measured(corpus);
  const yardstick = contenders.find((contender) => contender.peer === peer && contender.level === level);
  const onFrontier = frontier(contenders);
  const rows = contenders
    .toSorted((a, b) => summarize(a).wall - summarize(b).wall)
    .map((contender) => {
      const { wall, cpu, peak, size, others } = summarize(contender);
      const walls = contender.runs.map((run) => run.wall);
      const cells = [
        `${labelOf(contender)}${onFrontier.includes(contender) ? ' *' : ''}`,
        yardstick ? `${speedup(contender, yardstick).toFixed(2)}×` : '',
        wall.toFixed(2),
        `${Math.min(...walls).toFixed(2)}–${Math.max(...walls).toFixed(2)}`,
        String(walls.length),
        cpu.toFixed(2),
        (size / 1e6).toFixed(2),
        yardstick ? (size / summarize(yardstick).size).toFixed(4) : '',
        (peak / 1e6).toFixed(0),
        others.toFixed(2),
        renderAnswer(contender, corpus),
      ];
      return `| ${cells.join(' | ')} |`;
    });
  return [
    `## ${corpus.name}: ${(corpus.bytes / 1e6).toFixed(1)} MB in ${corpus.files} ${corpus.files === 1 ? 'file' : 'files'}`,
    '',
    `${corpus.machine}, ${corpus.started}. Medians of alternating rounds; others: processors used by other programs; *: no other archive is smaller and made faster.`,
    '',
    `| | faster than ${peer} -${level} | wall s | from–to | rounds | CPU s | archive MB | ÷ ${peer} -${level} | peak MB | others | ${OWN_PEER} no larger, and how many times as fast |`,
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|',
    ...rows,
    '',
    ...corpus.contenders.flatMap((contender) =>
      contender.failure === undefined ? [] : [`- ${labelOf(contender)} failed: ${contender.failure}`, ''],
    ),
    ...renderVerdict(corpus),
  ];
}

function renderAnswer(contender: Contender, corpus: CorpusResult): string {
  if (contender.peer === OWN_PEER) return '';
  const answer = answerTo(contender, corpus);
  if (answer === undefined) return '**none is as small**';
  const times = speedup(answer, contender);
  return times > 1 ? `-${answer.level}: ${times.toFixed(2)}×` : `**-${answer.level}: ${times.toFixed(2)}×**`;
}

/** Whether somebody does something that pzip cannot do at some level as small and in less time. */
function renderVerdict(corpus: CorpusResult): string[] {
  const others = measured(corpus).filter(({ peer }) => peer !== OWN_PEER);
  if (others.length === 0 || others.length === measured(corpus).length) return [];
  const unanswered = others.filter((contender) => {
    const answer = answerTo(contender, corpus);
    return answer === undefined || speedup(answer, contender) <= 1;
  });
  const count = `${others.length - unanswered.length} of the ${others.length} points of others`;
  const rest = unanswered.length === 0 ? '' : `; not for ${unanswered.map(labelOf).join(', ')}`;
  return [`Frontier: for ${count} some level of ${OWN_PEER} is both faster and no larger${rest}.`, ''];
}
