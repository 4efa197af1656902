/** The keys of an archive in a configuration: the long names of the command's options. */
import { ALL_OPTIONS } from '../options-table.js';

export interface ConfigOption {
  readonly about: string;
  readonly takesValue: boolean;
  /** Whether the value may be left out, which is `true` in a configuration. */
  readonly mayBeEmpty: boolean;
  readonly repeats: boolean;
  readonly choices: readonly string[] | undefined;
  /** Of options without a value: whether there is `--KEY`, for true, and `--no-KEY`, for false. */
  readonly hasOn: boolean;
  readonly hasOff: boolean;
}

/** What is of a run and not of an archive, and what would read standard input. */
const NOT_OF_AN_ARCHIVE = new Set([
  'files-from',
  'null',
  'stdin-name',
  'stdin-size',
  'threads',
  'memory',
  'engine',
  'dry-run',
  'verbose',
  'quiet',
  'progress',
  'ci',
  'dotenv',
  'help',
  'version',
  'shard',
  'plan',
]);

export const CONFIG_OPTIONS: ReadonlyMap<string, ConfigOption> = collect();

function collect(): Map<string, ConfigOption> {
  const options = new Map<string, ConfigOption>();
  for (const spec of ALL_OPTIONS) {
    const [, long, value] = /--([\w-]+)(\[=| <)?/.exec(spec.flags) ?? [];
    if (long === undefined) continue;
    const key = long.replace(/^no-/, '');
    if (NOT_OF_AN_ARCHIVE.has(key)) continue;
    const other = options.get(key);
    options.set(key, {
      about: other?.about ?? spec.about,
      takesValue: value !== undefined,
      mayBeEmpty: value === '[=',
      repeats: spec.repeats ?? false,
      choices: spec.choices,
      hasOn: other?.hasOn === true || long === key,
      hasOff: other?.hasOff === true || long !== key,
    });
  }
  return options;
}
