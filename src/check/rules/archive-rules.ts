/** Rules about an archive as a whole: its end records, its directory, its layout, and headers of entries. */
import { type FormatRule, inSource, measured, reported } from './format-rule.js';

export const ARCHIVE_RULES = {
  'end-missing': {
    severity: 'error',
    meaning: 'There is no end of central directory record: the file is truncated or not a ZIP archive.',
    affects: [reported('readers of the directory', 'reject the archive')],
  },
  'end-ambiguous': {
    severity: 'error',
    meaning: 'Two end records both extend to the end of the file and lead to different entries.',
    affects: [measured('7-Zip, bsdtar and Python', 'use one of them'), measured('unzip', 'warns')],
  },
  'end-record': {
    severity: 'error',
    meaning: 'The end record is truncated, or does not lead to a directory.',
    affects: [reported('readers of the directory', 'reject the archive')],
  },
  'zip64-end': {
    severity: 'error',
    meaning: 'The zip64 end records contradict the end record or each other.',
    affects: [measured('unzip, 7-Zip, Python and jar', 'each reject some of these archives and read others')],
  },
  'zip64-end-missing': {
    severity: 'warning',
    meaning:
      'A field of the end record has its maximum, which refers to a zip64 record, but the archive has no such record.',
    affects: [measured('jszip', 'rejects the archive')],
  },
  'zip64-end-version': {
    severity: 'warning',
    meaning: 'The zip64 end record requires a version other than 4.5.',
    affects: [reported('Excel', 'reports a problem with the content')],
  },
  split: {
    severity: 'error',
    meaning: 'The archive, or one of its entries, is part of a split archive.',
    affects: [measured('unzip, 7-Zip and Python', 'each reject some of these archives')],
  },
  'entry-count': {
    severity: 'error',
    meaning: 'The number of entries in the end record is not the number that the directory lists.',
    affects: [
      measured('unzip and 7-Zip', 'report an error'),
      measured('adm-zip, fflate and yauzl', 'silently list fewer entries'),
    ],
  },
  'directory-header': {
    severity: 'error',
    meaning: 'The central directory is damaged: the entries after the damage cannot be read.',
    affects: [reported('readers of the directory', 'reject the archive or list fewer entries')],
  },
  'comment-signature': {
    severity: 'error',
    meaning: 'The comment contains the signature of an end record.',
    affects: [measured('most readers', 'mistake the comment for the end record and find no entries')],
  },
  'comment-encoding': {
    severity: 'warning',
    meaning: 'The comment of the archive is not ASCII, and its encoding is not declared.',
    affects: [reported('readers', 'decode it with a code page of their own')],
  },
  prefix: {
    severity: 'warning',
    meaning: 'There is data before the first entry, such as a self-extractor; offsets include it.',
    affects: [
      measured('2 strict readers of 22', 'reject the archive'),
      reported('Android', 'expects a local header first'),
    ],
  },
  'prefix-unadjusted': {
    severity: 'warning',
    meaning: 'Data was prepended to the archive, and offsets do not include it.',
    affects: [measured('9 readers of 22', 'reject the archive')],
  },
  trailing: {
    severity: 'warning',
    meaning: 'Bytes follow the end record.',
    affects: [measured('yauzl, JDK zipfs and libzip', 'reject the archive')],
  },
  gap: {
    severity: 'error',
    meaning: 'There are bytes between two records that belong to neither.',
    affects: [
      measured('JDK ZipInputStream and other streaming readers', 'stop there and silently list fewer entries'),
      measured('10 readers of 22', 'reject an archive with bytes between the directory and the end record'),
      reported('macOS Archive Utility', 'rejects the archive'),
    ],
  },
  overlap: {
    severity: 'error',
    meaning: 'An entry extends into another one or into the directory. Its content is not checked.',
    affects: [measured('unzip', 'rejects it as a zip bomb'), reported('Python 3.12 and ClamAV', 'reject the entry')],
  },
  order: {
    severity: 'warning',
    meaning: 'The directory lists the entries in a different order from that of their data.',
    affects: [reported('streaming readers', 'list them in a different order from readers of the directory')],
  },
} as const satisfies Record<string, FormatRule>;

export const HEADER_RULES = {
  'zip64-missing': {
    severity: 'error',
    meaning: 'A size or offset is masked, but no zip64 field holds its value.',
    affects: [measured('12 readers of 22', 'reject the archive')],
  },
  'zip64-field': {
    severity: 'warning',
    meaning: "The directory's zip64 field does not hold exactly the masked values.",
    affects: [
      measured('JDK 25', 'rejects the whole archive'),
      measured('7-Zip', 'warns of a headers error'),
      reported('.NET', 'rejects the entry'),
    ],
  },
  'zip64-offset-only': {
    severity: 'warning',
    meaning: "The directory's zip64 field holds only the offset.",
    affects: [measured('adm-zip', 'misreads the entry'), reported('.NET Framework', 'misreads the entry')],
  },
  'zip64-local': {
    severity: 'warning',
    meaning: "The local header's zip64 field holds anything but the two sizes.",
    affects: [
      measured('7-Zip', 'reports a headers error'),
      measured('4 readers of 22', 'reject one with a single size'),
    ],
  },
  'extra-field': {
    severity: 'warning',
    meaning: 'The lengths of the extra fields do not add up.',
    affects: [measured('7-Zip', 'warns of an error in the extra field'), reported('JDK 21 and later', 'reject it')],
  },
  'version-needed': {
    severity: 'warning',
    meaning: 'The version needed to extract is higher than the features of the entry require.',
    affects: [
      measured('unzip 6.0', 'skips entries that require more than 4.6'),
      measured('Python', 'rejects more than 6.3'),
      reported('Word and Excel', 'reject 4.5 if no value needs zip64'),
    ],
  },
  'mode-missing': {
    severity: 'warning',
    meaning: 'The entry was written on Unix and has no permissions at all.',
    affects: [reported('unzip', 'creates a file that its owner cannot read')],
  },
  'flags-differ': {
    severity: 'error',
    meaning: 'Local header and directory differ in encryption, data descriptor or UTF-8.',
    affects: [measured('7-Zip', 'reports a headers error'), measured('zip.js, unzip and Python', 'reject the entry')],
  },
  'name-differs': {
    severity: 'error',
    meaning: 'Local header and directory give different names: readers extract the entry to different files.',
    affects: [
      measured('Python, zip.js strict and 3 others of 22', 'reject the entry'),
      reported('package indexes', 'reject it'),
    ],
  },
  'method-differs': {
    severity: 'error',
    meaning: 'Local header and directory give different compression methods.',
    affects: [
      measured('unzip, 7-Zip, bsdtar and JDK ZipInputStream', 'reject the entry'),
      measured('Python', 'reads it'),
    ],
  },
  'sums-differ': {
    severity: 'error',
    meaning: 'Local header and directory give different CRC-32s or sizes.',
    affects: [
      measured('7-Zip, bsdtar and JDK ZipInputStream', 'reject most of these entries'),
      measured('Python', 'reads them'),
    ],
  },
  'local-missing': {
    severity: 'error',
    meaning: 'There is no local header at the offset in the directory.',
    affects: [measured('unzip, 7-Zip, bsdtar and Python', 'reject the entry')],
  },
  encrypted: {
    severity: 'error',
    meaning: 'The entry is encrypted: its content cannot be checked.',
    affects: [inSource('JDK ZipFile', 'rejects the whole archive')],
  },
  method: {
    severity: 'error',
    meaning: 'The compression method is neither store nor deflate: the content cannot be checked.',
    affects: [inSource('JDK ZipFile', 'rejects the whole archive')],
  },
} as const satisfies Record<string, FormatRule>;
