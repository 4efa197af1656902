import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { PzipError } from '../../dist/common/errors.js';
import { createEngine, isEngineAvailable } from '../../dist/deflate/create-engine.js';
import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH } from '../../dist/deflate/engine.js';
import { casesOf, isSlowSuite } from '../helpers/slow-suite.js';
import { readDynamicBlocks } from './code-lengths.js';
import { INPUTS, periodic } from './inputs.js';
import { createRandom, deflatePiece, freshEngine } from './pieces.js';
import { sweep } from './sweep.js';

const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const engine = createEngine('wasm');

test('the engine is available, and its input holds the longest dictionary and chunk', () => {
  assert.equal(isEngineAvailable('wasm'), true);
  assert.equal(engine.name, 'wasm');
  assert.equal(engine.input.length, MAX_DICTIONARY_LENGTH + MAX_PIECE_LENGTH);
});

test('CRC-32s equal those of node:zlib, at any start and around the length where folding begins', () => {
  const random = createRandom(3);
  for (let i = 0; i < engine.input.length; i++) engine.input[i] = random(256);
  const whole = engine.input.slice();
  const check = (start: number, length: number): void => {
    assert.equal(
      engine.crc32(start, length),
      crc32(whole.subarray(start, start + length)),
      `${length} bytes at ${start}`,
    );
  };
  for (let length = 12_000; length < 12_600; length++) check(length % 9, length);
  for (const length of [0, 1, 30_000, 65_535, 999_999, MAX_PIECE_LENGTH - 1, MAX_PIECE_LENGTH]) {
    for (const start of [0, 1, 32_767, MAX_DICTIONARY_LENGTH]) check(start, length);
  }
  assert.ok(Buffer.from(whole).equals(engine.input), 'the data is unchanged');
});

test('empty data gives the shortest possible stream', () => {
  for (const level of LEVELS) {
    assert.deepEqual([...engine.deflate(0, 0, true, level)], [3, 0]);
    assert.deepEqual([...engine.deflate(0, 0, false, level)], [0, 0, 0, 0xff, 0xff]);
  }
});

for (const [index, [name, makeInput]] of Object.entries(INPUTS).entries()) {
  test(`${name}: inflates to the same bytes at every level and length`, () => {
    const random = createRandom(1);
    for (const length of [1, 2, 3, 4, 5, 258, 259, 4095, 4096, 10_001, 32_769, 70_000]) {
      const bytes = makeInput(length, random);
      for (const level of casesOf(
        LEVELS,
        (level) => length < 30_000 || level % 3 === Math.floor(length / 10_000) % 3,
      )) {
        deflatePiece(engine, { bytes, dictionaryLength: 0, isLast: length % 2 === 0, level });
        const dictionaryLength = Math.min(length >> 1, MAX_DICTIONARY_LENGTH);
        deflatePiece(engine, { bytes, dictionaryLength, isLast: true, level });
      }
    }
    const bytes = makeInput(MAX_DICTIONARY_LENGTH + MAX_PIECE_LENGTH, random);
    for (const level of casesOf([1, 3, 6], (_, number) => number === index % 3)) {
      deflatePiece(engine, { bytes, dictionaryLength: MAX_DICTIONARY_LENGTH, isLast: false, level });
    }
  });
}

test('a match at the start of the dictionary is found, whatever the length of the dictionary', () => {
  const random = createRandom(2);
  const phrase = INPUTS.random?.(300, random) ?? new Uint8Array();
  for (const dictionaryLength of [300, 301, 1000, 32_767, 32_768]) {
    const bytes = new Uint8Array(dictionaryLength + 300);
    bytes.set(phrase, 0);
    bytes.set(INPUTS.text?.(dictionaryLength - 300, random) ?? [], 300);
    bytes.set(phrase, dictionaryLength);
    for (const level of LEVELS) {
      const deflated = deflatePiece(engine, { bytes, dictionaryLength, isLast: true, level });
      assert.ok(deflated.length < 30, `level ${level}: 300 bytes from the dictionary took ${deflated.length}`);
    }
  }
});

test('repeats of any period inside the window are compressed, and those of longer periods survive', () => {
  const random = createRandom(3);
  for (let period = 1; period <= 40_000; period += period < 300 ? 1 : 997) {
    const bytes = periodic(3 * period + 700, period, random);
    const deflated = deflatePiece(engine, { bytes, dictionaryLength: 0, isLast: true, level: 6 });
    if (period <= 32_000) {
      assert.ok(deflated.length < period * 2.2 + 200, `period ${period}: ${deflated.length} of ${bytes.length}`);
    }
  }
});

test('a sample of each sweep (periods, distances, lengths, dictionaries) inflates to the same bytes', () => {
  let count = 0;
  for (const { piece } of sweep(199)) {
    deflatePiece(engine, piece);
    count++;
  }
  assert.ok(count > 400, `${count} cases`);
});

/** The longest codeword, and the number of symbols used, in the blocks of one chunk: of literals and of distances. */
function codesOf(kind: string, length: number, level: number): Record<'longest' | 'used', [number, number]> {
  const bytes = INPUTS[kind]?.(length, createRandom(8)) ?? new Uint8Array();
  const blocks = readDynamicBlocks(deflatePiece(engine, { bytes, dictionaryLength: 0, isLast: true, level }));
  const most = (of: (lengths: readonly number[]) => number): [number, number] => [
    Math.max(...blocks.map(({ literalsAndLengths }) => of(literalsAndLengths))),
    Math.max(...blocks.map(({ distances }) => of(distances))),
  ];
  return {
    longest: most((lengths) => Math.max(...lengths)),
    used: most((lengths) => lengths.filter((length) => length > 0).length),
  };
}

test('the test inputs use all symbols and the longest codewords', () => {
  // Below level 5, matches have at least four bytes.
  for (const level of [5, 6, 9, 10]) assert.deepEqual(codesOf('allCodes', 200_000, level).used, [286, 30], `${level}`);
  for (const level of casesOf(LEVELS, (level) => level % 4 === 1)) {
    // The encoder limits them to 14 bits, see block-writer.ts.
    assert.equal(codesOf('fibonacci', 200_000, level).longest[0], 14, `literals at level ${level}`);
  }
  // Evenly used distances have five bits. Blocks are too short for the full 15.
  const [, longest] = codesOf('fibonacciDistances', MAX_PIECE_LENGTH, 6).longest;
  assert.ok(longest >= 12, `distances of ${longest} bits`);
});

test('zeros shrink to a thousandth, and random data grows by the headers of stored blocks only', () => {
  const zeros = { bytes: new Uint8Array(MAX_PIECE_LENGTH), dictionaryLength: 0, isLast: true };
  const random = { bytes: INPUTS.random?.(MAX_PIECE_LENGTH, createRandom(4)) ?? new Uint8Array(), dictionaryLength: 0 };
  for (const level of LEVELS) {
    assert.ok(deflatePiece(engine, { ...zeros, level }).length < 1040);
    assert.equal(deflatePiece(engine, { ...random, isLast: true, level }).length, MAX_PIECE_LENGTH + 5 * 17);
  }
});

test('levels 9 and 10 find sparse repeats in data that the other levels store unparsed', () => {
  // 30 bytes in each 3000 have occurred before. The probe looks at eight positions in 256, so it seldom sees them.
  const random = createRandom(13);
  const bytes = Uint8Array.from({ length: 300_000 }, () => random(256));
  for (let at = 30_000; at < bytes.length; at += 3000) bytes.copyWithin(at, at - 20_000, at - 19_970);
  const [at8 = 0, at9 = 0, at10 = 0] = [8, 9, 10].map(
    (level) => deflatePiece(engine, { bytes, dictionaryLength: 0, isLast: true, level }).length,
  );
  assert.ok(at9 < at8 - 500 && at10 < at8 - 500, `${at8} bytes at level 8, ${at9} at 9, ${at10} at 10`);
});

test('Cyrillic text in UTF-8 and UTF-16 is less than 1 % larger than with node:zlib at every level', () => {
  const path = new URL('../../node_modules/typescript/lib/ru/diagnosticMessages.generated.json', import.meta.url);
  const utf8 = readFileSync(path).subarray(0, MAX_PIECE_LENGTH);
  for (const [name, bytes] of Object.entries({ utf8, utf16: Buffer.from(utf8.toString(), 'utf16le') })) {
    for (const level of LEVELS.slice(0, 9)) {
      const size = deflatePiece(engine, { bytes, dictionaryLength: 0, isLast: true, level }).length;
      const zlibSize = deflateRawSync(bytes, { level }).length;
      assert.ok(size < zlibSize * 1.01, `${name}, level ${level}: ${size} bytes, by node:zlib ${zlibSize}`);
    }
  }
});

test('near-optimal parsing makes level 9 smaller than level 8', () => {
  const shares = {
    text: 0.99,
    records: 0.96,
    hex: 1.002,
    machineCode: 0.95,
    image16: 0.98,
    fewSymbols: 0.99,
    allCodes: 1,
  };
  for (const [kind, share] of Object.entries(shares)) {
    const bytes = INPUTS[kind]?.(300_000, createRandom(8)) ?? new Uint8Array();
    const atLevel = (level: number) => deflatePiece(engine, { bytes, dictionaryLength: 0, isLast: true, level }).length;
    const [lazy, path] = [atLevel(8), atLevel(9)];
    assert.ok(path <= lazy * share, `${kind}: ${path} bytes at level 9, ${lazy} at level 8`);
  }
});

test('repeats may start and end anywhere around the end of a segment at level 9', () => {
  // A repeat of 1290 bytes ends the segment of 10,000 bytes. Matches of the text before it may extend into it.
  const text = INPUTS.text?.(30_000, createRandom(9)) ?? new Uint8Array();
  for (const period of [1, 2, 7, 258, 300]) {
    for (const start of [9999, 10_000, 10_001, 10_000 - 258 - period, 9000, 12]) {
      const lengths = [258, 1289, 1290, 1291, 1548, 9000, 10_500];
      for (const length of casesOf(lengths, (_, index) => index % 2 === (period + start) % 2)) {
        const bytes = text.slice();
        for (let i = start; i < start + length + period; i++) bytes[i] = ((i - start) % period) & 0xff;
        deflatePiece(engine, { bytes, dictionaryLength: 0, isLast: true, level: 9 });
      }
    }
  }
});

test('a long repeat of any period ends a master block at level 10, and costs one block at most', () => {
  // From 16 KiB on, a repeat is not parsed. Matches before it may extend into it, matches behind it may refer to it.
  const text = INPUTS.text?.(60_000, createRandom(9)) ?? new Uint8Array();
  const sizeOf = (bytes: Uint8Array): number =>
    deflatePiece(engine, { bytes, dictionaryLength: 0, isLast: true, level: 10 }).length;
  const withoutRun = sizeOf(text);
  for (const period of [1, 2, 7, 8, 9, 258, 300, 512, 513]) {
    for (const start of [0, 1, 9999, 30_000, 60_000]) {
      const lengths = [16_000, 16_384 + 258 - 1, 16_384 + 2 * 258 + period, 40_000];
      for (const length of casesOf(lengths, (_, index) => index === (period + start) % 4)) {
        const run = Buffer.alloc(length);
        for (let i = 0; i < length; i++) run[i] = (i % period) + 100;
        const size = sizeOf(Buffer.concat([text.subarray(0, start), run, text.subarray(start)]));
        // A match of 258 bytes takes two bits, or four with the extra bits of its distance. The block has a header.
        const most = withoutRun + period + length / 258 + 600;
        assert.ok(size < most, `period ${period}, ${length} bytes at ${start}: ${size} bytes, ${withoutRun} without`);
      }
    }
  }
});

test('bytes after the chunk do not affect the output and stay unchanged', () => {
  const bytes = INPUTS.text?.(5000, createRandom(5)) ?? new Uint8Array();
  for (const level of LEVELS) {
    engine.input.fill(0x20);
    const deflated = deflatePiece(engine, { bytes, dictionaryLength: 0, isLast: true, level });
    assert.ok(engine.input.subarray(5000).every((byte) => byte === 0x20));
    engine.input.fill(bytes[10] ?? 0, 5000);
    assert.deepEqual(deflatePiece(engine, { bytes, dictionaryLength: 0, isLast: true, level }), deflated);
  }
});

test('a reused engine gives the bytes of a fresh one', () => {
  const kinds = Object.keys(INPUTS);
  const piece = fc.record({
    kind: fc.constantFrom(...kinds),
    length: fc.oneof(fc.nat(300), fc.nat(20_000), fc.nat(120_000)),
    dictionaryLength: fc.oneof(fc.constant(0), fc.nat(MAX_DICTIONARY_LENGTH)),
    isLast: fc.boolean(),
    level: fc.constantFrom(...LEVELS),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
      for (const { kind, length, dictionaryLength, isLast, level, seed } of pieces) {
        const bytes = INPUTS[kind]?.(length + dictionaryLength, createRandom(seed)) ?? new Uint8Array();
        const deflated = deflatePiece(engine, { bytes, dictionaryLength, isLast, level });
        assert.deepEqual(deflatePiece(freshEngine(), { bytes, dictionaryLength, isLast, level }), deflated);
      }
    }),
    { numRuns: isSlowSuite ? 60 : 15, seed: 20_260_101 },
  );
});

test('a unit that a match skips has no counts left over from an earlier chunk at level 10', () => {
  // Units are 1024 bytes. The text repeats itself from byte 900 to the end, so no sequence starts in the second unit.
  for (let seed = 1; seed <= (isSlowSuite ? 40 : 10); seed++) {
    const random = createRandom(seed);
    const text = Uint8Array.from({ length: 900 }, () => 97 + random(4 + (seed % 20)));
    const bytes = new Uint8Array(1025 + seed);
    bytes.set(text);
    bytes.set(text.subarray(0, bytes.length - 900), 900);
    const piece = { bytes, dictionaryLength: 0, isLast: true, level: 10 };
    const earlier = Uint8Array.from({ length: 9000 }, () => 32 + random(90));
    deflatePiece(engine, { ...piece, bytes: earlier });
    assert.deepEqual(deflatePiece(engine, piece), deflatePiece(freshEngine(), piece));
  }
});

test('after 2 GiB, when positions start again, the same chunk gives the same bytes', () => {
  const old = freshEngine();
  const bytes = INPUTS.text?.(20_000, createRandom(7)) ?? new Uint8Array();
  const pieces = [1, 6, 9, 10].map((level) => ({ bytes, dictionaryLength: 1000, isLast: true, level }));
  const expected = pieces.map((piece) => deflatePiece(old, piece));
  for (let mebibyte = 0; mebibyte < 2100; mebibyte++) {
    old.input.fill(0, 0, 20_000);
    old.deflate(0, MAX_PIECE_LENGTH, true, 1);
    if (mebibyte > 2030)
      for (const [i, piece] of pieces.entries()) assert.deepEqual(deflatePiece(old, piece), expected[i]);
  }
});

test('a trap in the module fails the chunk, and the engine recovers', () => {
  const victim = freshEngine();
  const bytes = INPUTS.text?.(20_000, createRandom(6)) ?? new Uint8Array();
  const piece = { bytes, dictionaryLength: 0, isLast: true, level: 6 };
  const expected = deflatePiece(victim, piece);
  const input = victim.input;
  // Positions beyond the memory, as a defect might leave them in the hash tables, which lie behind the output.
  new Uint8Array(input.buffer).fill(0x7f, input.byteOffset + input.length + 1.25 * MAX_PIECE_LENGTH);
  input.set(bytes);
  assert.throws(
    () => victim.deflate(0, bytes.length, true, 6),
    (error) =>
      error instanceof PzipError &&
      error.code === 'PZIP_COMPRESS_FAILED' &&
      /^The engine 'wasm' failed on 20000 bytes at level 6 \(memory access out of bounds\): /.test(error.message) &&
      error.cause instanceof Error &&
      error.cause.constructor.name === 'RuntimeError',
  );
  assert.equal(victim.input, input);
  assert.deepEqual(deflatePiece(victim, piece), expected);
});
