/**
 * Archives that each break one rule of the format, and exactly what a check has to find in them: the rule, the entry and the
 * offset. Where one fault makes others, all are listed, in the order in which they come.
 */
import { crc32 } from 'node:zlib';
import {
  archive,
  deflated,
  extraField,
  MAX32,
  numbers,
  type Part,
  type Sums,
  signed,
  TEXT,
  wide,
  zip64Field,
} from './zip-parts.js';

export interface BrokenArchive {
  /** The rule, and which case of it. */
  readonly name: string;
  readonly bytes: Buffer;
  /** `rule entry@offset`; without an entry for the whole archive. */
  readonly findings: readonly string[];
}

const a: Part = { name: 'a.txt' };
const b: Part = { name: 'b.txt', method: 0 };
const folder: Part = { name: 'd/', method: 0, data: Buffer.alloc(0) };
const link: Part = { name: 'link', method: 0, data: Buffer.from('a.txt'), mode: 0o120777 };
const streamed: Part = { name: 's.txt', descriptor: signed };
const streamed64: Part = {
  ...streamed,
  version: 45,
  descriptor: wide,
  local: { csize: MAX32, usize: MAX32, extra: zip64Field(0, 0) },
};
const unsigned = (sums: Sums): Buffer => signed(sums).subarray(4);
const DATA = deflated(TEXT);
const sound = archive([a, b, folder, link, streamed, { ...streamed64, name: 's64.txt' }]);

export const BROKEN_ARCHIVES: readonly BrokenArchive[] = [
  {
    name: 'end-missing: text',
    bytes: Buffer.from('This is no archive, and it is longer than an end record.'),
    findings: ['end-missing @56'],
  },
  { name: 'end-missing: nothing at all', bytes: Buffer.alloc(0), findings: ['end-missing @0'] },
  { name: 'end-missing: no end record', bytes: archive([a]).subarray(0, -22), findings: ['end-missing @263'] },
  { name: 'end-missing: cut off in the data', bytes: sound.subarray(0, 100), findings: ['end-missing @100'] },
  {
    name: 'end-missing: cut off behind a stored archive',
    bytes: archive([{ name: 'inner.zip', method: 0, data: sound }, a]).subarray(0, -130),
    findings: ['end-missing @1154'],
  },
  {
    name: 'end-ambiguous: an archive as the comment',
    bytes: archive([a], { comment: archive([b]) }),
    findings: ['end-ambiguous @263'],
  },
  {
    name: 'end-record: cut off in the comment',
    bytes: archive([a], { comment: Buffer.from('comment') }).subarray(0, -3),
    findings: ['end-record @263'],
  },
  {
    name: 'end-record: offset of the directory beyond it',
    bytes: archive([a], { offsetOff: 1000 }),
    findings: ['end-record @1212'],
  },
  {
    name: 'end-record: size of the directory too large',
    bytes: archive([a], { sizeOff: 500 }),
    findings: ['end-record @212'],
  },
  {
    name: 'zip64-end: locator that leads nowhere',
    bytes: archive([a], { beforeEnd: Buffer.alloc(9), zip64: { locatorOff: -5, recordOff: 7 } }),
    findings: ['zip64-end @272'],
  },
  {
    name: 'zip64-end: another count than the end record',
    bytes: archive([a], { zip64: { isMasked: false, count: 2 } }),
    findings: ['zip64-end @263'],
  },
  {
    name: 'zip64-end: record that reaches beyond its locator',
    bytes: archive([a], { zip64: { recordOff: 9 } }),
    findings: ['zip64-end @263'],
  },
  {
    name: 'zip64-end-version: 6.2',
    bytes: archive([a], { zip64: { version: 62 } }),
    findings: ['zip64-end-version @263'],
  },
  {
    name: 'zip64-end-missing: 65,535 entries',
    bytes: archive(Array.from({ length: 0xffff }, (_, index) => ({ ...b, name: `${index}` }))),
    findings: ['zip64-end-missing @6072535'],
  },
  { name: 'split: disk number in the end record', bytes: archive([a], { disk: 3 }), findings: ['split @263'] },
  { name: 'split: disk number of an entry', bytes: archive([b, { ...a, disk: 2 }]), findings: ['split a.txt@305'] },
  {
    name: 'split: number of disks in the zip64 locator',
    bytes: archive([a], { zip64: { disks: 4 } }),
    findings: ['split @319'],
  },
  { name: 'entry-count: one too few', bytes: archive([a, b], { count: 1 }), findings: ['entry-count @356'] },
  { name: 'entry-count: one too many', bytes: archive([a], { count: 2 }), findings: ['entry-count @263'] },
  { name: 'entry-count: 65,535 for one', bytes: archive([a], { count: 0xffff }), findings: ['entry-count @263'] },
  {
    name: 'entry-count: one here and two in all',
    bytes: archive([a, b], { countHere: 1 }),
    findings: ['entry-count @356'],
  },
  {
    name: 'directory-header: bytes in the directory that are no header',
    bytes: archive([a], { inDirectory: Buffer.from('????') }),
    findings: ['directory-header @263'],
  },
  {
    name: 'directory-header: size that cuts the last header off',
    bytes: archive([a, b], { sizeOff: -1 }),
    findings: ['gap @355', 'directory-header @305'],
  },
  {
    name: 'comment-signature: in the middle',
    bytes: archive([a], { comment: Buffer.from('a PK\x05\x06 and more of it than an end record has') }),
    findings: ['comment-signature @287'],
  },
  {
    name: 'comment-encoding: UTF-8',
    bytes: archive([a], { comment: Buffer.from('ä') }),
    findings: ['comment-encoding @285'],
  },
  {
    name: 'prefix: offsets count it',
    bytes: archive([{ ...a, before: Buffer.from('#!/bin/sh\n') }]),
    findings: ['prefix @0'],
  },
  {
    name: 'prefix-unadjusted: offsets do not count it',
    bytes: Buffer.concat([Buffer.from('#!/bin/sh\n'), sound]),
    findings: ['prefix-unadjusted @0'],
  },
  { name: 'trailing: one byte', bytes: archive([a], { after: Buffer.from('?') }), findings: ['trailing @285'] },
  {
    name: 'gap: between entries',
    bytes: archive([a, { ...b, before: Buffer.from('??') }]),
    findings: ['gap a.txt@212'],
  },
  {
    name: 'gap: before the directory',
    bytes: archive([a], { beforeDirectory: Buffer.from('????') }),
    findings: ['gap a.txt@212'],
  },
  {
    name: 'gap: before the end record',
    bytes: archive([a], { beforeEnd: Buffer.from('????') }),
    findings: ['gap @263'],
  },
  {
    name: 'gap: an entry that the directory does not list',
    bytes: archive([a, { ...b, isUnlisted: true }, folder]),
    findings: ['gap a.txt@212'],
  },
  {
    name: 'gap: a descriptor without its flag',
    bytes: archive([{ ...streamed, flags: 0, local: { crc: crc32(TEXT), csize: DATA.length, usize: TEXT.length } }]),
    findings: ['gap s.txt@212'],
  },
  {
    name: 'overlap: two entries of one local header',
    bytes: archive([a, { ...a, name: 'b.txt', local: { name: 'a.txt' }, offset: 0, isListedOnly: true }]),
    findings: ['order @212', 'overlap a.txt@0', 'overlap b.txt@0'],
  },
  {
    name: 'overlap: data that reaches into the next entry',
    bytes: archive([{ ...b, csize: 30, usize: 30 }, a]),
    findings: ['overlap b.txt@0'],
  },
  {
    name: 'overlap: data that reaches into the directory',
    bytes: archive([a, { ...b, csize: 5000, usize: 5000 }]),
    findings: ['overlap b.txt@212'],
  },
  {
    name: 'overlap: an entry inside of another',
    bytes: archive([
      { name: 'outer', method: 0, data: archive([b]).subarray(0, 42) },
      { ...b, offset: 35, isListedOnly: true },
    ]),
    findings: ['overlap outer@0'],
  },
  { name: 'order: reversed', bytes: archive([a, b], { isReversed: true }), findings: ['order @254'] },
  {
    name: 'zip64-missing: in the directory',
    bytes: archive([b, { ...a, central: { usize: MAX32 } }]),
    findings: ['zip64-missing a.txt@305'],
  },
  {
    name: 'zip64-missing: in the local header',
    bytes: archive([{ ...a, local: { csize: MAX32, usize: MAX32 } }]),
    findings: ['zip64-missing a.txt@0'],
  },
  {
    name: 'zip64-field: of values that are not masked',
    bytes: archive([{ ...a, central: { extra: zip64Field(TEXT.length, DATA.length, 0) } }]),
    findings: ['zip64-field a.txt@212'],
  },
  {
    name: 'zip64-field: with a disk number that is not masked',
    bytes: archive([
      {
        ...a,
        central: {
          csize: MAX32,
          usize: MAX32,
          extra: extraField(1, numbers([8, TEXT.length], [8, DATA.length], [8, 0], [4, 0])),
        },
        offset: MAX32,
      },
    ]),
    findings: ['zip64-field a.txt@212'],
  },
  {
    name: 'zip64-field: empty',
    bytes: archive([{ ...a, central: { extra: zip64Field() } }]),
    findings: ['zip64-field a.txt@212'],
  },
  {
    name: 'zip64-offset-only: offset alone',
    bytes: archive([{ ...a, central: { extra: zip64Field(0) }, offset: MAX32 }]),
    findings: ['zip64-offset-only a.txt@212'],
  },
  {
    name: 'zip64-local: one size',
    bytes: archive([{ ...streamed64, local: { csize: 0, usize: MAX32, extra: zip64Field(0) } }]),
    findings: ['zip64-local s.txt@0'],
  },
  {
    name: 'zip64-local: offset as well',
    bytes: archive([
      { ...a, version: 45, local: { csize: MAX32, usize: MAX32, extra: zip64Field(TEXT.length, DATA.length, 0) } },
    ]),
    findings: ['zip64-local a.txt@0'],
  },
  {
    name: 'extra-field: stray bytes in the directory',
    bytes: archive([{ ...a, central: { extra: Buffer.alloc(3) } }]),
    findings: ['extra-field a.txt@212'],
  },
  {
    name: 'extra-field: stray bytes in the local header',
    bytes: archive([{ ...a, local: { extra: Buffer.alloc(3) } }]),
    findings: ['extra-field a.txt@0'],
  },
  {
    name: 'extra-field: longer than its room',
    bytes: archive([{ ...a, central: { extra: numbers([2, 0x5455], [2, 50], [4, 0]) } }]),
    findings: ['extra-field a.txt@212'],
  },
  {
    name: 'version-needed: 4.5 without need',
    bytes: archive([{ ...a, version: 45 }]),
    findings: ['version-needed a.txt@0'],
  },
  { name: 'version-needed: 6.3', bytes: archive([{ ...b, version: 63 }]), findings: ['version-needed b.txt@0'] },
  { name: 'version-needed: 25.5', bytes: archive([{ ...a, version: 0xff }]), findings: ['version-needed a.txt@0'] },
  { name: 'mode-missing: no mode', bytes: archive([{ ...b, mode: 0 }]), findings: ['mode-missing b.txt@42'] },
  {
    name: 'flags-differ: descriptor in the local header only',
    bytes: archive([{ ...a, local: { flags: 8 } }]),
    findings: ['flags-differ a.txt@0', 'descriptor-missing a.txt@212'],
  },
  {
    name: 'flags-differ: descriptor in the directory only',
    bytes: archive([{ ...streamed, local: { flags: 0 } }]),
    findings: ['flags-differ s.txt@0', 'sums-differ s.txt@0', 'sums-differ s.txt@0', 'sums-differ s.txt@0'],
  },
  {
    name: 'flags-differ: UTF-8 in the directory only',
    bytes: archive([{ ...b, name: 'ä', local: { flags: 0 } }]),
    findings: ['flags-differ ä@0'],
  },
  {
    name: 'flags-differ: UTF-8 in the local header only',
    bytes: archive([{ ...b, name: 'ä', central: { flags: 0 } }]),
    findings: ['utf8-flag ä@39', 'flags-differ ä@0'],
  },
  {
    name: 'flags-differ: encryption in the local header only',
    bytes: archive([{ ...a, local: { flags: 1 } }]),
    findings: ['flags-differ a.txt@0'],
  },
  {
    name: 'name-differs: other case',
    bytes: archive([{ ...a, local: { name: 'A.txt' } }]),
    findings: ['name-differs a.txt@0'],
  },
  {
    name: 'method-differs: stored locally',
    bytes: archive([{ ...a, local: { method: 0 } }]),
    findings: ['method-differs a.txt@0'],
  },
  { name: 'sums-differ: CRC-32', bytes: archive([{ ...a, local: { crc: 1 } }]), findings: ['sums-differ a.txt@0'] },
  {
    name: 'sums-differ: length of the content',
    bytes: archive([{ ...a, local: { usize: 1 } }]),
    findings: ['sums-differ a.txt@0'],
  },
  {
    name: 'sums-differ: size in a zip64 field',
    bytes: archive([{ ...a, version: 45, local: { csize: MAX32, usize: MAX32, extra: zip64Field(TEXT.length, 9) } }]),
    findings: ['sums-differ a.txt@0'],
  },
  {
    name: 'sums-differ: before a descriptor',
    bytes: archive([{ ...streamed, local: { usize: 1 } }]),
    findings: ['sums-differ s.txt@0'],
  },
  {
    name: 'local-missing: other bytes',
    bytes: archive([{ ...a, offset: 1 }]),
    findings: ['gap @0', 'local-missing a.txt@1'],
  },
  {
    name: 'local-missing: in the directory',
    bytes: archive([{ ...a, offset: 100 }, b]),
    findings: ['gap @0', 'local-missing a.txt@100'],
  },
  {
    name: 'local-missing: far beyond the end',
    bytes: archive([{ ...a, offset: 0xfffffff0 }]),
    findings: ['gap @0', 'local-missing a.txt@212'],
  },
  { name: 'encrypted: traditional', bytes: archive([{ ...a, flags: 1 }]), findings: ['encrypted a.txt@212'] },
  { name: 'encrypted: strong', bytes: archive([{ ...a, flags: 1 << 6 }]), findings: ['encrypted a.txt@212'] },
  {
    name: 'method: deflate64',
    bytes: archive([{ ...a, method: 9, compressed: DATA, data: TEXT, version: 21 }]),
    findings: ['method a.txt@212'],
  },
  {
    name: 'method: LZMA',
    bytes: archive([{ ...a, method: 14, data: TEXT, version: 63 }]),
    findings: ['method a.txt@207'],
  },
  { name: 'name-empty: no name', bytes: archive([{ ...a, name: '' }]), findings: ['name-empty @207'] },
  { name: 'name-nul: in the middle', bytes: archive([{ ...a, name: 'a\0.txt' }]), findings: ['name-nul a\0.txt@213'] },
  { name: 'name-absolute: slash', bytes: archive([{ ...a, name: '/etc/a' }]), findings: ['name-absolute /etc/a@213'] },
  { name: 'name-absolute: drive', bytes: archive([{ ...a, name: 'C:a' }]), findings: ['name-absolute C:a@210'] },
  {
    name: 'name-absolute: UNC',
    bytes: archive([{ ...a, name: '\\\\host\\a' }]),
    findings: ['name-absolute \\\\host\\a@215', 'name-backslash \\\\host\\a@215', 'name-dot \\\\host\\a@215'],
  },
  { name: 'name-escapes: at the start', bytes: archive([{ ...a, name: '../a' }]), findings: ['name-escapes ../a@211'] },
  {
    name: 'name-escapes: in the middle',
    bytes: archive([{ ...a, name: 'd/../../a' }]),
    findings: ['name-escapes d/../../a@216'],
  },
  {
    name: 'name-escapes: by backslashes',
    bytes: archive([{ ...a, name: '..\\a' }]),
    findings: ['name-escapes ..\\a@211', 'name-backslash ..\\a@211'],
  },
  {
    name: 'name-backslash: as a separator',
    bytes: archive([{ ...a, name: 'd\\a' }]),
    findings: ['name-backslash d\\a@210'],
  },
  { name: 'name-dot: at the start', bytes: archive([{ ...a, name: './a' }]), findings: ['name-dot ./a@210'] },
  { name: 'name-dot: empty component', bytes: archive([{ ...a, name: 'd//a' }]), findings: ['name-dot d//a@211'] },
  {
    name: 'name-encoding: Latin-1 marked as UTF-8',
    bytes: archive([{ ...a, name: Buffer.from([0xe4]) }]),
    findings: ['name-encoding �@208'],
  },
  {
    name: 'utf8-flag: UTF-8 without it',
    bytes: archive([{ ...a, name: 'ä', flags: 0 }]),
    findings: ['utf8-flag ä@209'],
  },
  {
    name: 'utf8-flag: comment of an entry',
    bytes: archive([{ ...a, comment: Buffer.from('ä') }]),
    findings: ['utf8-flag a.txt@212'],
  },
  {
    name: 'name-length: with the comment',
    bytes: archive([{ ...a, comment: Buffer.alloc(65_500, 'c') }]),
    findings: ['name-length a.txt@212'],
  },
  {
    name: 'name-duplicate: two files',
    bytes: archive([a, { ...b, name: 'a.txt' }]),
    findings: ['name-duplicate a.txt@305'],
  },
  { name: 'name-duplicate: two directories', bytes: archive([folder, folder]), findings: ['name-duplicate d/@112'] },
  {
    name: 'name-duplicate: CP437 and UTF-8',
    bytes: archive([
      { ...b, name: 'ä' },
      { ...b, name: Buffer.from([0x84]), flags: 0, madeBy: 20, mode: 0 },
    ]),
    findings: ['utf8-flag ä@125', 'name-duplicate ä@125'],
  },
  {
    name: 'name-conflict: a file, then a directory',
    bytes: archive([{ ...b, name: 'd' }, folder]),
    findings: ['name-conflict d/@117'],
  },
  {
    name: 'name-conflict: something below a file',
    bytes: archive([a, { ...b, name: 'a.txt/b' }]),
    findings: ['name-conflict a.txt/b@307'],
  },
  {
    name: 'name-conflict: a file where something lies in',
    bytes: archive([
      { ...b, name: 'd/x/y' },
      { ...b, name: 'd/x' },
    ]),
    findings: ['name-conflict d/x@133'],
  },
  {
    name: 'name-clash: case',
    bytes: archive([
      { ...b, name: 'README' },
      { ...b, name: 'readme' },
    ]),
    findings: ['name-clash readme@138'],
  },
  {
    name: 'name-clash: normalisation',
    bytes: archive([
      { ...b, name: '\u00e4' },
      { ...b, name: 'a\u0308' },
    ]),
    findings: ['name-clash ä@127'],
  },
  {
    name: 'name-clash: case of a directory',
    bytes: archive([
      { ...b, name: 'D/a' },
      { ...b, name: 'd/b' },
    ]),
    findings: ['name-clash d/b@129'],
  },
  {
    name: 'link-clash: a link and a directory by case',
    bytes: archive([
      { ...link, name: 'D' },
      { ...b, name: 'd/b' },
    ]),
    findings: ['link-clash d/b@123'],
  },
  {
    name: 'link-through: below a link',
    bytes: archive([link, { ...b, name: 'link/b' }]),
    findings: ['link-through link/b@132'],
  },
  {
    name: 'link-through: a link in place of a directory',
    bytes: archive([folder, { ...b, name: 'd/b' }, { ...link, name: 'd' }]),
    findings: ['link-through d@205'],
  },
  {
    name: 'link-outside: absolute',
    bytes: archive([{ ...link, data: Buffer.from('/etc/passwd') }]),
    findings: ['link-outside link@0'],
  },
  {
    name: 'link-outside: climbing',
    bytes: archive([{ ...link, name: 'd/link', data: Buffer.from('../../a') }]),
    findings: ['link-outside d/link@0'],
  },
  {
    name: 'link-outside: climbing, deflated',
    bytes: archive([{ ...link, method: 8, data: Buffer.from('../'.repeat(40)) }]),
    findings: ['link-outside link@0'],
  },
  {
    name: 'link-target: empty',
    bytes: archive([{ ...link, data: Buffer.alloc(0) }]),
    findings: ['link-target link@0'],
  },
  {
    name: 'link-target: NUL',
    bytes: archive([{ ...link, data: Buffer.from('a\0b') }]),
    findings: ['link-target link@0'],
  },
  {
    name: 'link-target: long',
    bytes: archive([{ ...link, data: Buffer.alloc(4096, 'a') }]),
    findings: ['link-target link@0'],
  },
  {
    name: 'kind-differs: mode of a file',
    bytes: archive([{ ...folder, mode: 0o100644 }]),
    findings: ['kind-differs d/@32'],
  },
  {
    name: 'kind-differs: a directory without a slash',
    bytes: archive([{ ...folder, name: 'd', mode: 0o40755 }]),
    findings: ['kind-differs d@31'],
  },
  {
    name: 'directory-data: content',
    bytes: archive([{ ...folder, data: Buffer.from('content') }]),
    findings: ['directory-data d/@39'],
  },
  {
    name: 'directory-form: descriptor',
    bytes: archive([{ ...folder, method: 8, descriptor: signed }]),
    findings: ['directory-form d/@53'],
  },
  { name: 'directory-form: deflated', bytes: archive([{ ...folder, method: 8 }]), findings: ['directory-form d/@37'] },
  {
    name: 'stored-descriptor: content',
    bytes: archive([{ ...streamed, method: 0 }]),
    findings: ['stored-descriptor s.txt@58'],
  },
  {
    name: 'stored-descriptor: empty',
    bytes: archive([{ ...streamed, method: 0, data: Buffer.alloc(0) }]),
    findings: ['stored-descriptor s.txt@51'],
  },
  {
    name: 'stored-descriptor: a link',
    bytes: archive([{ ...link, descriptor: signed }]),
    findings: ['stored-descriptor link@55'],
  },
  {
    name: 'descriptor-missing: at the end',
    bytes: archive([{ ...streamed, descriptor: () => Buffer.alloc(0) }]),
    findings: ['descriptor-missing s.txt@212'],
  },
  {
    name: 'descriptor-missing: before another entry',
    bytes: archive([{ ...streamed, descriptor: () => Buffer.alloc(0) }, b]),
    findings: ['descriptor-missing s.txt@212'],
  },
  {
    name: 'descriptor-differs: CRC-32',
    bytes: archive([{ ...streamed, descriptor: (sums) => signed({ ...sums, crc: 1 }) }]),
    findings: ['descriptor-differs s.txt@212'],
  },
  {
    name: 'descriptor-differs: size, wide',
    bytes: archive([{ ...streamed64, descriptor: (sums) => wide({ ...sums, usize: 1 }) }]),
    findings: ['descriptor-differs s.txt@232'],
  },
  {
    name: 'descriptor-unsigned: narrow',
    bytes: archive([{ ...streamed, descriptor: unsigned }]),
    findings: ['descriptor-unsigned s.txt@212'],
  },
  {
    name: 'descriptor-unsigned: wide',
    bytes: archive([{ ...streamed64, descriptor: (sums) => wide(sums).subarray(4) }]),
    findings: ['descriptor-unsigned s.txt@232'],
  },
  {
    name: 'descriptor-width: wide without a zip64 field',
    bytes: archive([{ ...streamed, descriptor: wide }]),
    findings: ['descriptor-width s.txt@212'],
  },
  {
    name: 'descriptor-width: narrow with a zip64 field',
    bytes: archive([{ ...streamed64, descriptor: signed }]),
    findings: ['descriptor-width s.txt@232'],
  },
  {
    name: 'descriptor-zip64: sizes not masked',
    bytes: archive([{ ...streamed64, local: { extra: zip64Field(0, 0) } }]),
    findings: ['descriptor-zip64 s.txt@0'],
  },
  {
    name: 'descriptor-half: length alone',
    bytes: archive([{ ...streamed, local: { usize: TEXT.length } }]),
    findings: ['descriptor-half s.txt@0'],
  },
  { name: 'size: stored with two sizes', bytes: archive([{ ...b, usize: 8 }]), findings: ['size b.txt@0'] },
  { name: 'size: longer than said', bytes: archive([{ ...a, usize: TEXT.length - 1 }]), findings: ['size a.txt@0'] },
  { name: 'size: shorter than said', bytes: archive([{ ...a, usize: TEXT.length + 1 }]), findings: ['size a.txt@0'] },
  {
    name: 'size: more than deflate can hold',
    bytes: archive([{ ...a, usize: 100_000_000 }]),
    findings: ['size a.txt@0'],
  },
  { name: 'crc: stored', bytes: archive([{ ...b, crc: 1 }]), findings: ['crc b.txt@0'] },
  { name: 'crc: deflated', bytes: archive([{ ...a, crc: 1 }]), findings: ['crc a.txt@0'] },
  {
    name: 'deflate: other bytes',
    bytes: archive([{ ...a, compressed: Buffer.alloc(60, 0xff) }]),
    findings: ['deflate a.txt@0'],
  },
  {
    name: 'deflate: cut off',
    bytes: archive([{ ...a, compressed: DATA.subarray(0, -2) }]),
    findings: ['deflate a.txt@0'],
  },
  {
    name: 'deflate-end: bytes behind the stream',
    bytes: archive([{ ...a, compressed: Buffer.concat([DATA, Buffer.from('??')]) }]),
    findings: ['deflate-end a.txt@0'],
  },
];

/** Sound, if unusual: no finding. */
export const SOUND_ARCHIVES: Readonly<Record<string, Buffer>> = {
  everything: archive([a, b, folder, link, { name: 'ä', method: 0 }, streamed, { ...streamed64, name: 's64' }], {
    comment: Buffer.from('a comment'),
  }),
  empty: archive([]),
  'zip64 end record that nothing needs': archive([a], { zip64: {} }),
  'zip64 end record, end record not masked': archive([a], { zip64: { isMasked: false } }),
  'all three values masked in the directory': archive([
    {
      ...a,
      central: { csize: MAX32, usize: MAX32, extra: zip64Field(TEXT.length, DATA.length, 0) },
      offset: MAX32,
    },
  ]),
  'sums filled in before a descriptor': archive([
    { ...streamed, local: { crc: crc32(TEXT), csize: DATA.length, usize: TEXT.length } },
  ]),
  'an empty entry that is deflated': archive([{ ...a, data: Buffer.alloc(0) }]),
  'an empty entry with a wide descriptor': archive([{ ...streamed64, data: Buffer.alloc(0) }, b]),
  'UTF-8 flag for ASCII': archive([{ ...b, flags: 1 << 11 }]),
  'an extra field for alignment': archive([{ ...b, local: { extra: extraField(0xd935, Buffer.alloc(3)) } }]),
  'flags of a deflate level': archive([{ ...a, flags: 2 }]),
  'made by MS-DOS, without attributes': archive([{ ...b, madeBy: 20, mode: 0 }]),
  'version 1.0 with deflate': archive([{ ...a, version: 10 }]),
  'a name in CP437 with its Unicode path field': archive([
    {
      ...b,
      name: Buffer.from([0x84]),
      flags: 0,
      madeBy: 20,
      mode: 0,
      extra: extraField(
        0x7075,
        Buffer.concat([Buffer.of(1), numbers([4, crc32(Buffer.from([0x84]))]), Buffer.from('ä')]),
      ),
    },
  ]),
};
