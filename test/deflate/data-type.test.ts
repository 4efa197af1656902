import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DebugModule } from './debug-module.js';
import { createRandom } from './pieces.js';

const module = new DebugModule();
/** In the order of their numbers in data-type.ts. */
const TYPES = ['generic', 'text', 'prose', 'non-Latin text', 'UTF-16', '16-bit samples'];

function detect(bytes: Uint8Array): string | undefined {
  module
    .bytes('input', bytes.length + 16)
    .fill(0)
    .set(bytes);
  return TYPES[module.call('detectDataType', module.global('input'), bytes.length)];
}

const ENGLISH = 'in the beginning of the archive there was a dictionary and the window moved over the text; ';
const RUSSIAN = 'в начале архива был словарь, и окно двигалось по тексту; ';
const SOURCE = 'export const LIMIT = { "Max": 0x7F, [KEY_Q]: (a, b) => a?.B ?? (b | 5), Z: /[^\\w]+/gi }; // 1 << 9\n';

test('the type of data is detected from its bytes', () => {
  assert.equal(detect(Buffer.from(SOURCE.repeat(1000))), 'text');
  assert.equal(detect(Buffer.from(ENGLISH.repeat(1000))), 'prose');
  assert.equal(detect(Buffer.from(ENGLISH.repeat(100))), 'text', 'too short to be judged as prose');
  assert.equal(detect(Buffer.from(RUSSIAN.repeat(1000))), 'non-Latin text');
  for (const text of [ENGLISH, RUSSIAN, SOURCE]) {
    const littleEndian = Buffer.from(text.repeat(1000), 'utf16le');
    assert.equal(detect(littleEndian), 'UTF-16', text);
    assert.equal(detect(littleEndian.swap16()), 'UTF-16', `${text} (big-endian)`);
  }
});

test('16-bit images and audio are detected, and other binary data is generic', () => {
  const random = createRandom(12);
  const samples = new Uint8Array(60_000);
  for (let i = 0, value = 20_000; i + 1 < samples.length; i += 2) {
    value += random(300) - 150;
    samples[i] = value & 0xff;
    samples[i + 1] = value >> 8;
  }
  assert.equal(detect(samples), '16-bit samples');
  const noise = Uint8Array.from({ length: 60_000 }, () => random(256));
  assert.equal(detect(noise), 'generic');
  const records = Uint8Array.from({ length: 60_000 }, (_, i) => (i % 8 < 5 ? 0 : random(256)));
  assert.equal(detect(records), 'generic');
});

test('short data has a type as well', () => {
  for (const length of [1, 2, 3, 100, 511, 512, 1023, 1024]) {
    assert.equal(detect(Buffer.from('a'.repeat(length))), 'text', `${length} bytes of text`);
    assert.equal(detect(new Uint8Array(length)), 'generic', `${length} zeros`);
  }
});
