/** The commands besides the one that creates archives, as data: their parsers, help, completion and manual read this table. */
import { toBytesOrNone, toNumberOfComponents, toNumberOfThreads } from './option-values.js';
import type { Subcommand } from './subcommand.js';

const HOW_MANY_THREADS = {
  flags: '--threads <N>',
  about: 'worker threads at most; default: one per core',
  parse: toNumberOfThreads,
};

export const LIST: Subcommand = {
  name: 'list',
  usage: '[--json] <archive>...',
  summary: 'what an archive contains',
  about: `Lists the entries of ZIP archives: permissions, size, compressed size, method,
modification time (UTC) and name. Every header is checked as it is read.`,
  options: [{ flags: '--json', about: 'one JSON object a line: an archive, its entries, its totals' }],
};

export const CHECK: Subcommand = {
  name: 'check',
  usage: '[options] <archive>...',
  summary: 'whether archives are sound',
  about: `Reads ZIP archives whole, on all cores, and reports what breaks a rule of the
format: damage, ambiguous records, dangerous names, what some readers refuse.
One line for each finding: archive, offset, severity, entry, what was seen, and
the rule with the readers that break on it. Exit code 1 if there are errors.`,
  options: [
    { flags: '--strict', about: 'exit with 1 on warnings, too' },
    { flags: '--json', about: 'one JSON object a line: an archive, its findings, its totals' },
    HOW_MANY_THREADS,
    { flags: '-q, --quiet', about: 'print nothing but errors (with --strict, also warnings)' },
  ],
};

export const DIFF: Subcommand = {
  name: 'diff',
  usage: '[options] <a> <b>',
  summary: 'what differs between archives or trees',
  about: `  pzip diff site.zip dist/       an archive against its tree
  pzip diff old.zip new.zip      two archives
  pzip diff site.zip SHA256SUMS  an archive against a manifest

Lists what differs: '+ name' is only in B, '- name' only in A, and
'~ name (what)' differs in content, mode, link target or kind. Each side is a
ZIP archive, a directory or a manifest, as sha256sum writes it or pzip's JSON.`,
  options: [
    { flags: '--times', about: 'compare modification times, too' },
    {
      flags: '--check <HOW>',
      about: 'content (default), or crc: trust CRC-32 and size',
      choices: ['content', 'crc'],
    },
    {
      flags: '--modes <HOW>',
      about: 'keep, keep-special, normalize, a+rX or ignore',
      choices: ['keep', 'keep-special', 'normalize', 'a+rX', 'ignore'],
    },
    { flags: '-x, --exclude <PATTERN>', about: 'leave out what matches, as in a .gitignore', repeats: true },
    { flags: '--gitignore', about: 'leave out what git ignores in a directory' },
    {
      flags: '--symlinks <HOW>',
      about: "a directory's: keep (default), follow, skip, error",
      choices: ['keep', 'follow', 'skip', 'error'],
    },
    { flags: '-D, --no-dir-entries', about: 'do not compare directories themselves' },
    { flags: '--prefix <DIR>', about: "put DIR before the names of a directory's files" },
    {
      flags: '--strip-components <N>',
      about: 'remove N components from names in archives',
      parse: toNumberOfComponents,
    },
    HOW_MANY_THREADS,
    { flags: '--json', about: 'one JSON object a line' },
    { flags: '-q, --quiet', about: 'print no differences; stop at the first one' },
  ],
  notes: `--modes says how permissions were written: keep (default), keep-special,
normalize or a+rX, as when the archive was created; ignore compares none.
Names of a directory are relative to it. If all names on the other side begin
with 'dist/', those of the directory dist/ do, too.

Exit codes: 0 equal, 1 different, 2 not compared: usage error or failure.`,
};

export const MERGE: Subcommand = {
  name: 'merge',
  usage: '[options] <archive> <input archive>...',
  summary: 'several archives in one',
  about: `Writes the entries of the input archives into one archive, in their order,
without recompressing them. A directory that several have goes in once.
The archive is '-' for standard output, and may be one of the inputs.
Parts that 'pzip --shard' creates are joined to the archive that one machine
would have created, given in any order.`,
  options: [
    {
      flags: '--on-duplicate <HOW>',
      about: 'of equal names: error (default), first or last',
      choices: ['error', 'first', 'last'],
    },
    { flags: '-c, --comment <TEXT>', about: 'comment of the archive' },
    { flags: '-T, --test', about: 'verify the archive before it takes its name' },
    { flags: '--no-clobber', about: 'fail if the archive exists' },
    { flags: '--ranges', about: 'merge no data: print ranges of the parts as JSON' },
    { flags: '--tail <FILE>', about: 'with --ranges: file for what is in no part' },
    { flags: '--min-range <SIZE>', about: 'with --ranges: least bytes of one (5M)', parse: toBytesOrNone },
    { flags: '-q, --quiet', about: 'print errors only' },
  ],
  notes: `--ranges takes no archive: pzip merge --ranges --tail tail.bin part-*.zip`,
};

export const SUBCOMMANDS: readonly Subcommand[] = [LIST, CHECK, DIFF, MERGE];
