/**
 * The benchmark: every contender (a peer at a level) packs every corpus, one after the other, round after round, so that
 * a machine that slows down slows all of them. Prints a Markdown report; writes it with the raw runs and a plot for each
 * corpus next to the corpora.
 */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CORPUS_NAMES, type Corpus, prepareCorpora } from './corpora.js';
import { type Run, runOnce, verifyArchive, waitForQuiet } from './measure.js';
import { installLibraries, PEERS, type Peer, versionOf } from './peers.js';
import { type Contender, type CorpusResult, type Report, renderMarkdown } from './report.js';
import { renderScatter } from './scatter.js';

const USAGE = `npm run bench -- [options]
  --corpus A,B      corpora to pack (default: all but silesia): ${CORPUS_NAMES.join(', ')}
  --peer A,B        contenders (default: all that are found): ${PEERS.map(({ name }) => name).join(', ')}
  --peer 'N=CMD'    adds contender N, run by sh as CMD with {in} {file} {out} {level} {threads}; may be repeated
  --level A,B       compression levels (default 6)
  --rounds N        measured runs of each contender after one to warm up (default 5)
  --threads N       threads for those that take a number (default: all processors)
  --quiet           waits before each run until nothing else runs (a minute at most)
  --corpora DIR     where the corpora are kept and built (default: pzip-bench in the temporary folder)
  --silesia DIR     the files of the Silesia corpus, for --corpus silesia
  --out DIR         where results go (default: results beside the corpora)`;

/** Everything is told as a ratio to this one, which is on every machine and in everybody's hands. */
const YARDSTICK = { peer: 'zip', level: 6 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      corpus: { type: 'string' },
      peer: { type: 'string', multiple: true, default: [] },
      level: { type: 'string', default: '6' },
      rounds: { type: 'string', default: '5' },
      threads: { type: 'string', default: String(availableParallelism()) },
      quiet: { type: 'boolean', default: false },
      corpora: { type: 'string', default: join(tmpdir(), 'pzip-bench') },
      silesia: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);

  const root = resolve(values.corpora);
  const results = resolve(values.out ?? join(root, 'results'));
  const names = values.corpus?.split(',') ?? CORPUS_NAMES.filter((name) => name !== 'silesia' || values.silesia);
  const corpora = await prepareCorpora(names, root, values.silesia);
  mkdirSync(results, { recursive: true });

  const peers = choosePeers(values.peer);
  const report: Report = {
    machine: `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${values.threads} threads`,
    started: new Date().toISOString(),
    yardstick: YARDSTICK,
    versions: Object.fromEntries(peers.map((peer) => [peer.name, versionOf(peer) ?? ''])),
    corpora: [],
  };
  for (const corpus of corpora) {
    const contenders = chooseContenders(peers, corpus, values.level.split(',').map(Number));
    const conditions = { rounds: Number(values.rounds), threads: values.threads, quiet: values.quiet, root, results };
    const result = compete(contenders, corpus, conditions);
    report.corpora.push(result);
    writeFileSync(join(results, 'results.json'), `${JSON.stringify(report, null, 2)}\n`);
    writeFileSync(join(results, 'results.md'), renderMarkdown(report));
    writeFileSync(join(results, `${corpus.name}.svg`), renderScatter(result));
  }
  console.log(renderMarkdown(report));
  console.error(`results.json, results.md and the plots are in ${results}`);
}

/** Names choose among the known peers, `name=command` adds one; with no name, all that this machine has. */
function choosePeers(asked: string[]): Peer[] {
  const added = asked.filter((text) => text.includes('=')).map(parsePeer);
  const chosen = asked.filter((text) => !text.includes('=')).flatMap((text) => text.split(','));
  const unknown = chosen.find((name) => !PEERS.some((peer) => peer.name === name));
  if (unknown) throw new Error(`no peer '${unknown}': choose from ${PEERS.map(({ name }) => name).join(', ')}`);

  installLibraries();
  const peers = PEERS.filter(({ name }) => chosen.length === 0 || chosen.includes(name) || name === YARDSTICK.peer);
  const found = peers.filter((peer) => versionOf(peer) !== undefined);
  const missing = peers.filter((peer) => !found.includes(peer)).map(({ name }) => name);
  if (missing.length > 0) console.error(`not on this machine: ${missing.join(', ')}`);
  return [...found, ...added];
}

function parsePeer(text: string): Peer {
  const [name = '', ...command] = text.split('=');
  return { name, command: command.join('=') };
}

/** The peers that can pack this corpus, at each level; the yardstick among them whatever was asked for. */
function chooseContenders(peers: Peer[], corpus: Corpus, levels: number[]): { peer: Peer; level: number }[] {
  return peers
    .filter(({ singleFile }) => !singleFile || corpus.files === 1)
    .flatMap((peer) => {
      const own = peer.onlyLevel === undefined ? levels : [peer.onlyLevel];
      const withYardstick = peer.name === YARDSTICK.peer ? [...new Set([YARDSTICK.level, ...own])] : own;
      return withYardstick.map((level) => ({ peer, level }));
    });
}

interface Conditions {
  rounds: number;
  threads: string;
  quiet: boolean;
  root: string;
  results: string;
}

/** Warm-up and check first, then A B C, A B C, … */
function compete(chosen: { peer: Peer; level: number }[], corpus: Corpus, conditions: Conditions): CorpusResult {
  const { rounds, threads, quiet, root, results } = conditions;
  const out = join(results, 'bench-archive.zip');
  const contenders: Contender[] = [];
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { peer, level }] of chosen.entries()) {
      const command = fill(peer.command, {
        in: corpus.name,
        file: soleFile(corpus),
        out,
        level: String(level),
        threads,
      });
      if (quiet && round > 0) waitForQuiet();
      const run = runOnce(command, out, root);
      console.error(`${corpus.name} ${round}/${rounds} ${peer.name} -${level}: ${describe(run)}`);
      if (round === 0) {
        verifyArchive(out, corpus.bytes);
        contenders.push({ peer: peer.name, level, command, runs: [] });
      } else contenders[index]?.runs.push(run);
      rmSync(out);
    }
  }
  const { name, files, bytes } = corpus;
  return { name, files, bytes, contenders };
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
