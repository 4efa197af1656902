import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { messageText, printable, quote } from '../../dist/common/text.js';
import { actingCommand } from '../helpers/ci-runners.js';

test('printable text stays as it is', () => {
  for (const text of [
    'plain.txt',
    'ünïcödé 日本語 🙂',
    'a b',
    'C#',
    'std::vector',
    'a#b#c',
    '-- x',
    'x --- y',
    '\\x1b',
  ]) {
    assert.equal(printable(text), text);
  }
});

test('control, format and invisible characters are escaped', () => {
  const hidden = [
    ...['\0', '\x07', '\x1b', '\x7f', '\x85', '\x9b', '\n', '\r', '\t'],
    ...['\u00ad', '\u034f', '\u061c', '\u115f', '\u1160', '\u17b4', '\u180b', '\u180e', '\u200b', '\u200c', '\u200d'],
    ...['\u200e', '\u200f', '\u2028', '\u2029', '\u202a', '\u202e', '\u2060', '\u2064', '\u2066', '\u2069', '\u206f'],
    ...['\u2800', '\u3164', '\ufe00', '\ufe0f', '\ufeff', '\uffa0', '\ufff9', '\ufffb', '\ud800', '\udfff'],
    ...['\u{e0001}', '\u{e0041}', '\u{e007f}', '\u{e0100}', '\u{1d173}'],
  ];
  for (const character of hidden) {
    const shown = printable(`a${character}b`);
    assert.match(shown, /^a\\[\w]+b$/, `U+${character.codePointAt(0)?.toString(16)}`);
    assert.equal(printable(shown), shown, 'what is printable stays so');
  }
});

test('bash takes an escaped name back', () => {
  for (const name of ['a\nb\tc\rd', 'x\x1b[0m\x7f', 'z\u200b\u202e\ufeff', '\u{e0041}', '##[x]', '::x::', '--- x']) {
    const text = execFileSync('bash', ['--norc', '-c', `printf %s $'${printable(name)}'`], {
      env: { LC_ALL: 'C.UTF-8' },
    });
    assert.equal(text.toString(), name);
  }
});

test('printable text cannot act on a CI system', () => {
  const commands = ['##[error]x', '##vso[task.setvariable]x', '##teamcity[x]', '::set-output name=a::b', '###[group]x'];
  const headings = ['--- group', '+++ group', '~~~ group', '^^^ +++'];
  const before = [
    '',
    ' ',
    '\t',
    '\u00a0',
    '\u3000',
    '\u2003 ',
    '\ufeff',
    '\u00ad',
    '#',
    '##',
    'x ',
    "'",
    'pzip: ',
    '\n',
    '\r\n',
  ];
  for (const command of [...commands, ...headings, '#\u200b#[error]x', '##\u00advso[x]x', ':\u200b:error::x']) {
    for (const start of before) {
      for (const make of [printable, quote, messageText]) {
        const shown = make(start + command);
        assert.equal(actingCommand(shown), undefined, JSON.stringify(start + command));
        assert.equal(make === quote ? printable(shown) : make(shown), shown);
      }
    }
  }
});

test('a long name is cut in the middle, its end in sight', () => {
  const shown = quote(`begin${'x'.repeat(65_000)}🙂end`);
  assert.ok(shown.length < 500, `${shown.length}`);
  assert.match(shown, /^'beginx+…\(\d+ more characters\)…x+🙂end'$/);
  for (let length = 0; length < 8; length++) {
    const cut = quote(`${'x'.repeat(length)}${'🙂'.repeat(600)}`);
    assert.ok(!/\p{Cs}/u.test(cut), cut);
  }
});
