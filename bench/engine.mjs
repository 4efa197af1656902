/**
 * Compares the WebAssembly engine with node:zlib at the same level: one thread, one process, interleaved.
 *
 *     npm run build && node bench/engine.mjs [--levels 1,6,9] [--rounds 5] [--max-length BYTES] [path...]
 *
 * Each path is a corpus: a file, in chunks of 1 MiB with the 32 KiB before them as dictionary, or a folder, whose files
 * are compressed separately. `--max-length 16384` takes only the small files of a folder. Without a path, the corpora are
 * node_modules and the node binary. Times are CPU times, the best of the rounds. Each output is inflated once and
 * compared with the input.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { createEngine } from '../dist/deflate/create-engine.js';
import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../dist/deflate/engine.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    levels: { type: 'string', default: '1,2,3,4,5,6,7,8,9' },
    rounds: { type: 'string', default: '5' },
    'max-length': { type: 'string', default: String(2 ** 40) },
  },
});
const levels = values.levels.split(',').map(Number);
const rounds = Number(values.rounds);
const maxLength = Number(values['max-length']);
const paths = positionals.length > 0 ? positionals : ['node_modules', process.execPath];

/** Both ways to compress a chunk. node:zlib is called as its users call it, not through our engine. */
const engine = createEngine('wasm');
const ways = {
  zlib: ({ bytes, dictionaryLength, isLast }, level) =>
    deflateRawSync(bytes.subarray(dictionaryLength), {
      level: Math.min(level, 9),
      finishFlush: isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
      ...(dictionaryLength > 0 && { dictionary: bytes.subarray(0, dictionaryLength) }),
    }),
  wasm: ({ bytes, dictionaryLength, isLast }, level) => {
    engine.input.set(bytes);
    return engine.deflate(dictionaryLength, bytes.length - dictionaryLength, isLast, level);
  },
};

console.log('| corpus | level | node:zlib MB/s | wasm MB/s | times as fast | size | ratio |');
console.log('|---|---|---|---|---|---|---|');
for (const path of paths) {
  const pieces = readPieces(path);
  const bytesIn = pieces.reduce((sum, piece) => sum + piece.bytes.length - piece.dictionaryLength, 0);
  for (const level of levels) {
    for (const piece of pieces) checkPiece(piece, level);
    const best = { zlib: Infinity, wasm: Infinity };
    const size = { zlib: 0, wasm: 0 };
    for (let round = 0; round < rounds; round++) {
      for (const [name, deflate] of Object.entries(ways)) {
        const start = process.cpuUsage();
        size[name] = pieces.reduce((sum, piece) => sum + deflate(piece, level).length, 0);
        const { user, system } = process.cpuUsage(start);
        best[name] = Math.min(best[name], user + system);
      }
    }
    const cells = [
      basename(path),
      level,
      (bytesIn / best.zlib).toFixed(0),
      (bytesIn / best.wasm).toFixed(0),
      (best.zlib / best.wasm).toFixed(2),
      `${(100 * (size.wasm / size.zlib - 1)).toFixed(2)} %`,
      (bytesIn / size.wasm).toFixed(3),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function readPieces(path) {
  const stat = statSync(path);
  if (stat.isFile()) return cut(readFileSync(path));
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name)))
    .filter((bytes) => bytes.length > 0 && bytes.length <= maxLength)
    .flatMap(cut);
}

function cut(bytes) {
  const pieces = [];
  for (let start = 0; start < bytes.length; start += MAX_PIECE_LENGTH) {
    const dictionaryLength = Math.min(start, MAX_DICTIONARY_LENGTH);
    const end = Math.min(start + MAX_PIECE_LENGTH, bytes.length);
    pieces.push({
      bytes: bytes.subarray(start - dictionaryLength, end),
      dictionaryLength,
      isLast: end === bytes.length,
    });
  }
  return pieces;
}

function checkPiece(piece, level) {
  const { bytes, dictionaryLength, isLast } = piece;
  const deflated = Buffer.from(ways.wasm(piece, level));
  const inflated = inflateRawSync(isLast ? deflated : Buffer.concat([deflated, Buffer.of(3, 0)]), {
    ...(dictionaryLength > 0 && { dictionary: bytes.subarray(0, dictionaryLength) }),
  });
  assert.ok(inflated.equals(bytes.subarray(dictionaryLength)));
}
