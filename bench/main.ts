/**
 * The benchmark: every contender (a peer at a level) packs every corpus, one after the other, round after round, so that
 * a machine that slows down slows all of them. Prints a Markdown report; writes it with the raw runs and a plot for each
 * corpus next to the corpora.
 */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CORPUS_NAMES, type Corpus, measureFolder, prepareCorpora } from './corpora.js';
import { type Run, runOnce, verifyArchive, waitForQuiet } from './measure.js';
import { installLibraries, PEERS, type Peer, versionOf } from './peers.js';
import {
  type Contender,
  type CorpusResult,
  labelOf,
  measured,
  OWN_PEER,
  type Report,
  readReport,
  renderMarkdown,
  withCorpus,
} from './report.js';
import { renderScatter } from './scatter.js';

const USAGE = `npm run bench -- [options]
  --corpus A,B      corpora to pack (default: all but silesia): ${CORPUS_NAMES.join(', ')}
  --peer A,B        contenders (default: all that are found): ${PEERS.map(({ name }) => name).join(', ')}
  --peer 'N=CMD'    adds contender N, run by sh as CMD with {in} {file} {out} {level} {threads}; may be repeated
  --without A,B     contenders to leave out
  --level A,B       compression levels (default 6)
  --own-level A,B   those of pzip, up to 10 (default: as --level)
  --rounds N        measured runs of each contender after one to warm up (default 5)
  --limit SECONDS   a contender that needs longer for all its rounds takes part in fewer, at least one (default 300)
  --threads N       threads for those that take a number (default: all processors)
  --quiet           waits before each run until nothing else runs (a minute at most)
  --corpora DIR     where the corpora are kept and built (default: pzip-bench in the temporary folder)
  --folder DIR      packs this folder instead of a corpus, to try something out
  --silesia DIR     the files of the Silesia corpus, for --corpus silesia
  --out DIR         where results go, and stay of other corpora (default: results beside the corpora)
  --draw            measures nothing: writes the tables and plots of the results that are there anew`;

/** Everything is told as a ratio to this one, which is on every machine and in everybody's hands. */
const YARDSTICK = { peer: 'zip', level: 6 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      corpus: { type: 'string' },
      peer: { type: 'string', multiple: true, default: [] },
      without: { type: 'string', default: '' },
      level: { type: 'string', default: '6' },
      'own-level': { type: 'string' },
      rounds: { type: 'string', default: '5' },
      limit: { type: 'string', default: '300' },
      threads: { type: 'string', default: String(availableParallelism()) },
      quiet: { type: 'boolean', default: false },
      corpora: { type: 'string', default: join(tmpdir(), 'pzip-bench') },
      folder: { type: 'string' },
      silesia: { type: 'string' },
      out: { type: 'string' },
      draw: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);

  const root = resolve(values.folder === undefined ? values.corpora : dirname(resolve(values.folder)));
  const results = resolve(values.out ?? join(values.folder === undefined ? root : tmpdir(), 'results'));
  mkdirSync(results, { recursive: true });
  const report: Report = readReport(join(results, 'results.json')) ?? {
    yardstick: YARDSTICK,
    versions: {},
    corpora: [],
  };
  if (values.draw) return draw(report, results);

  const names = values.corpus?.split(',') ?? CORPUS_NAMES.filter((name) => name !== 'silesia' || values.silesia);
  const corpora =
    values.folder === undefined
      ? await prepareCorpora(names, root, values.silesia)
      : [await measureFolder(resolve(values.folder))];
  const peers = choosePeers(values.peer, values.without.split(','));
  for (const peer of peers) report.versions[peer.name] = versionOf(peer) || `\`${peer.command}\``;
  const levels = toNumbers(values.level);
  const ownLevels = toNumbers(values['own-level'] ?? values.level);
  for (const corpus of corpora) {
    const contenders = chooseContenders(peers, corpus, levels, ownLevels);
    const conditions = {
      rounds: Number(values.rounds),
      limit: Number(values.limit),
      threads: values.threads,
      quiet: values.quiet,
      root,
      results,
    };
    // Kept after each round: what is interrupted has been measured fewer times, and is not lost.
    for (const result of compete(contenders, corpus, conditions)) {
      report.corpora = withCorpus(report.corpora, result);
      writeFileSync(join(results, 'results.json'), `${JSON.stringify(report, null, 2)}\n`);
    }
    draw(report, results);
  }
  const isNew = ({ name }: CorpusResult): boolean => corpora.some((corpus) => corpus.name === name);
  console.log(renderMarkdown({ ...report, corpora: report.corpora.filter(isNew) }));
  console.error(`results.json, results.md and the plots are in ${results}`);
}

function draw(report: Report, results: string): void {
  writeFileSync(join(results, 'results.md'), renderMarkdown(report));
  for (const corpus of report.corpora) {
    if (measured(corpus).length > 0) writeFileSync(join(results, `${corpus.name}.svg`), renderScatter(corpus));
  }
}

function toNumbers(list: string): number[] {
  return list.split(',').map(Number);
}

/** Names choose among the known peers, `name=command` adds one; with no name, all that this machine has. */
function choosePeers(asked: string[], without: string[]): Peer[] {
  const added = asked.filter((text) => text.includes('=')).map(parsePeer);
  const chosen = asked.filter((text) => !text.includes('=')).flatMap((text) => text.split(','));
  const unknown = chosen.find((name) => !PEERS.some((peer) => peer.name === name));
  if (unknown) throw new Error(`no peer '${unknown}': choose from ${PEERS.map(({ name }) => name).join(', ')}`);

  installLibraries();
  const peers = PEERS.filter(
    ({ name }) =>
      name === YARDSTICK.peer || ((chosen.length === 0 || chosen.includes(name)) && !without.includes(name)),
  );
  const found = peers.filter((peer) => versionOf(peer) !== undefined);
  const missing = peers.filter((peer) => !found.includes(peer)).map(({ name }) => name);
  if (missing.length > 0) console.error(`not on this machine: ${missing.join(', ')}`);
  return [...found, ...added];
}

function parsePeer(text: string): Peer {
  const [name = '', ...command] = text.split('=');
  return { name, command: command.join('=') };
}

interface Chosen {
  peer: Peer;
  level: number | undefined;
}

/** The peers that can pack this corpus, at each level that they know; the yardstick among them whatever was asked for. */
function chooseContenders(peers: Peer[], corpus: Corpus, levels: number[], ownLevels: number[]): Chosen[] {
  return peers
    .filter(({ singleFile }) => !singleFile || corpus.files === 1)
    .flatMap((peer): Chosen[] => {
      const { name, command, onlyLevel, highestLevel = 9 } = peer;
      if (onlyLevel === undefined && !command.includes('{level}')) return [{ peer, level: undefined }];
      const asked = name === OWN_PEER ? ownLevels : levels;
      const own = onlyLevel === undefined ? asked.filter((level) => level <= highestLevel) : [onlyLevel];
      const all = name === YARDSTICK.peer ? [...new Set([YARDSTICK.level, ...own])] : own;
      return all.map((level) => ({ peer, level }));
    });
}

interface Conditions {
  rounds: number;
  limit: number;
  threads: string;
  quiet: boolean;
  root: string;
  results: string;
}

/** Warm-up and check first, then A B C, A B C, …; what is there is given after each round. */
function* compete(chosen: Chosen[], corpus: Corpus, conditions: Conditions): Generator<CorpusResult> {
  const { rounds, limit, threads, quiet, root, results } = conditions;
  const { name, files, bytes } = corpus;
  const out = join(results, 'bench-archive.zip');
  const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${threads} threads`;
  const started = new Date().toISOString();
  const running = chosen.map(({ peer, level }) => {
    const values = { in: name, file: soleFile(corpus), out, level: String(level ?? ''), threads };
    const command = fill(peer.command, values);
    const contender: Contender = { peer: peer.name, ...(level === undefined ? {} : { level }), command, runs: [] };
    // The yardstick is there in every round that anybody takes part in.
    return { contender, isYardstick: peer.name === YARDSTICK.peer && level === YARDSTICK.level, rounds };
  });
  const contenders = running.map(({ contender }) => contender);
  for (let round = 0; round <= rounds; round++) {
    for (const turn of running) {
      const { contender, isYardstick } = turn;
      if (contender.failure !== undefined || round > turn.rounds) continue;
      if (quiet && round > 0) waitForQuiet();
      try {
        const run = runOnce(contender.command, out, root);
        console.error(`${name} ${round}/${turn.rounds} ${labelOf(contender)}: ${describe(run)}`);
        if (round > 0) contender.runs.push(run);
        else {
          verifyArchive(out, bytes);
          if (!isYardstick) turn.rounds = Math.max(1, Math.min(rounds, Math.floor(limit / run.wall)));
        }
      } catch (error) {
        if (contender.peer === OWN_PEER || isYardstick) throw error;
        contender.failure = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
        contender.runs = [];
        console.error(`${name} ${labelOf(contender)} failed and is left out: ${error}`);
      }
      rmSync(out, { force: true });
    }
    if (round > 0) yield { name, files, bytes, machine, started, contenders };
  }
}

function fill(command: string, values: Record<string, string>): string {
  return command.replace(/\{(\w+)\}/g, (placeholder, name) => values[name] ?? placeholder);
}

function soleFile(corpus: Corpus): string {
  return corpus.files === 1 ? join(corpus.path, readdirSync(corpus.path)[0] ?? '') : '';
}

function describe({ wall, cpu, peak, size, others }: Run): string {
  const own = `${wall.toFixed(2)} s, ${cpu.toFixed(2)} s of processor, ${(peak / 1e6).toFixed(0)} MB, ${size} bytes`;
  return `${own}; ${others.toFixed(2)} processors busy otherwise`;
}

await main();
