/**
 * Every option of the command: the parser, -h, --help, the manual page and the completion scripts read this table.
 *
 * The file is long because it is one table: its order is the order of the help.
 */
import { MAX_LEVEL } from '../common/level.js';
import { toBytes, toLevel, toLevelRule, toNumberOfComponents, toNumberOfThreads, toRenaming } from './option-values.js';
import { PRESETS, presetDetails } from './presets.js';
import { toShard } from './shard.js';

export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionSpec[];
}

export interface OptionSpec {
  /** As commander takes them, but for `--name[=FILE]`: a value that may be left out must follow an equals sign. */
  readonly flags: string;
  /** One line of at most 46 characters: what -h and completion show, and how --help and the manual begin. */
  readonly about: string;
  /** What --help and the manual add, in whole sentences. */
  readonly details?: string;
  readonly choices?: readonly string[];
  readonly completes?: 'file' | 'directory';
  /** May be given again; the values are kept in order. */
  readonly repeats?: boolean;
  /** @throws InvalidArgumentError saying what a value looks like */
  readonly parse?: (value: string) => unknown;
  /** Ten options in one, each with the number it is called by as the value of `level`. */
  readonly isLevel?: boolean;
  /** Takes no value: it stands for this level. */
  readonly givesLevel?: number;
}

const PATTERN_RULE = 'A pattern has .gitignore syntax and is matched against names in the archive.';

export const OPTION_GROUPS: readonly OptionGroup[] = [
  {
    title: 'Selecting files',
    options: [
      {
        flags: '-x, --exclude <PATTERN>',
        about: 'exclude matching names, as in a .gitignore',
        details: `${PATTERN_RULE} An excluded directory is not traversed. '!PATTERN' re-includes what an earlier pattern excludes.`,
        repeats: true,
      },
      {
        flags: '--ignore-file <FILE>',
        about: 'read exclude patterns from a file',
        details: 'One pattern per line, as in a .gitignore. Patterns of --exclude apply after these.',
        completes: 'file',
        repeats: true,
      },
      {
        flags: '--gitignore',
        about: 'exclude what git ignores',
        details:
          "Selects what 'git ls-files -co --exclude-standard' lists: .gitignore files, .git/info/exclude and core.excludesFile apply, tracked files are included even if a pattern matches them, and .git itself is excluded.",
      },
      {
        flags: '--files-from <FILE>',
        about: 'read file names from a list; - is stdin',
        details:
          'One name per line, taken literally. A directory in the list adds its own entry, not its contents. Inputs may be given as well.',
        completes: 'file',
      },
      {
        flags: '-z, --null',
        about: 'the list is NUL-separated',
        details: 'As written by find -print0 and git ls-files -z.',
      },
      {
        flags: '--from <ARCHIVE>',
        about: 'copy the entries of an archive',
        details:
          'Its entries are inputs and come before all others: --exclude, the naming options and --first apply to them. Their data is copied without recompression; permissions, dates, comments and extra fields are kept. ARCHIVE may be the output, which is replaced at the end: --exclude then deletes entries, and inputs with --on-duplicate last update them.',
        completes: 'file',
        repeats: true,
      },
      {
        flags: '--on-duplicate <HOW>',
        about: 'duplicate names: error (default), first, last',
        details:
          'Which entry to keep if several have the same name. Archives come first, in the order of --from, then files.',
        choices: ['error', 'first', 'last'],
      },
      {
        flags: '--symlinks <HOW>',
        about: 'links: keep (default), follow, skip, error',
        details:
          'Applies to symbolic links. keep: archive the link, even a dangling one. follow: archive its target under its name. skip: leave it out. error: fail.',
        choices: ['keep', 'follow', 'skip', 'error'],
      },
      {
        flags: '--skip-unreadable',
        about: 'skip unreadable files, and exit with 3',
        details:
          'Each is reported on standard error. Without this option, an unreadable file is an error and no archive is written.',
      },
      {
        flags: '--allow <PATTERN>',
        about: 'do not warn of private names that match',
        details: `${PATTERN_RULE} pzip warns once if it archives version control (.git), secrets (.env, .npmrc, .netrc), private keys (id_rsa, *.pem, *.key) or earlier archives beside the new one. It looks at names only. --strict makes it an error, --allow '*' turns it off.`,
        repeats: true,
      },
      { flags: '--strict', about: 'make every warning an error' },
      {
        flags: '--on-change <HOW>',
        about: 'changing files: error (default), retry, warn',
        details:
          'Applies to a file that changes while pzip reads it. error: fail, or with --skip-unreadable leave the file out. retry: read it again, up to three times; on standard output this is impossible for a file over 1 MiB that is partly written. warn: archive what was read, with a warning, so that you can archive a growing log. A file that was replaced by another is an error with warn, too.',
        choices: ['error', 'retry', 'warn'],
      },
      {
        flags: '--require <NAME>',
        about: 'fail unless the archive contains NAME',
        details: 'NAME is a name in the archive, or a directory that must not be empty.',
        repeats: true,
      },
      {
        flags: '--preset <PLATFORM>',
        about: 'rules of a platform: lambda, vsix, webext, epub',
        details: `Stands for options, which pzip prints; options that you give replace them. ${presetDetails()}`,
        choices: [...PRESETS.keys()],
      },
      {
        flags: '--if-empty <HOW>',
        about: 'no entries: error (default), warn or ignore',
        details: 'With warn and ignore, pzip writes an archive without entries.',
        choices: ['error', 'warn', 'ignore'],
      },
      {
        flags: '-C, --cwd <DIR>',
        about: 'resolve inputs and names relative to DIR',
        details: 'The path of the archive is not affected.',
        completes: 'directory',
      },
    ],
  },
  {
    title: 'Naming entries',
    options: [
      { flags: '--prefix <DIR>', about: 'put everything into a directory of the archive' },
      {
        flags: '--strip-components <N>',
        about: 'remove the first N components of each name',
        details: 'Names with N components or fewer are left out.',
        parse: toNumberOfComponents,
      },
      { flags: '-j, --junk-paths', about: 'keep only the last component of each name' },
      {
        flags: '--rename <A=B>',
        about: 'rename A, a path or a glob, to B',
        details:
          "A path also renames everything below it. '*' and '**' in B stand for what they matched in A. The first renaming that matches applies, after --strip-components and --junk-paths and before --prefix.",
        repeats: true,
        parse: toRenaming,
      },
      {
        flags: '--first <PATTERN>',
        about: 'put matching entries first',
        details: `${PATTERN_RULE} Several patterns apply in the order given. An EPUB needs --first mimetype --level-for mimetype=0.`,
        repeats: true,
      },
      {
        flags: '--stdin-name <NAME>',
        about: "name of the entry for the input '-'",
        details: "The default is 'stdin'.",
      },
      {
        flags: '--stdin-size <SIZE>',
        about: "upper bound for the input '-', such as 20G",
        details:
          'From 4G on, an archive written to a pipe announces 64-bit sizes, which bsdtar needs to read such an entry from a pipe. A file redirected to standard input needs no bound: its size is known.',
        parse: toBytes,
      },
      {
        flags: '--portable-names <HOW>',
        about: 'unportable names: warn (default), error, off',
        details:
          'Names are unportable if Windows reserves them, if they differ only in case or Unicode normalization, or if they are too long.',
        choices: ['warn', 'error', 'off'],
      },
    ],
  },
  {
    title: 'Compressing',
    options: [
      {
        flags: '-0 ... -9',
        about: 'level: 0 stores, 1 is fastest, 6 is the default',
        isLevel: true,
      },
      { flags: '--level <N>', about: `the same, from 0 to ${MAX_LEVEL}`, parse: toLevel },
      {
        flags: '--max',
        about: `smallest archive: --level ${MAX_LEVEL}`,
        details: 'Takes many times as long as the default.',
        givesLevel: MAX_LEVEL,
      },
      { flags: '--store', about: 'do not compress: -0', givesLevel: 0 },
      {
        flags: '--level-for <PATTERN=N>',
        about: 'compress matching entries at level N',
        details: `${PATTERN_RULE} Level 0 stores. The last pattern that matches applies.`,
        repeats: true,
        parse: toLevelRule,
      },
      {
        flags: '--threads <N>',
        about: 'limit on worker threads; default: one per core',
        details: '0 compresses without worker threads. The bytes of the archive do not depend on it.',
        parse: toNumberOfThreads,
      },
      {
        flags: '--memory <SIZE>',
        about: 'limit on buffered data, such as 64M (default)',
        details: 'Counts input and output. The default is 8M per thread if that is more than 64M.',
        parse: toBytes,
      },
      {
        flags: '--engine <NAME>',
        about: 'deflate engine: wasm (default) or zlib',
        details:
          'wasm is part of pzip; zlib, from Node, is slower and stops at level 9. If WebAssembly is unavailable, zlib is used with a warning, unless wasm was requested. The two produce different bytes; every reader can read both.',
        choices: ['wasm', 'zlib'],
      },
    ],
  },
  {
    title: 'Writing the archive',
    options: [
      {
        flags: '--reuse <ARCHIVE>',
        about: 'reuse compressed data of an earlier archive',
        details:
          'Data of files that have not changed is copied; the new archive has the same bytes as without this option. The earlier archive may be the one that is written; if it does not exist, everything is compressed. Runs with this option record how the archive was made in a file beside it, NAME.pzip-state; without that file nothing can be reused.',
        completes: 'file',
      },
      {
        flags: '--reuse-check <HOW>',
        about: 'what is unchanged: content (default), crc, stat',
        details:
          'content: the file is read, and compared with an inflated entry of the same size and CRC-32. crc: the file is read, and CRC-32 and size are the same. stat: size, modification time, ctime, inode and device are those of the last run; such a file is not opened, and other files are compared as with content.',
        choices: ['content', 'crc', 'stat'],
      },
      {
        flags: '--max-size <SIZE>',
        about: 'fail if the archive is larger, such as 50M',
        details:
          'Lists the ten largest entries by compressed size. An existing archive is unchanged, and nothing is left behind. 50M is 50 MiB, 52,428,800 bytes.',
        parse: toBytes,
      },
      {
        flags: '--max-unpacked <SIZE>',
        about: 'fail if the content is larger, uncompressed',
        details: 'Lists the ten largest entries. Fails before anything is compressed, except for standard input.',
        parse: toBytes,
      },
      {
        flags: '--size-of <ARCHIVE>',
        about: 'say what grew since an earlier archive',
        details:
          'Compares the compressed size of each entry, and lists the ten largest changes on standard error. ARCHIVE may be the one that is replaced; if it does not exist, a notice is printed. A report of --json or a manifest of --manifest also works; from a manifest, uncompressed sizes are compared.',
        completes: 'file',
      },
      {
        flags: '--write-if-changed',
        about: 'leave an existing file with the same bytes alone',
        details: 'Its inode and modification time stay, so that make and rsync see no change.',
      },
      {
        flags: '--sha256[=FILE]',
        about: 'print the SHA-256 of the archive and write it',
        details:
          "Writes it to FILE, by default ARCHIVE.sha256, in the format of 'sha256sum -c' and with the last component of the archive's path. FILE must follow an equals sign. On standard output without FILE, the digest is printed only.",
      },
      {
        flags: '--manifest <FILE>',
        about: 'write the SHA-256 of every entry, as JSON',
        details: "'pzip diff FILE dir/' compares it with a tree. Cannot be combined with --from and --shard.",
        completes: 'file',
      },
      {
        flags: '--json <FILE>',
        about: 'write a report in JSON; - is stdout',
        details:
          'Options, entries, totals, times, warnings and what was left out, or the error: the report is also written if the archive fails.',
        completes: 'file',
      },
      {
        flags: '--json-lines <FILE>',
        about: 'the same, one object per line; - is stdout',
        completes: 'file',
      },
      {
        flags: '--html <FILE>',
        about: 'write a page that shows what takes the space',
        details:
          'One file for a browser, which loads nothing: a treemap by compressed size with search, the largest entries, extensions, and files with the same CRC-32 and size. Written when the archive is complete.',
        completes: 'file',
      },
      {
        flags: '--html-against <ARCHIVE>',
        about: 'compare with an earlier archive on the page',
        details:
          'Lists entries that were added, removed, or changed in size. ARCHIVE may be the one that is replaced; if it does not exist, a notice is printed.',
        completes: 'file',
      },
      {
        flags: '--reproducible',
        about: 'same input, same bytes on any machine',
        details:
          'All dates are set to SOURCE_DATE_EPOCH, or to 1980-01-01 if it is unset, in UTC; permissions are normalized unless --modes is given.',
      },
      {
        flags: '-T, --test',
        about: 'verify the archive before renaming it',
        details:
          'Compares every header with the central directory, inflates every entry and checks its CRC-32. If verification fails, an existing archive is unchanged.',
      },
      {
        flags: '--modes <HOW>',
        about: 'permissions: keep, keep-special, normalize, a+rX',
        details:
          'keep: as on disk, without setuid, setgid and sticky bits. keep-special: with them. normalize: 0644, and 0755 for directories and executables. a+rX: as on disk, and readable by all. The default is keep, or normalize with --reproducible.',
        choices: ['keep', 'keep-special', 'normalize', 'a+rX'],
      },
      {
        flags: '-c, --comment <TEXT>',
        about: 'comment of the archive',
        details: 'ASCII, at most 65,535 bytes.',
      },
      { flags: '--no-extra', about: 'omit UTC timestamps: local time, 2 s steps' },
      { flags: '-D, --no-dir-entries', about: 'write no entries for directories' },
      {
        flags: '--shard <I/N>',
        about: 'create part I of N of the archive, or auto',
        details:
          "Every machine runs the same command on the same files, with its own number from 1 to N, and reads the files of its part only; 'pzip merge' makes one archive of all parts, byte for byte the one that the command without --shard creates. auto reads I and N from the variables of the CI system or the cluster; auto/N reads I only.",
        parse: toShard,
      },
      {
        flags: '--plan <FILE>',
        about: "take the entries from a plan of 'pzip plan'",
        details:
          'With --shard, and without inputs and the options that decide what goes in and how: the plan has them. The files of the part must have the sizes and dates of the plan.',
        completes: 'file',
      },
      { flags: '--no-clobber', about: 'fail if the archive exists' },
      {
        flags: '--flush',
        about: 'sync the archive to disk before it is renamed',
        details:
          'The default if the archive replaces a file, so that a power failure leaves the old archive or the new one.',
      },
      { flags: '--no-flush', about: 'never sync the archive to disk' },
    ],
  },
  {
    title: 'Output',
    options: [
      {
        flags: '-n, --dry-run',
        about: 'list what would be archived; write nothing',
        details: 'The list goes to standard output: size, name, and the path if it differs from the name.',
      },
      {
        flags: '-v, --verbose',
        about: 'list each entry as it is written',
        details: 'Shows method and sizes. The summary also names the deflate engine.',
      },
      { flags: '-q, --quiet', about: 'print errors only' },
      {
        flags: '--ci <SYSTEM>',
        about: 'report to CI: auto, github, gitlab, azure, none',
        details:
          'github: outputs (archive, archive-name, bytes, entries, changed), a step summary, one annotation for each kind of warning, and an error annotation. azure: the same as variables pzip.NAME, issues and an uploaded summary. gitlab: a dotenv report with PZIP_ARCHIVE, PZIP_BYTES and so on. auto: the system whose variables are set, or none. The default is none.',
        choices: ['auto', 'github', 'gitlab', 'azure', 'none'],
      },
      {
        flags: '--dotenv <FILE>',
        about: 'with --ci gitlab: the dotenv report to write',
        details: "The default is pzip.env. Name it as 'artifacts:reports:dotenv' of the job.",
        completes: 'file',
      },
      { flags: '--no-progress', about: 'show no progress bar and no status lines' },
      { flags: '-h, --help', about: 'show a summary (-h) or the details (--help)' },
      { flags: '--version', about: 'print the version and the deflate engine' },
    ],
  },
];

export const ALL_OPTIONS: readonly OptionSpec[] = OPTION_GROUPS.flatMap(({ options }) => options);
