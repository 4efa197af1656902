/** Rules about names, kinds and data of entries. */
import { type FormatRule, measured, reported } from './format-rule.js';

export const NAME_RULES = {
  'name-empty': {
    severity: 'error',
    meaning: 'The name is empty.',
    affects: [measured('bsdtar', 'rejects the entry')],
  },
  'name-nul': {
    severity: 'error',
    meaning: 'The name contains a NUL character.',
    affects: [measured('7-Zip', 'reports an error'), reported('readers in C', 'may truncate the name there')],
  },
  'name-absolute': {
    severity: 'error',
    meaning: 'The name is absolute or begins with a drive letter.',
    affects: [
      reported('careless extractors', 'write outside the target directory'),
      measured('zip.js', 'rejects the name'),
    ],
  },
  'name-escapes': {
    severity: 'error',
    meaning: "The name has the component '..' and can escape the extraction directory.",
    affects: [
      reported('careless extractors', 'write outside the target directory'),
      measured('zip.js', 'rejects the name'),
    ],
  },
  'name-backslash': {
    severity: 'warning',
    meaning: 'The name contains a backslash, which only some readers treat as a separator.',
    affects: [
      measured('yauzl strict', 'rejects the archive'),
      measured('unar and extract-zip', "treat it as '/'; unzip and Python do not"),
    ],
  },
  'name-dot': {
    severity: 'warning',
    meaning: "The name has an empty component or the component '.'.",
    affects: [measured('JDK zipfs', 'rejects the archive')],
  },
  'name-encoding': {
    severity: 'error',
    meaning: 'The name or comment is marked as UTF-8 but is not valid UTF-8.',
    affects: [measured('Python and jar', 'reject the whole archive'), measured('bsdtar', 'rejects the entry')],
  },
  'utf8-flag': {
    severity: 'warning',
    meaning: 'The name or comment is not ASCII and not marked as UTF-8: its decoding depends on the reader.',
    affects: [reported('Python, JDK and Windows Explorer', 'may show a different name')],
  },
  'name-length': {
    severity: 'warning',
    meaning: 'The header with its name, extra field and comment is longer than 65,535 bytes.',
    affects: [reported('JDK 21 and later', 'reject the whole archive')],
  },
  'name-duplicate': {
    severity: 'error',
    meaning: 'Two entries have the same name: readers extract one or the other.',
    affects: [
      measured('libzip, zip.js strict and adm-zip', 'reject the archive'),
      measured('JDK zipfs, fflate and jszip', 'silently drop one'),
    ],
  },
  'name-conflict': {
    severity: 'error',
    meaning: 'A name belongs to a file and to a directory.',
    affects: [reported('extractors', 'cannot create both')],
  },
  'name-clash': {
    severity: 'warning',
    meaning: 'Two names differ only in case or Unicode normalization.',
    affects: [reported('extractors on Windows and macOS', 'overwrite one with the other')],
  },
  'link-clash': {
    severity: 'error',
    meaning: 'A symbolic link and another name differ only in case or Unicode normalization.',
    affects: [reported('extractors on Windows and macOS', 'write through the link')],
  },
  'link-through': {
    severity: 'error',
    meaning: 'The path of the entry leads through a symbolic link in the same archive.',
    affects: [reported('careless extractors', 'write to wherever the link points')],
  },
  'link-outside': {
    severity: 'warning',
    meaning: 'The symbolic link points outside the extraction directory.',
    affects: [measured('7-Zip', 'rejects or rewrites the link')],
  },
  'link-target': {
    severity: 'error',
    meaning: 'The target of the symbolic link is empty, contains a NUL character or is longer than 4,095 bytes.',
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
      measured('3 readers of 22', 'reject one with a data descriptor'),
      reported('uv', 'rejects one that is deflated'),
    ],
  },
  'stored-descriptor': {
    severity: 'warning',
    meaning: 'A stored entry has a data descriptor: readers that stream cannot find its end.',
    affects: [
      measured('JDK ZipInputStream', 'rejects it: "only DEFLATED entries can have EXT descriptor"'),
      measured('commons-compress ZipArchiveInputStream', 'rejects it: "Unsupported feature data descriptor"'),
      reported('SharpZipLib ZipInputStream and uv', 'reject it'),
    ],
  },
  'descriptor-missing': {
    severity: 'error',
    meaning: 'The flags announce a data descriptor, but none follows the data.',
    affects: [
      measured('unzip', 'rejects the archive as a zip bomb'),
      measured('streaming readers', 'lose the following entries'),
    ],
  },
  'descriptor-differs': {
    severity: 'error',
    meaning: 'The data descriptor contradicts the directory.',
    affects: [measured('JDK ZipInputStream', 'rejects the entry')],
  },
  'descriptor-unsigned': {
    severity: 'warning',
    meaning: 'The data descriptor has no signature.',
    affects: [measured('1 to 7 readers of 22', 'reject it'), reported('macOS Archive Utility', 'rejects the archive')],
  },
  'descriptor-width': {
    severity: 'warning',
    meaning: 'The sizes in the data descriptor do not have the width that the local header announces.',
    affects: [
      measured('JDK ZipInputStream and bsdtar from a pipe', 'reject a 64-bit one without a zip64 field before it'),
    ],
  },
  'descriptor-zip64': {
    severity: 'warning',
    meaning: 'The local header has a zip64 field and announces a data descriptor, but does not mask its sizes.',
    affects: [measured('JDK ZipInputStream 17 and 25', 'reject the entry')],
  },
  'descriptor-half': {
    severity: 'warning',
    meaning: 'The local header announces a data descriptor but already holds some of its values.',
    affects: [measured('libzip', 'reports the archive as inconsistent')],
  },
  size: {
    severity: 'error',
    meaning: 'The length of the content is not the size in the directory.',
    affects: [reported('most readers', 'reject the entry')],
  },
  crc: {
    severity: 'error',
    meaning: 'The CRC-32 of the content is not the one in the directory.',
    affects: [
      measured('unzip, 7-Zip, bsdtar, Python and JDK ZipInputStream', 'reject the entry'),
      reported('fflate', 'returns it unchecked'),
    ],
  },
  deflate: {
    severity: 'error',
    meaning: 'The data is not a complete deflate stream.',
    affects: [measured('unzip, 7-Zip, bsdtar, Python and JDK ZipInputStream', 'reject the entry')],
  },
  'deflate-end': {
    severity: 'error',
    meaning: "The deflate stream ends before the entry's data does.",
    affects: [
      measured('7-Zip, bsdtar and JDK ZipInputStream', 'reject the entry'),
      measured('unzip and Python', 'read it'),
    ],
  },
} as const satisfies Record<string, FormatRule>;
