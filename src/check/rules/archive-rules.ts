/** Rules about an archive as a whole: its end, its directory, and where its parts lie. */
import { type FormatRule, inSource, measured, reported } from './format-rule.js';

export const ARCHIVE_RULES = {
  'end-missing': {
    severity: 'error',
    meaning: 'There is no end of central directory record: this is no ZIP archive, or the end of one is missing.',
    affects: [reported('readers of the directory', 'refuse the archive')],
  },
  'end-ambiguous': {
    severity: 'error',
    meaning: 'Two end records both reach to the end of the file, and lead to different entries.',
    affects: [measured('7-Zip, bsdtar and Python', 'take one of them'), measured('unzip', 'warns')],
  },
  'end-record': {
    severity: 'error',
    meaning: 'The end record is cut off, or leads to no directory.',
    affects: [reported('readers of the directory', 'refuse the archive')],
  },
  'zip64-end': {
    severity: 'error',
    meaning: 'The zip64 end records contradict the end record or one another.',
    affects: [measured('unzip, 7-Zip, Python and jar', 'each refuse some of these archives and read others')],
  },
  'zip64-end-missing': {
    severity: 'warning',
    meaning: 'A field of the end record is all ones, which stands for a zip64 record, and there is none.',
    affects: [measured('jszip', 'refuses the archive')],
  },
  'zip64-end-version': {
    severity: 'warning',
    meaning: 'The zip64 end record needs another version than 4.5.',
    affects: [reported('Excel', 'reports a problem with the content')],
  },
  split: {
    severity: 'error',
    meaning: 'The archive, or an entry of it, is a part of one that is split over several files.',
    affects: [measured('unzip, 7-Zip and Python', 'each refuse some of these archives')],
  },
  'entry-count': {
    severity: 'error',
    meaning: 'The end record counts other entries than the directory lists.',
    affects: [
      measured('unzip and 7-Zip', 'report an error'),
      measured('adm-zip, fflate and yauzl', 'silently see fewer entries'),
    ],
  },
  'directory-header': {
    severity: 'error',
    meaning: 'The central directory is damaged: what follows cannot be read.',
    affects: [reported('readers of the directory', 'refuse the archive or see fewer entries')],
  },
  'comment-signature': {
    severity: 'error',
    meaning: 'The comment holds the signature of an end record.',
    affects: [measured('most readers', 'take the comment for the end record and see no entries')],
  },
  'comment-encoding': {
    severity: 'warning',
    meaning: 'The comment of the archive is not ASCII, and nothing says what it is.',
    affects: [reported('readers', 'show it in a code page of their own')],
  },
  prefix: {
    severity: 'warning',
    meaning: 'Something lies before the first entry, such as a self-extractor; offsets count it.',
    affects: [
      measured('2 strict readers of 22', 'refuse the archive'),
      reported('Android', 'wants a local header first'),
    ],
  },
  'prefix-unadjusted': {
    severity: 'warning',
    meaning: 'Something was put before the archive, and its offsets do not count it.',
    affects: [measured('9 readers of 22', 'refuse the archive')],
  },
  trailing: {
    severity: 'warning',
    meaning: 'Bytes follow the end record.',
    affects: [measured('yauzl, JDK zipfs and libzip', 'refuse the archive')],
  },
  gap: {
    severity: 'error',
    meaning: 'Bytes lie between two records that belong to neither.',
    affects: [
      measured('JDK ZipInputStream and other readers that stream', 'stop there and silently see fewer entries'),
      measured('10 readers of 22', 'refuse an archive with bytes between the directory and the end record'),
      reported('macOS Archive Utility', 'refuses the archive'),
    ],
  },
  overlap: {
    severity: 'error',
    meaning: 'An entry reaches into another one or into the directory. Its content is not checked.',
    affects: [measured('unzip', 'refuses it as a zip bomb'), reported('Python 3.12 and ClamAV', 'refuse the entry')],
  },
  order: {
    severity: 'warning',
    meaning: 'The directory lists the entries in another order than that in which they lie.',
    affects: [reported('readers that stream', 'see another order than readers of the directory')],
  },
} as const satisfies Record<string, FormatRule>;

export const HEADER_RULES = {
  'zip64-missing': {
    severity: 'error',
    meaning: 'A size or offset is masked, and no zip64 field has its value.',
    affects: [measured('12 readers of 22', 'refuse the archive')],
  },
  'zip64-field': {
    severity: 'warning',
    meaning: "The directory's zip64 field does not hold exactly the masked values.",
    affects: [
      measured('JDK 25', 'refuses the whole archive'),
      measured('7-Zip', 'warns of an error in the headers'),
      reported('.NET', 'refuses the entry'),
    ],
  },
  'zip64-offset-only': {
    severity: 'warning',
    meaning: "The directory's zip64 field holds the offset alone.",
    affects: [measured('adm-zip', 'reads the entry wrong'), reported('.NET Framework', 'reads the entry wrong')],
  },
  'zip64-local': {
    severity: 'warning',
    meaning: "The local header's zip64 field does not hold both sizes and nothing else.",
    affects: [
      measured('7-Zip', 'reports a headers error'),
      measured('4 readers of 22', 'refuse one with one size only'),
    ],
  },
  'extra-field': {
    severity: 'warning',
    meaning: 'The lengths of the extra fields do not add up.',
    affects: [measured('7-Zip', 'warns of an error in the extra field'), reported('JDK 21 and later', 'refuse it')],
  },
  'version-needed': {
    severity: 'warning',
    meaning: 'The version needed to extract is higher than anything in the entry calls for.',
    affects: [
      measured('unzip 6.0', 'skips entries that need more than 4.6'),
      measured('Python', 'refuses more than 6.3'),
      reported('Word and Excel', 'refuse 4.5 where no value needs zip64'),
    ],
  },
  'mode-missing': {
    severity: 'warning',
    meaning: 'The entry was made on Unix and has no permissions at all.',
    affects: [reported('unzip', 'creates a file that its owner cannot read')],
  },
  'flags-differ': {
    severity: 'error',
    meaning: 'Local header and directory differ in encryption, data descriptor or UTF-8.',
    affects: [measured('7-Zip', 'reports a headers error'), measured('zip.js, unzip and Python', 'refuse the entry')],
  },
  'name-differs': {
    severity: 'error',
    meaning: 'Local header and directory give different names: readers extract the entry to different files.',
    affects: [
      measured('Python, zip.js strict and 3 others of 22', 'refuse the entry'),
      reported('package indexes', 'refuse it'),
    ],
  },
  'method-differs': {
    severity: 'error',
    meaning: 'Local header and directory give different compression methods.',
    affects: [
      measured('unzip, 7-Zip, bsdtar and JDK ZipInputStream', 'refuse the entry'),
      measured('Python', 'reads it'),
    ],
  },
  'sums-differ': {
    severity: 'error',
    meaning: 'Local header and directory give different CRC-32s or sizes.',
    affects: [
      measured('7-Zip, bsdtar and JDK ZipInputStream', 'refuse most of these entries'),
      measured('Python', 'reads them'),
    ],
  },
  'local-missing': {
    severity: 'error',
    meaning: 'There is no local header where the directory says.',
    affects: [measured('unzip, 7-Zip, bsdtar and Python', 'refuse the entry')],
  },
  encrypted: {
    severity: 'error',
    meaning: 'The entry is encrypted: its content is not checked.',
    affects: [inSource('JDK ZipFile', 'refuses the whole archive')],
  },
  method: {
    severity: 'error',
    meaning: 'The compression method is neither store nor deflate: the content is not checked.',
    affects: [inSource('JDK ZipFile', 'refuses the whole archive')],
  },
} as const satisfies Record<string, FormatRule>;
