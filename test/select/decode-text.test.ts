import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeText } from '../../dist/select/decode-text.js';

const TEXT = 'node_modules/\r\ncafé\n😀\n';

function utf16(text: string, isBigEndian: boolean): Buffer {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return isBigEndian ? bytes.swap16() : bytes;
}

test('text is decoded as its byte order mark says, and the mark is not part of it', () => {
  assert.equal(decodeText(Buffer.from(TEXT)), TEXT);
  assert.equal(decodeText(Buffer.from(`\uFEFF${TEXT}`)), TEXT);
  assert.equal(decodeText(utf16(TEXT, false)), TEXT);
  assert.equal(decodeText(utf16(TEXT, true)), TEXT);
});

test('text without a mark, empty text and malformed bytes are decoded without an error', () => {
  assert.equal(decodeText(new Uint8Array()), '');
  assert.equal(decodeText(Uint8Array.of(0x61, 0xff, 0x62)), 'a\uFFFDb');
  assert.equal(decodeText(Uint8Array.of(0xff, 0xfe)), '');
  assert.equal(decodeText(Uint8Array.of(0xff, 0xfe, 0x61, 0x00, 0x62)), 'a\uFFFD');
  assert.equal(decodeText(Uint8Array.of(0xfe, 0xff, 0x00, 0x61, 0x62)), 'a\uFFFD');
});

test('only the first mark is taken away', () => {
  assert.equal(decodeText(Buffer.from('\uFEFF\uFEFFa')), '\uFEFFa');
});
