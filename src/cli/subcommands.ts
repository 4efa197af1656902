/** The commands besides the one that creates archives, as data: their parsers, help, completion and manual read this table. */
import { toBytes, toBytesOrNone, toNumberOfComponents, toNumberOfThreads } from './option-values.js';
import type { Subcommand } from './subcommand.js';

const HOW_MANY_THREADS = {
  flags: '--threads <N>',
  about: 'limit on worker threads; default: one per core',
  parse: toNumberOfThreads,
};

export const LIST: Subcommand = {
  name: 'list',
  usage: '[--json] <archive>...',
  summary: 'list the entries of archives',
  about: `Lists the entries of ZIP archives: permissions, size, compressed size, method,
modification time (UTC) and name. Every header is checked as it is read.`,
  options: [{ flags: '--json', about: 'print one JSON object per line: archive, entries, totals' }],
};

export const CHECK: Subcommand = {
  name: 'check',
  usage: '[options] <archive>...',
  summary: 'check archives for errors',
  about: `Reads ZIP archives completely, on all cores, and reports violations of the
format: damage, ambiguous records, dangerous names, forms that some readers
reject. Each finding is one line: archive, offset, severity, entry, fault, and
the rule with the affected readers. Exits with 1 if there are errors.`,
  options: [
    { flags: '--strict', about: 'exit with 1 on warnings as well' },
    { flags: '--json', about: 'print one JSON object per line: archive, findings, totals' },
    HOW_MANY_THREADS,
    { flags: '-q, --quiet', about: 'print errors only; with --strict, warnings as well' },
  ],
};

export const DIFF: Subcommand = {
  name: 'diff',
  usage: '[options] <a> <b>',
  summary: 'compare archives and directories',
  about: `  pzip diff site.zip dist/       an archive and its directory
  pzip diff old.zip new.zip      two archives
  pzip diff site.zip SHA256SUMS  an archive and a manifest

Lists differences: '+ name' is only in B, '- name' is only in A, and
'~ name (what)' differs in content, mode, link target or kind. Each side is a
ZIP archive, a directory or a manifest (sha256sum's output or pzip's JSON).`,
  options: [
    { flags: '--times', about: 'compare modification times as well' },
    {
      flags: '--check <HOW>',
      about: 'content (default) or crc (trust CRC-32 and size)',
      choices: ['content', 'crc'],
    },
    {
      flags: '--modes <HOW>',
      about: 'keep, keep-special, normalize, a+rX or ignore',
      choices: ['keep', 'keep-special', 'normalize', 'a+rX', 'ignore'],
    },
    { flags: '-x, --exclude <PATTERN>', about: 'exclude matching names, as in a .gitignore', repeats: true },
    { flags: '--gitignore', about: 'exclude what git ignores in a directory' },
    {
      flags: '--symlinks <HOW>',
      about: 'links: keep (default), follow, skip or error',
      choices: ['keep', 'follow', 'skip', 'error'],
    },
    { flags: '-D, --no-dir-entries', about: 'do not compare directories themselves' },
    { flags: '--prefix <DIR>', about: "prepend DIR to the names of a directory's files" },
    {
      flags: '--strip-components <N>',
      about: 'remove N components from names in archives',
      parse: toNumberOfComponents,
    },
    HOW_MANY_THREADS,
    { flags: '--json', about: 'print one JSON object per line' },
    { flags: '-q, --quiet', about: 'print no differences; stop at the first one' },
  ],
  notes: `Give the --modes that the archive was created with; ignore compares no modes.
Names in a directory are relative to it. If all names on the other side begin
with 'dist/', so do those of the directory dist/.

Exit codes: 0 equal, 1 different, 2 usage error or something not compared.`,
};

export const MERGE: Subcommand = {
  name: 'merge',
  usage: '[options] <archive> <input archive>...',
  summary: 'merge archives into one',
  about: `Writes the entries of the input archives into one archive, in order,
without recompressing them. A directory that occurs in several is written once.
The archive may be one of the inputs, or '-' for standard output.
Parts that 'pzip --shard' creates are joined to the archive that one machine
would have created, given in any order.`,
  options: [
    {
      flags: '--on-duplicate <HOW>',
      about: 'duplicate names: error (default), first or last',
      choices: ['error', 'first', 'last'],
    },
    { flags: '-c, --comment <TEXT>', about: 'comment of the archive' },
    { flags: '-T, --test', about: 'verify the archive before renaming it' },
    { flags: '--no-clobber', about: 'fail if the archive exists' },
    { flags: '--max-size <SIZE>', about: 'fail if the archive is larger, such as 50M', parse: toBytes },
    { flags: '--max-unpacked <SIZE>', about: 'fail if the content is larger, uncompressed', parse: toBytes },
    { flags: '--ranges', about: 'merge no data: print ranges of the parts as JSON' },
    { flags: '--tail <FILE>', about: 'with --ranges: file for what is in no part' },
    { flags: '--min-range <SIZE>', about: 'with --ranges: least bytes of one (5M)', parse: toBytesOrNone },
    { flags: '-q, --quiet', about: 'print errors only' },
  ],
  notes: `--ranges takes no archive: pzip merge --ranges --tail tail.bin part-*.zip`,
};

export const PLAN: Subcommand = {
  name: 'plan',
  usage: '-o <plan> [options] <inputs...>',
  summary: 'a list for machines that create parts',
  about: `Lists what an archive of the same inputs and options would contain, for machines
that create parts of it and cannot list the tree:

  pzip plan -o plan.json dist/
  pzip --plan plan.json --shard 3/8 part-3.zip
  pzip merge site.zip part-*.zip

Inputs must be below the working directory. All options of pzip that select
files, name entries and decide how they are compressed belong here.`,
  options: [{ flags: '-o, --output <FILE>', about: 'the plan to write: one JSON object a line' }],
};

export const BUILD: Subcommand = {
  name: 'build',
  usage: '[options] [name]...',
  summary: 'create the archives of a configuration',
  about: `Creates the archives that pzip.config.json or the key "pzip" of package.json
describes, or those that are named:

  { "archives": { "site": { "archive": "site.zip", "inputs": ["dist"] } } }

The other keys of an archive are the options of pzip under their long names,
such as "level": 9 or "exclude": ["*.map"]. Paths are relative to the file. The
archives share threads and memory ("threads" and "memory" beside "archives").`,
  options: [
    { flags: '--config <FILE>', about: 'read another file' },
    { flags: '-n, --dry-run', about: 'list what would be archived; write nothing' },
    HOW_MANY_THREADS,
    { flags: '-v, --verbose', about: 'list each entry as it is written' },
    { flags: '-q, --quiet', about: 'print errors only' },
  ],
  notes: `All archives are tried. The exit code is 1 if one failed.`,
};

export const SUBCOMMANDS: readonly Subcommand[] = [LIST, CHECK, DIFF, MERGE, PLAN, BUILD];
