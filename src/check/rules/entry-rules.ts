/** Rules about single entries: their names, what they are, and their data. */
import { type FormatRule, measured, reported } from './format-rule.js';

export const NAME_RULES = {
  'name-empty': {
    severity: 'error',
    meaning: 'The name is empty.',
    affects: [measured('bsdtar', 'refuses the entry')],
  },
  'name-nul': {
    severity: 'error',
    meaning: 'The name holds a NUL character.',
    affects: [measured('7-Zip', 'reports an error'), reported('readers in C', 'may cut the name off there')],
  },
  'name-absolute': {
    severity: 'error',
    meaning: 'The name is absolute, or begins with a drive.',
    affects: [reported('careless extractors', 'write outside of their folder'), measured('zip.js', 'refuses the name')],
  },
  'name-escapes': {
    severity: 'error',
    meaning: "The name climbs out of the folder that it is extracted to ('..').",
    affects: [reported('careless extractors', 'write outside of their folder'), measured('zip.js', 'refuses the name')],
  },
  'name-backslash': {
    severity: 'warning',
    meaning: 'The name holds a backslash, which some readers take for a separator and some do not.',
    affects: [
      measured('yauzl strict', 'refuses the archive'),
      measured('unar and extract-zip', "take it for '/'; unzip and Python do not"),
    ],
  },
  'name-dot': {
    severity: 'warning',
    meaning: "The name has an empty component or the component '.'.",
    affects: [measured('JDK zipfs', 'refuses the archive')],
  },
  'name-encoding': {
    severity: 'error',
    meaning: 'The name or comment is marked as UTF-8 and is not.',
    affects: [measured('Python and jar', 'refuse the whole archive'), measured('bsdtar', 'refuses the entry')],
  },
  'utf8-flag': {
    severity: 'warning',
    meaning: 'The name or comment is not ASCII and is not marked as UTF-8: what it reads as depends on the reader.',
    affects: [reported('Python, JDK and Windows Explorer', 'may show another name')],
  },
  'name-length': {
    severity: 'warning',
    meaning: 'Name, extra field and comment do not fit 65,535 bytes together with the header.',
    affects: [reported('JDK 21 and later', 'refuse the whole archive')],
  },
  'name-duplicate': {
    severity: 'error',
    meaning: 'Two entries have the same name: readers take one or the other.',
    affects: [
      measured('libzip, zip.js strict and adm-zip', 'refuse the archive'),
      measured('JDK zipfs, fflate and jszip', 'silently drop one'),
    ],
  },
  'name-conflict': {
    severity: 'error',
    meaning: 'A name belongs to a file and to a folder.',
    affects: [reported('extractors', 'cannot create both')],
  },
  'name-clash': {
    severity: 'warning',
    meaning: 'Two names are one where case or Unicode normalisation does not count.',
    affects: [reported('extractors on Windows and macOS', 'overwrite one with the other')],
  },
  'link-clash': {
    severity: 'error',
    meaning: 'A symbolic link and another name are one where case or Unicode normalisation does not count.',
    affects: [reported('extractors on Windows and macOS', 'write through the link')],
  },
  'link-through': {
    severity: 'error',
    meaning: 'The entry lies behind a symbolic link of the same archive.',
    affects: [reported('careless extractors', 'write to wherever the link leads')],
  },
  'link-outside': {
    severity: 'warning',
    meaning: 'The symbolic link leads out of the folder that it is extracted to.',
    affects: [measured('7-Zip', 'refuses or rewrites the link')],
  },
  'link-target': {
    severity: 'error',
    meaning: 'The target of the symbolic link is empty, holds a NUL character or is longer than 4,095 bytes.',
    affects: [reported('extractors', 'cannot create the link')],
  },
} as const satisfies Record<string, FormatRule>;

export const DATA_RULES = {
  'kind-differs': {
    severity: 'warning',
    meaning: "Name and attributes disagree on whether the entry is a directory: only a directory's name ends in '/'.",
    affects: [reported('extractors', 'create a file or a directory')],
  },
  'directory-data': {
    severity: 'error',
    meaning: 'A directory has content, which no reader extracts.',
    affects: [reported('extractors', 'drop it silently')],
  },
  'directory-form': {
    severity: 'warning',
    meaning: 'A directory is deflated or has a data descriptor.',
    affects: [
      measured('3 readers of 22', 'refuse one with a data descriptor'),
      reported('uv', 'refuses one that is deflated'),
    ],
  },
  'stored-descriptor': {
    severity: 'warning',
    meaning: 'A stored entry has a data descriptor: readers that stream cannot find its end.',
    affects: [
      measured('JDK ZipInputStream', 'refuses it: "only DEFLATED entries can have EXT descriptor"'),
      measured('commons-compress ZipArchiveInputStream', 'refuses it: "Unsupported feature data descriptor"'),
      reported('SharpZipLib ZipInputStream and uv', 'refuse it'),
    ],
  },
  'descriptor-missing': {
    severity: 'error',
    meaning: 'The flags announce a data descriptor, and none follows the data.',
    affects: [
      measured('unzip', 'refuses the archive as a zip bomb'),
      measured('readers that stream', 'lose what follows'),
    ],
  },
  'descriptor-differs': {
    severity: 'error',
    meaning: 'The data descriptor says other than the directory.',
    affects: [measured('JDK ZipInputStream', 'refuses the entry')],
  },
  'descriptor-unsigned': {
    severity: 'warning',
    meaning: 'The data descriptor has no signature.',
    affects: [measured('1 to 7 readers of 22', 'refuse it'), reported('macOS Archive Utility', 'refuses the archive')],
  },
  'descriptor-width': {
    severity: 'warning',
    meaning: 'The sizes in the data descriptor have another width than the local header announces.',
    affects: [
      measured('JDK ZipInputStream and bsdtar from a pipe', 'refuse a 64-bit one without a zip64 field before it'),
    ],
  },
  'descriptor-zip64': {
    severity: 'warning',
    meaning: 'The local header has a zip64 field and a data descriptor, and does not mask its sizes.',
    affects: [measured('JDK ZipInputStream 17 and 25', 'refuse the entry')],
  },
  'descriptor-half': {
    severity: 'warning',
    meaning: 'The local header announces a data descriptor and has filled in some of what that says.',
    affects: [measured('libzip', 'calls the archive inconsistent')],
  },
  size: {
    severity: 'error',
    meaning: 'The content has another length than the directory says.',
    affects: [reported('most readers', 'refuse the entry')],
  },
  crc: {
    severity: 'error',
    meaning: 'The content has another CRC-32 than the directory says.',
    affects: [
      measured('unzip, 7-Zip, bsdtar, Python and JDK ZipInputStream', 'refuse the entry'),
      reported('fflate', 'gives it out unchecked'),
    ],
  },
  deflate: {
    severity: 'error',
    meaning: 'The data is no complete deflate stream.',
    affects: [measured('unzip, 7-Zip, bsdtar, Python and JDK ZipInputStream', 'refuse the entry')],
  },
  'deflate-end': {
    severity: 'error',
    meaning: "The deflate stream ends before the entry's data does.",
    affects: [
      measured('7-Zip, bsdtar and JDK ZipInputStream', 'refuse the entry'),
      measured('unzip and Python', 'read it'),
    ],
  },
} as const satisfies Record<string, FormatRule>;
