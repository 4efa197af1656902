/**
 * The ZIP builders to compare, each as the command line it is run with. `{in}` is the folder to pack, `{file}` its only
 * file, `{out}` the archive, `{level}` and `{threads}` what they say.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Peer {
  name: string;
  /** Run by `sh -c` in the folder that holds the corpora. */
  command: string;
  /** Prints the version; a peer for which it fails is not on this machine. */
  version?: string;
  /** The one level it can do, where it has no choice. */
  onlyLevel?: number;
  /** @default 9 */
  highestLevel?: number;
  /** Packs one file, not a folder. */
  singleFile?: boolean;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BENCH = `${ROOT}bench`;

export const PEERS: Peer[] = [
  {
    name: 'pzip',
    command: `node ${ROOT}bin/pzip.js -q --level {level} --threads {threads} {out} {in}`,
    version: `node ${ROOT}bin/pzip.js --version`,
    highestLevel: 10,
  },
  { name: 'zip', command: 'zip -r -q -{level} {out} {in}', version: 'zip -v | sed -n 2p' },
  {
    name: '7zz',
    command: '7zz a -tzip -mx={level} -mmt={threads} -bso0 -bsp0 {out} {in}',
    version: '7zz | sed -n 2p',
  },
  {
    name: 'bsdtar',
    command: 'bsdtar --format zip --options zip:compression-level={level} -cf {out} {in}',
    version: 'bsdtar --version',
  },
  {
    name: 'pigz',
    command: 'pigz -K -{level} -p {threads} -c {file} > {out}',
    version: 'pigz --version',
    singleFile: true,
  },
  { name: 'jar', command: 'jar --create --no-manifest --file {out} {in}', version: 'jar --version', onlyLevel: 6 },
  { name: 'python', command: `python3 ${BENCH}/peers/zipfile.py {level} {out} {in}`, version: 'python3 --version' },
  script('yazl'),
  script('archiver'),
  script('zip.js', '@zip.js/zip.js'),
  script('fflate'),
  { ...script('adm-zip'), onlyLevel: 6 },
  script('jszip'),
];

/** A library of bench/package.json, behind the few lines that pack a folder with it. */
function script(name: string, library = name): Peer {
  const manifest = `${BENCH}/node_modules/${library}/package.json`;
  return {
    name,
    command: `node ${BENCH}/peers/${name}.mjs {level} {out} {in}`,
    version: `sed -n 's/^ *"version": "\\(.*\\)".*/\\1/p' ${manifest}`,
  };
}

/** Installs the libraries that the scripts of `peers/` need, once. */
export function installLibraries(): void {
  if (existsSync(`${BENCH}/node_modules`)) return;
  console.error('installing the JavaScript peers …');
  const { status } = spawnSync('npm', ['ci', '--prefix', BENCH, '--ignore-scripts', '--no-audit', '--no-fund'], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error(`npm ci in ${BENCH} ended with ${status}`);
}

/**
 * The version line of a peer, or undefined where it is not on this machine. A peer given on the command line has no
 * way to ask: it is taken to be there.
 */
export function versionOf(peer: Peer): string | undefined {
  if (!peer.version) return '';
  const { status, stdout } = spawnSync('sh', ['-c', peer.version], { encoding: 'utf8' });
  const line = stdout.trim().split('\n')[0]?.trim() ?? '';
  return status === 0 && line !== '' ? line : undefined;
}
