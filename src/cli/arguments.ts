/** The command line, as data: what commander makes of it, checked as far as it can be without looking at files. */
import { Command, CommanderError, Option } from 'commander';
import type { CompressionLevel, CreateArchiveOptions, EngineName } from '../index.js';
import { type CiSystem, detectCi } from './ci/detect.js';
import { explainFlagOfOthers, MEANT_ANYWAY } from './flags-of-others.js';
import { ALL_OPTIONS, type OptionSpec } from './options-table.js';
import { PRESETS } from './presets.js';
import { rejectTwoLevels, withEmptyValues } from './raw-arguments.js';
import { checkReports, defaultChecksum } from './report-flags.js';
import { type AutoShard, type ShardNumber, shardFromEnvironment } from './shard.js';
import { oneLine, UsageError } from './usage-error.js';

export interface CommandLine {
  /** A path, or `-` for standard output. */
  readonly archive: string;
  /** Without the `-` that stands for standard input. */
  readonly inputs: readonly string[];
  /** The name of the entry that standard input becomes, where it is one. */
  readonly stdinName: string | undefined;
  /** Bytes, about. */
  readonly stdinSize: number | undefined;
  /** A path, or `-` for standard input. */
  readonly filesFrom: string | undefined;
  readonly isNullSeparated: boolean;
  readonly options: CommandOptions;
  readonly preset: string | undefined;
  readonly isDryRun: boolean;
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  readonly showsProgress: boolean;
  /** Where the number of the part was found. */
  readonly shardOrigin: string | undefined;
  /** The CI system to report to. */
  readonly ci: CiSystem | undefined;
  /** The dotenv report of GitLab. */
  readonly dotenv: string;
}

/** Those of the library, whose paths are strings here. */
export type CommandOptions = CreateArchiveOptions & { readonly cwd?: string };

/** What may be asked for instead of an archive. */
export type Request = 'help' | 'version';

/** As commander names the values of the options in options-table.ts. */
interface Flags {
  readonly exclude?: string[];
  readonly ignoreFile?: string[];
  readonly gitignore?: true;
  readonly filesFrom?: string;
  readonly null?: true;
  readonly from?: string[];
  readonly onDuplicate?: NonNullable<CreateArchiveOptions['onDuplicate']>;
  readonly symlinks?: NonNullable<CreateArchiveOptions['symlinks']>;
  readonly skipUnreadable?: true;
  readonly onChange?: NonNullable<CreateArchiveOptions['onChange']>;
  readonly allow?: string[];
  readonly require?: string[];
  readonly preset?: string;
  readonly strict?: true;
  readonly ifEmpty?: NonNullable<CreateArchiveOptions['ifEmpty']>;
  readonly cwd?: string;
  readonly prefix?: string;
  readonly stripComponents?: number;
  readonly junkPaths?: true;
  readonly rename?: { from: string; to: string }[];
  readonly first?: string[];
  readonly stdinName?: string;
  readonly stdinSize?: number;
  readonly portableNames?: NonNullable<CreateArchiveOptions['portableNames']>;
  readonly level?: CompressionLevel;
  readonly levelFor?: { pattern: string; level: number }[];
  readonly engine?: EngineName;
  readonly threads?: number;
  readonly memory?: number;
  readonly reproducible?: true;
  readonly modes?: NonNullable<CreateArchiveOptions['modes']>;
  readonly extra: boolean;
  readonly dirEntries: boolean;
  readonly comment?: string;
  readonly test?: true;
  readonly shard?: ShardNumber | AutoShard;
  readonly plan?: string;
  readonly clobber: boolean;
  readonly reuse?: string;
  readonly reuseCheck?: NonNullable<CreateArchiveOptions['reuseCheck']>;
  readonly writeIfChanged?: true;
  readonly maxSize?: number;
  readonly sizeOf?: string;
  readonly maxUnpacked?: number;
  readonly sha256?: string;
  readonly manifest?: string;
  readonly json?: string;
  readonly jsonLines?: string;
  readonly html?: string;
  readonly htmlAgainst?: string;
  readonly flush?: boolean;
  readonly dryRun?: true;
  readonly verbose?: true;
  readonly quiet?: true;
  readonly progress: boolean;
  readonly ci?: 'auto' | 'none' | CiSystem;
  readonly dotenv?: string;
  readonly help?: true;
  readonly version?: true;
}

/**
 * @param argv what follows the command's own name
 * @throws UsageError
 */
export function parseArguments(argv: readonly string[]): CommandLine | Request {
  let program = parseProgram(argv);
  const { preset } = program.opts<Flags>();
  if (preset !== undefined) program = parseProgram([...(PRESETS.get(preset)?.options ?? []), ...argv]);
  const flags = program.opts<Flags>();
  if (flags.help) return 'help';
  if (flags.version) return 'version';
  const [archive, ...inputs] = program.args;
  return toCommandLine(archive, inputs, flags);
}

function parseProgram(argv: readonly string[]): Command {
  const program = makeProgram();
  rejectTwoLevels(argv);
  try {
    return program.parse(withEmptyValues(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new UsageError(explainFlagOfOthers(error.message) ?? oneLine(error.message));
  }
}

function makeProgram(): Command {
  const program = new Command('pzip')
    .argument('[archive]')
    .argument('[inputs...]')
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  for (const spec of ALL_OPTIONS) for (const option of toOptions(spec)) program.addOption(option);
  for (const flag of MEANT_ANYWAY) program.addOption(new Option(flag));
  return program;
}

const LEVELS: readonly CompressionLevel[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

function toOptions(spec: OptionSpec): Option[] {
  if (spec.isLevel) return LEVELS.map((level) => calledLevel(new Option(`-${level}`).argParser(() => level)));
  const option = new Option(spec.flags.replace('[=', ' [='));
  const { parse = (value: string): unknown => value } = spec;
  if (spec.givesLevel !== undefined) return [calledLevel(option.argParser(() => spec.givesLevel))];
  if (spec.choices) option.choices(spec.choices);
  else if (spec.repeats) option.argParser((value, previous: unknown[] = []) => [...previous, parse(value)]);
  else if (spec.parse) option.argParser(parse);
  return [option];
}

function calledLevel(option: Option): Option {
  option.attributeName = () => 'level';
  return option;
}

function toCommandLine(archive: string | undefined, inputs: readonly string[], flags: Flags): CommandLine {
  if (archive === undefined) throw new UsageError('no archive and no inputs given: pzip site.zip dist/');
  if (archive === '') throw new UsageError('the name of the archive is empty');
  const readsInput = inputs.includes('-');
  checkTogether(archive, inputs, readsInput, flags);
  const shard = resolveShard(flags.shard);
  return {
    archive,
    inputs: inputs.filter((input) => input !== '-'),
    stdinName: readsInput ? (flags.stdinName ?? 'stdin') : undefined,
    stdinSize: flags.stdinSize,
    filesFrom: flags.filesFrom,
    isNullSeparated: flags.null === true,
    options: toArchiveOptions(archive, flags, shard),
    preset: flags.preset,
    isDryRun: flags.dryRun === true,
    isQuiet: flags.quiet === true,
    isVerbose: flags.verbose === true,
    showsProgress: flags.progress,
    shardOrigin: shard?.origin,
    ci: flags.ci === 'auto' ? detectCi(process.env) : flags.ci === 'none' ? undefined : flags.ci,
    dotenv: flags.dotenv ?? 'pzip.env',
  };
}

function resolveShard(shard: Flags['shard']): (ShardNumber & { readonly origin?: string }) | undefined {
  return shard?.index === 'auto' ? shardFromEnvironment(shard.count, process.env) : shard;
}

/** What is each right by itself, and makes no sense together. */
function checkTogether(archive: string, inputs: readonly string[], readsInput: boolean, flags: Flags): void {
  if (inputs.length === 0 && [flags.filesFrom, flags.from, flags.plan].every((given) => given === undefined)) {
    throw new UsageError(
      `no inputs for ${archive}: name files, directories or patterns, or use --files-from or --from`,
    );
  }
  if (inputs.filter((input) => input === '-').length > 1)
    throw new UsageError("standard input ('-') can be read once only");
  if (readsInput && flags.filesFrom === '-') {
    throw new UsageError('standard input is either an entry or the list of names: give the list as a file');
  }
  if (flags.stdinName !== undefined && !readsInput) {
    throw new UsageError("--stdin-name requires the input '-'");
  }
  if (flags.stdinSize !== undefined && !readsInput) {
    throw new UsageError("--stdin-size requires the input '-'");
  }
  if (flags.null && flags.filesFrom === undefined) {
    throw new UsageError('-z requires --files-from');
  }
  if (flags.plan !== undefined && flags.shard === undefined) {
    throw new UsageError('--plan requires --shard I/N');
  }
  if (flags.shard !== undefined && readsInput) {
    throw new UsageError('--shard cannot be used with standard input, which only one machine can read: use a file');
  }
  if (flags.shard !== undefined && (flags.maxSize ?? flags.maxUnpacked ?? flags.sizeOf) !== undefined)
    throw new UsageError('--max-size, --max-unpacked and --size-of concern whole archives, not parts (--shard)');
  if (flags.sizeOf !== undefined && flags.dryRun)
    throw new UsageError('--size-of compares compressed sizes, which a dry run does not know');
  if (flags.reuseCheck !== undefined && flags.reuse === undefined) {
    throw new UsageError('--reuse-check requires --reuse');
  }
  if (flags.dotenv !== undefined && flags.ci === undefined) throw new UsageError('--dotenv requires --ci');
  checkReports(archive, flags);
  if (archive !== '-') return;
  if (flags.shard !== undefined)
    throw new UsageError('--shard cannot write to stdout: in a pipe, large entries have another form; name a file');
  if (process.stdout.isTTY && !flags.dryRun) {
    throw new UsageError('refusing to write an archive to a terminal: name a file, or redirect the output');
  }
  if (flags.writeIfChanged) throw new UsageError('--write-if-changed is for an archive in a file');
  if (flags.test) throw new UsageError('-T cannot be used when writing to stdout');
}

function toArchiveOptions(archive: string, flags: Flags, shard: ShardNumber | undefined): CommandOptions {
  const { exclude, ignoreFile, gitignore, symlinks, skipUnreadable, onChange, strict, ifEmpty, cwd } = flags;
  const { prefix, stripComponents, junkPaths, rename, first, portableNames } = flags;
  const { from, onDuplicate, level, levelFor, engine, threads, memory, reproducible, modes, comment, test } = flags;
  return defined({
    allow: flags.allow,
    required: flags.require,
    exclude,
    ignoreFiles: ignoreFile,
    gitignore,
    symlinks,
    skipUnreadable,
    onChange,
    strict,
    ifEmpty,
    cwd,
    prefix,
    stripComponents,
    junkPaths,
    rename,
    first,
    portableNames,
    level,
    levelFor,
    engine,
    threads,
    memory,
    reproducible,
    modes,
    comment,
    from,
    onDuplicate,
    plan: flags.plan,
    shard: shard && { index: shard.index, count: shard.count },
    verify: test,
    extendedTimestamps: flags.extra ? undefined : false,
    directoryEntries: flags.dirEntries ? undefined : false,
    overwrite: flags.clobber ? undefined : false,
    flush: flags.flush,
    reuse: flags.reuse,
    reuseCheck: flags.reuseCheck,
    writeIfChanged: flags.writeIfChanged,
    maxSize: flags.maxSize,
    sizeOf: flags.sizeOf,
    maxUnpacked: flags.maxUnpacked,
    manifest: flags.manifest,
    json: flags.json,
    jsonLines: flags.jsonLines,
    sha256: flags.sha256 === '' ? defaultChecksum(archive) : flags.sha256,
    html: flags.html,
    htmlAgainst: flags.htmlAgainst,
  });
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Without what was not given, so that the defaults are those of the library. */
function defined<T extends object>(options: T): Defined<T> {
  const given: Defined<T> = { ...options };
  for (const key in options) if (options[key] === undefined) delete given[key];
  return given;
}
