import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ZipArchive } from '../../dist/index.js';
import { checkComment, checkEntryName, isAscii } from '../../dist/zip/names.js';
import { CollectingSink } from '../helpers/failing-sinks.js';
import { assertCleanAnatomy } from '../helpers/zip-anatomy.js';

for (const name of [
  'a',
  'a/b/c.txt',
  '.gitignore',
  '..a',
  'a..',
  '...',
  'a/.../b',
  '.a/..b',
  ' ',
  'a b',
  'with\nnewline',
  '*?<>|"',
  'ab:c',
  '1:',
  'é',
  '\u65e5\u672c\u8a9e/\u{1f600}',
  'e\u0301', // not normalised to é
  '-rf',
  '~',
]) {
  test(`${JSON.stringify(name)} is a sound name, for a file and for a directory`, () => {
    assert.equal(checkEntryName(name), undefined);
    assert.equal(checkEntryName(`${name}/`, true), undefined);
  });
}

for (const [name, rule] of [
  ['', /^is empty$/],
  ['/a', /^begins with '\/'/],
  ['//server/share', /^begins with '\/'/],
  ['C:/a', /^begins with a drive letter/],
  ['c:a', /^begins with a drive letter/],
  ['z:', /^begins with a drive letter/],
  ['a\\b', /^contains a backslash/],
  ['\\\\server\\share', /^contains a backslash/],
  ['a\0b', /^contains a NUL/],
  ['..', /^contains the part '\.\.'$/],
  ['../a', /^contains the part '\.\.'$/],
  ['a/..', /^contains the part '\.\.'$/],
  ['a/../b', /^contains the part '\.\.'$/],
  ['.', /^contains the part '\.'$/],
  ['./a', /^contains the part '\.'$/],
  ['a/.', /^contains the part '\.'$/],
  ['a/./b', /^contains the part '\.'$/],
  ['a//b', /^contains an empty part/],
  ['a\ud800', /^is not well-formed Unicode/],
  ['\udc00\ud800', /^is not well-formed Unicode/],
] as const) {
  test(`${JSON.stringify(name)} ${inWords(rule)}`, () => {
    assert.match(checkEntryName(name) ?? '', rule);
    if (name !== '') assert.match(checkEntryName(`${name}/`, true) ?? '', rule);
  });
}

test('only the name of a directory ends in a slash', () => {
  assert.match(checkEntryName('a/') ?? '', /^ends in '\/'/);
  assert.match(checkEntryName('a', true) ?? '', /^does not end in '\/'/);
  assert.match(checkEntryName('/', true) ?? '', /^begins with '\/'/);
  assert.match(checkEntryName('a//', true) ?? '', /^contains an empty part/);
});

test('name, extra fields, comment and header stay within 65,535 bytes', () => {
  const longest = 65_535 - 46 - (4 + 24) - (4 + 5);
  assert.equal(checkEntryName('x'.repeat(longest)), undefined);
  assert.match(checkEntryName('x'.repeat(longest + 1)) ?? '', /^is 65453 bytes long; 65452 is the most$/);
});

test("an entry's comment has the room that its name leaves", () => {
  const left = 65_452 - 100;
  assert.equal(checkComment('c'.repeat(left), 'entry', 100), undefined);
  const broken = checkComment('c'.repeat(left + 1), 'entry', 100) ?? '';
  assert.match(broken, /^is 65353 bytes long; 65352 is the most beside a name of 100$/);
});

test('the length of a name is that of its bytes', () => {
  const longest = 65_452;
  assert.equal(checkEntryName('é'.repeat(longest / 2)), undefined);
  assert.match(checkEntryName(`${'é'.repeat(longest / 2)}x`) ?? '', /^is 65453 bytes long/);
});

test('a valid name stays inside the directory of extraction, on Unix and on Windows', () => {
  const part = fc.oneof(fc.constantFrom('.', '..', '', 'C:', 'a', '\\', '\0', '\u00e9', '...'), fc.string());
  const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
  let sound = 0;
  fc.assert(
    fc.property(name, (name) => {
      if (checkEntryName(name, name.endsWith('/')) !== undefined) return;
      sound++;
      assert.ok(posix.resolve('/out', name).startsWith('/out/'), name);
      assert.ok(win32.resolve('D:\\out', name).startsWith('D:\\out\\'), name);
      assert.equal(Buffer.from(name).toString(), name);
    }),
    { numRuns: 5000 },
  );
  assert.ok(sound > 100, `only ${sound} of the names were sound`);
});

test('a name becomes UTF-8 as it is, without normalisation', async () => {
  const sink = new CollectingSink();
  const archive = new ZipArchive(sink);
  for (const name of ['é', 'e\u0301', '\u{1f600}']) archive.addBuffer(name, '');
  await archive.close();
  const names = assertCleanAnatomy(sink.bytes).entries.map(({ name }) => name);
  assert.deepEqual(names, ['\u00e9', 'e\u0301', '\u{1f600}']);
});

test('ASCII ends at 0x7f', () => {
  assert.equal(isAscii(Uint8Array.of()), true);
  assert.equal(isAscii(Uint8Array.of(0, 0x7f)), true);
  assert.equal(isAscii(Uint8Array.of(0x41, 0x80)), false);
});

const TOO_LONG = /^is 65536 bytes long; 65535 is the most$/;
const SIGNATURE = /^contains the signature of an end record/;

for (const [what, comment, archiveRule, entryRule] of [
  ['none', '', undefined, undefined],
  ['ASCII', 'built by CI\r\n', undefined, undefined],
  ['65,452 bytes', 'x'.repeat(65_452), undefined, undefined],
  ['65,535 bytes', 'x'.repeat(65_535), undefined, /^is 65535 bytes long; 65452 is the most$/],
  ['65,536 bytes', 'x'.repeat(65_536), TOO_LONG, /^is 65536 bytes long; 65452 is the most$/],
  ['65,536 bytes in fewer characters', 'é'.repeat(32_768), TOO_LONG, /^is 65536 bytes long; 65452 is the most$/],
  ['beyond ASCII', 'é', /^is not ASCII/, undefined],
  ['a lone surrogate', '\ud800', /^is not ASCII/, /^is not well-formed Unicode/],
  ["an end record's signature", 'see PK\x05\x06 here', SIGNATURE, undefined],
  ["most of an end record's signature", 'PK\x05\x07', undefined, undefined],
  [
    'the second half of a signature whose first half is its length',
    `\x05\x06${'x'.repeat(0x4b50 - 2)}`,
    SIGNATURE,
    undefined,
  ],
  ['the same, a byte longer', `\x05\x06${'x'.repeat(0x4b50 - 1)}`, undefined, undefined],
] as const) {
  for (const [of, rule] of [
    ['archive', archiveRule],
    ['entry', entryRule],
  ] as const) {
    test(`comment of an ${of}, ${what}: ${rule === undefined ? 'is sound' : inWords(rule)}`, () => {
      const broken = checkComment(comment, of);
      if (rule === undefined) assert.equal(broken, undefined);
      else assert.match(broken ?? '', rule);
    });
  }
}

/** The rule as it stands in a title. */
function inWords(rule: RegExp): string {
  return rule.source.replaceAll(/[\^$\\]/g, '');
}
