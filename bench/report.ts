/** What a benchmark leaves behind: the raw runs, and the tables of their medians. */

import { median, type Run } from './measure.js';

/** A peer at a level, and its measured runs on one corpus in the order of the rounds. */
export interface Contender {
  peer: string;
  level: number;
  command: string;
  runs: Run[];
}

export interface CorpusResult {
  name: string;
  files: number;
  bytes: number;
  contenders: Contender[];
}

export interface Report {
  machine: string;
  started: string;
  yardstick: { peer: string; level: number };
  versions: Record<string, string>;
  corpora: CorpusResult[];
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
 * How many times faster than the yardstick: the median over the rounds of the two times in the same round, which a
 * machine that is busy for a while disturbs less than the ratio of two medians.
 */
export function speedup(contender: Contender, yardstick: Contender): number {
  return median(contender.runs.map(({ wall }, round) => (yardstick.runs[round]?.wall ?? Number.NaN) / wall));
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

export function renderMarkdown(report: Report): string {
  const versions = Object.entries(report.versions).map(([peer, version]) => `- ${peer}: ${version}`);
  const head = ['# Benchmark', '', `${report.machine}, ${report.started}`, '', ...versions, ''];
  return [...head, ...report.corpora.flatMap((corpus) => renderCorpus(corpus, report.yardstick))].join('\n');
}

function renderCorpus(corpus: CorpusResult, { peer, level }: Report['yardstick']): string[] {
  const yardstick = corpus.contenders.find((contender) => contender.peer === peer && contender.level === level);
  const onFrontier = frontier(corpus.contenders);
  const rounds = corpus.contenders[0]?.runs.length ?? 0;
  const rows = corpus.contenders
    .toSorted((a, b) => summarize(a).wall - summarize(b).wall)
    .map((contender) => {
      const { wall, cpu, peak, size, others } = summarize(contender);
      const spread = contender.runs.map((run) => run.wall);
      const cells = [
        `${contender.peer} -${contender.level}${onFrontier.includes(contender) ? ' *' : ''}`,
        yardstick ? `${speedup(contender, yardstick).toFixed(2)}×` : '',
        wall.toFixed(2),
        `${Math.min(...spread).toFixed(2)}–${Math.max(...spread).toFixed(2)}`,
        cpu.toFixed(2),
        (size / 1e6).toFixed(2),
        yardstick ? (size / summarize(yardstick).size).toFixed(4) : '',
        (peak / 1e6).toFixed(0),
        others.toFixed(2),
      ];
      return `| ${cells.join(' | ')} |`;
    });
  return [
    `## ${corpus.name}: ${(corpus.bytes / 1e6).toFixed(1)} MB in ${corpus.files} files`,
    '',
    `Medians of ${rounds} alternating rounds; others: processors busy with something else; * on the frontier: nobody is both faster and no larger.`,
    '',
    `| | faster than ${peer} -${level} | wall s | from–to | CPU s | archive MB | ÷ ${peer} -${level} | peak MB | others |`,
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...rows,
    '',
  ];
}
