/**
 * Every option of the command: the parser, --help, the manual page and the completion scripts read this table. A row is one
 * line of --help, which may hold related options.
 *
 * The file is long because it is one table: its order is the order of --help.
 */
import { toBytes, toLevel, toLevelRule, toNumberOfComponents, toNumberOfThreads, toRenaming } from './option-values.js';

export interface OptionGroup {
  readonly title: string;
  readonly rows: readonly OptionRow[];
}

export interface OptionRow {
  readonly options: readonly OptionSpec[];
  /** What --help says of all of them; that of the only one where it is left out. */
  readonly help?: string;
}

export interface OptionSpec {
  /** As commander takes them. */
  readonly flags: string;
  /** One line: what completion shows, and how the manual begins. */
  readonly about: string;
  /** What the manual adds, in whole sentences. */
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

const PATTERN_RULE = 'A pattern means what a line of a .gitignore means, and is held against names in the archive.';

export const OPTION_GROUPS: readonly OptionGroup[] = [
  {
    title: 'What goes in',
    rows: [
      {
        options: [
          {
            flags: '-x, --exclude <PATTERN>',
            about: 'leave out what matches, as in a .gitignore',
            details: `${PATTERN_RULE} A directory that is left out is not entered. '!PATTERN' takes back what an earlier pattern left out.`,
            repeats: true,
          },
        ],
      },
      {
        help: 'the same from a file; as .gitignores say',
        options: [
          {
            flags: '--ignore-file <FILE>',
            about: 'leave out what the patterns of a file match',
            details: 'One pattern a line, as in a .gitignore; those of --exclude come after them.',
            completes: 'file',
            repeats: true,
          },
          {
            flags: '--gitignore',
            about: 'leave out what git ignores',
            details:
              "As 'git ls-files -co --exclude-standard' has it: by .gitignore files, .git/info/exclude and core.excludesFile. Tracked files go in although a pattern matches them, and .git itself stays out.",
          },
        ],
      },
      {
        help: 'take what a list names (-: stdin); by NULs',
        options: [
          {
            flags: '--files-from <FILE>',
            about: 'take the names that a list holds, - for standard input',
            details:
              'One name a line, taken literally; a directory stands for itself, without what is in it. Inputs may be given besides.',
            completes: 'file',
          },
          {
            flags: '-z, --null',
            about: 'the names of the list end in NUL, as find -print0 and git ls-files -z write them',
          },
        ],
      },
      {
        help: 'keep (the default), follow, skip or error',
        options: [
          {
            flags: '--symlinks <HOW>',
            about: 'what becomes of symbolic links',
            details:
              'keep: they go in as links, dangling ones too. follow: what they lead to goes in under their name. skip: they stay out. error: one of them is an error. The default is keep.',
            choices: ['keep', 'follow', 'skip', 'error'],
          },
        ],
      },
      {
        help: 'go on without it, exit 3; warnings fail',
        options: [
          {
            flags: '--skip-unreadable',
            about: 'leave out what cannot be read, and exit with 3',
            details: 'Each is named on standard error. Without this option it is an error, and there is no archive.',
          },
          { flags: '--strict', about: 'make every warning an error' },
        ],
      },
      {
        help: 'a file changes; nothing is found: error…',
        options: [
          {
            flags: '--on-change <HOW>',
            about: 'what happens when a file is written while it is read',
            details:
              'error, which is the default: there is no archive; with --skip-unreadable, one without the file. retry: the file is read again, up to three times; to standard output that cannot be done for one of more than a MiB that is partly written. warn: what was read goes in, with a warning, so that a log can be archived while it grows. A file that another one has replaced is never taken with warn.',
            choices: ['error', 'retry', 'warn'],
          },
          {
            flags: '--if-empty <HOW>',
            about: 'what it means when nothing is found',
            details:
              'error, which is the default, warn or ignore. With the last two an archive without entries is made.',
            choices: ['error', 'warn', 'ignore'],
          },
        ],
      },
      {
        options: [
          {
            flags: '-C, --cwd <DIR>',
            about: 'take inputs and names relative to DIR',
            details: 'The path of the archive is not affected.',
            completes: 'directory',
          },
        ],
      },
    ],
  },
  {
    title: 'Under which name',
    rows: [
      {
        help: 'put it all in DIR; drop N leading folders',
        options: [
          { flags: '--prefix <DIR>', about: 'put everything into a directory of the archive' },
          {
            flags: '--strip-components <N>',
            about: 'leave out the first N components of each name',
            details: 'What has no more components than that stays out.',
            parse: toNumberOfComponents,
          },
        ],
      },
      {
        help: 'bare file names; path or glob A becomes B',
        options: [
          { flags: '-j, --junk-paths', about: 'keep only the last component of each name' },
          {
            flags: '--rename <A=B>',
            about: 'give what is named A the name B',
            details:
              "A is a path, which stands for all that is below it as well, or a glob, whose parts that match '*' and '**' stand in B where it has the same. The first that fits counts. It is done after --strip-components and --junk-paths, and before --prefix.",
            repeats: true,
            parse: toRenaming,
          },
        ],
      },
      {
        help: 'order; standard input',
        options: [
          {
            flags: '--first <PATTERN>',
            about: 'put what matches ahead of everything else',
            details: `${PATTERN_RULE} Several come in the order of the options. An EPUB wants --first mimetype --level-for mimetype=0.`,
            repeats: true,
          },
          { flags: '--stdin-name <NAME>', about: "the name of the entry that the input '-' becomes, else 'stdin'" },
          {
            flags: '--stdin-size <SIZE>',
            about: "bytes that the input '-' has at most, about, such as 20G",
            details:
              'From 4G on, an archive that goes to a pipe announces sizes of 64 bits, which bsdtar needs to read such an entry from a pipe. A file that is redirected to standard input has its size known.',
            parse: toBytes,
          },
        ],
      },
      {
        help: 'names unfit elsewhere: warn, error or off',
        options: [
          {
            flags: '--portable-names <HOW>',
            about: 'what to say of names that some systems refuse',
            details:
              'Such are names reserved by Windows, names that differ only in case or in the Unicode form, and names that are too long. warn, which is the default, names a few of them; error; off.',
            choices: ['warn', 'error', 'off'],
          },
        ],
      },
    ],
  },
  {
    title: 'How it is compressed',
    rows: [
      {
        help: '0 stores, 1 fast, 6 default, 10 is --max',
        options: [
          { flags: '-0 ... -9', about: 'the level: 0 stores, 1 is fastest, 6 the default, 9 thorough', isLevel: true },
          { flags: '--level <N>', about: 'the same, up to 10, which takes long', parse: toLevel },
          {
            flags: '--max',
            about: 'as small as can be: the same as --level 10',
            details: 'It takes many times as long as the default.',
            givesLevel: 10,
          },
        ],
      },
      {
        help: 'do not compress; level N for what matches',
        options: [
          { flags: '--store', about: 'do not compress: the same as -0', givesLevel: 0 },
          {
            flags: '--level-for <PATTERN=N>',
            about: 'compress what matches at level N, 0 for not at all',
            details: `${PATTERN_RULE} The last that matches counts.`,
            repeats: true,
            parse: toLevelRule,
          },
        ],
      },
      {
        help: 'at most: else all cores; else 64M',
        options: [
          {
            flags: '--threads <N>',
            about: 'worker threads at most',
            details:
              'The default is one for each core; 0 compresses without worker threads. The archive is the same for any number.',
            parse: toNumberOfThreads,
          },
          {
            flags: '--memory <SIZE>',
            about: 'bytes of input and output to hold at a time, such as 64M or 1G',
            details: 'The default is 64M, or 8M for each thread where that is more.',
            parse: toBytes,
          },
        ],
      },
      {
        help: "wasm: pzip's own, faster; zlib: Node's",
        options: [
          {
            flags: '--engine <NAME>',
            about: 'which deflate engine compresses',
            details:
              "wasm: pzip's own, in WebAssembly; the default. zlib: that of Node, which is slower and ends at level 9. Where WebAssembly is not to be had, zlib is taken with a warning, unless wasm was asked for. The bytes of the two differ; every reader reads both.",
            choices: ['wasm', 'zlib'],
          },
        ],
      },
    ],
  },
  {
    title: 'What is written',
    rows: [
      {
        help: 'same bytes on any machine; read it back',
        options: [
          {
            flags: '--reproducible',
            about: 'the same input gives the same bytes anywhere',
            details:
              'All dates are SOURCE_DATE_EPOCH, or 1980-01-01 where that is not set, in UTC; permissions are normalized unless --modes says otherwise.',
          },
          {
            flags: '-T, --test',
            about: 'read the archive back before it takes its name',
            details:
              'Every header is compared with the directory and every entry is inflated and checksummed. If anything is wrong, what had the name before stays.',
          },
        ],
      },
      {
        help: "which permissions; the archive's comment",
        options: [
          {
            flags: '--modes <HOW>',
            about: 'which permissions are written',
            details:
              'keep: those of the files, without setuid, setgid and sticky bits. keep-special: with them. normalize: 0644, 0755 for directories and for what is executable for anyone. a+rX: those of the files, made readable for all. The default is keep, with --reproducible normalize.',
            choices: ['keep', 'keep-special', 'normalize', 'a+rX'],
          },
          {
            flags: '-c, --comment <TEXT>',
            about: 'the comment of the archive',
            details: 'ASCII, at most 65,535 bytes.',
          },
        ],
      },
      {
        help: 'no UTC dates; no directories of their own',
        options: [
          { flags: '--no-extra', about: 'write no extra fields: dates are local, to two seconds' },
          { flags: '-D, --no-dir-entries', about: 'write no entries for directories' },
        ],
      },
      {
        help: 'never replace; wait for the disk, or not',
        options: [
          { flags: '--no-clobber', about: 'fail where a file has the name of the archive already' },
          {
            flags: '--flush',
            about: 'wait until the archive is on the disk, before it takes its name',
            details:
              'Without this option that is done where the archive replaces a file, so that a failure of power leaves the old one or the complete new one. Where there is no old one, the system writes back in its own time.',
          },
          {
            flags: '--no-flush',
            about: 'do not wait for the disk, even where the archive replaces a file',
            details: 'For a build, say, which would make the archive again.',
          },
        ],
      },
    ],
  },
  {
    title: 'What is said',
    rows: [
      {
        help: 'list what would go in; name each entry',
        options: [
          {
            flags: '-n, --dry-run',
            about: 'list what would go in, and write nothing',
            details: 'The list goes to standard output: size, name, and the path where that is another.',
          },
          {
            flags: '-v, --verbose',
            about: 'name each entry as it is written, with method and sizes',
            details: 'The closing line names the deflate engine too.',
          },
        ],
      },
      {
        help: 'only errors; no progress bar',
        options: [
          { flags: '-q, --quiet', about: 'say nothing but errors' },
          { flags: '--no-progress', about: 'show no progress bar, and no signs of life in a log' },
        ],
      },
      {
        help: 'man pzip tells more',
        options: [
          { flags: '-h, --help', about: 'show this help' },
          { flags: '--version', about: 'show the version, and which engine compresses here' },
        ],
      },
    ],
  },
];

export const ALL_OPTIONS: readonly OptionSpec[] = OPTION_GROUPS.flatMap(({ rows }) =>
  rows.flatMap(({ options }) => options),
);

/** The two that commander brings itself, and words of its own for. */
export const BUILT_IN_FLAGS: readonly string[] = ['-h, --help', '--version'];
