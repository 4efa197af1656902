/** The value of --shard: which part of how many this machine creates, given or found in the environment of the CI system. */
import { InvalidArgumentError } from 'commander';
import { UsageError } from './usage-error.js';

export interface ShardNumber {
  readonly index: number;
  readonly count: number;
}

export interface AutoShard {
  readonly index: 'auto';
  /** Undefined: the environment has it. */
  readonly count: number | undefined;
}

/** As the library's limit. */
const MOST_SHARDS = 100_000;

export function toShard(value: string): ShardNumber | AutoShard {
  const [, first = '', last] = /^(auto|\d{1,6})(?:\/(\d{1,6}))?$/.exec(value) ?? [];
  const count = last === undefined ? undefined : Number(last);
  const isCount = count === undefined || (count >= 1 && count <= MOST_SHARDS);
  if (first === 'auto' && isCount) return { index: 'auto', count };
  const index = Number(first);
  if (first !== '' && count !== undefined && isCount && index >= 1 && index <= count) return { index, count };
  throw new InvalidArgumentError("It is a part and the number of parts, such as 3/8, or 'auto'.");
}

/** Where a system says which of several machines this is. */
interface System {
  readonly name: string;
  readonly index: string;
  readonly count?: string;
  /** The index of the first machine. */
  readonly base: 0 | 1;
  /** For a system whose indexes need not begin at `base`: the variables of the first, of the last and of the distance. */
  readonly range?: { readonly first: string; readonly last: string; readonly step: string };
}

const SYSTEMS: readonly System[] = [
  { name: 'GitLab', index: 'CI_NODE_INDEX', count: 'CI_NODE_TOTAL', base: 1 },
  { name: 'CircleCI', index: 'CIRCLE_NODE_INDEX', count: 'CIRCLE_NODE_TOTAL', base: 0 },
  { name: 'Buildkite', index: 'BUILDKITE_PARALLEL_JOB', count: 'BUILDKITE_PARALLEL_JOB_COUNT', base: 0 },
  { name: 'Bitbucket', index: 'BITBUCKET_PARALLEL_STEP', count: 'BITBUCKET_PARALLEL_STEP_COUNT', base: 0 },
  { name: 'Semaphore', index: 'SEMAPHORE_JOB_INDEX', count: 'SEMAPHORE_JOB_COUNT', base: 1 },
  { name: 'Azure Pipelines', index: 'SYSTEM_JOBPOSITIONINPHASE', count: 'SYSTEM_TOTALJOBSINPHASE', base: 1 },
  { name: 'a Kubernetes indexed Job', index: 'JOB_COMPLETION_INDEX', base: 0 },
  { name: 'AWS Batch', index: 'AWS_BATCH_JOB_ARRAY_INDEX', count: 'AWS_BATCH_JOB_ARRAY_SIZE', base: 0 },
  {
    name: 'Slurm',
    index: 'SLURM_ARRAY_TASK_ID',
    count: 'SLURM_ARRAY_TASK_COUNT',
    base: 1,
    range: { first: 'SLURM_ARRAY_TASK_MIN', last: 'SLURM_ARRAY_TASK_MAX', step: 'SLURM_ARRAY_TASK_STEP' },
  },
  { name: 'Cloud Run', index: 'CLOUD_RUN_TASK_INDEX', count: 'CLOUD_RUN_TASK_COUNT', base: 0 },
];

/** The number of parts where the system does not say it. */
const COUNT_VARIABLE = 'PZIP_SHARD_COUNT';

export interface FoundShard extends ShardNumber {
  /** What was read, for people. */
  readonly origin: string;
}

/**
 * @param count of parts, if the command line has it
 * @throws UsageError if no system or several say which machine this is, or one says what cannot be
 */
export function shardFromEnvironment(count: number | undefined, variables: NodeJS.ProcessEnv): FoundShard {
  const found = SYSTEMS.filter(({ index }) => variables[index] !== undefined && variables[index] !== '');
  const [system] = found;
  if (system === undefined) {
    const known = SYSTEMS.map(({ index }) => index).join(', ');
    throw new UsageError(`--shard auto finds none of these variables: ${known}; use --shard I/N`);
  }
  if (found.length > 1) {
    const names = found.map(({ name, index }) => `${index} (${name})`).join(' and ');
    throw new UsageError(`--shard auto finds ${names}, and cannot tell which counts; use --shard I/N`);
  }
  const reader = new Reader(variables);
  const index = reader.number(system.index);
  const total = totalOf(system, count, reader);
  const base = system.range === undefined ? system.base : reader.number(system.range.first);
  const step = system.range === undefined ? 1 : reader.number(system.range.step, 1);
  const position = (index - base) / step;
  if (system.range !== undefined) rejectGaps(system.range, total, base, step, reader);
  if (!Number.isInteger(position) || position < 0 || position >= total) {
    const last = base + (total - 1) * step;
    throw new UsageError(`--shard auto: ${reader.origin} is no machine of ${total} (they are ${base} to ${last})`);
  }
  return { index: position + 1, count: total, origin: `${reader.origin} (${system.name})` };
}

function totalOf({ name, count: variable }: System, given: number | undefined, reader: Reader): number {
  const isThere = variable !== undefined && reader.has(variable);
  const fromSystem = isThere ? reader.number(variable, 1) : undefined;
  if (given !== undefined) {
    if (fromSystem === undefined || fromSystem === given) return given;
    throw new UsageError(`--shard auto/${given}: ${reader.origin} says that there are ${fromSystem} machines`);
  }
  if (fromSystem !== undefined) return fromSystem;
  if (reader.has(COUNT_VARIABLE)) return reader.number(COUNT_VARIABLE, 1);
  throw new UsageError(
    `--shard auto: ${name} does not say how many machines there are; use --shard auto/N, or set ${COUNT_VARIABLE}`,
  );
}

/** An array such as 1,5,7 has no order that one of its machines could know. */
function rejectGaps(
  { last }: NonNullable<System['range']>,
  total: number,
  first: number,
  step: number,
  reader: Reader,
): void {
  const end = reader.number(last);
  if ((end - first) / step + 1 === total) return;
  throw new UsageError(`--shard auto: ${reader.origin} is not a range; use --array=1-N, or --shard I/N`);
}

/** Reads variables, and remembers which. */
class Reader {
  readonly #variables: NodeJS.ProcessEnv;
  readonly #read = new Map<string, string>();

  constructor(variables: NodeJS.ProcessEnv) {
    this.#variables = variables;
  }

  /** What was read, such as `A=1 B=2`. */
  get origin(): string {
    return [...this.#read].map(([name, value]) => `${name}=${value}`).join(' ');
  }

  has(name: string): boolean {
    return (this.#variables[name] ?? '') !== '';
  }

  number(name: string, least = 0): number {
    const value = this.#variables[name] ?? '';
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    const most = least === 1 ? MOST_SHARDS : Number.MAX_SAFE_INTEGER;
    if (!(number >= least && number <= most)) {
      const shown = value === '' ? 'is not set' : `is '${value.slice(0, 40)}'`;
      throw new UsageError(
        `--shard auto: ${name} ${shown}, and not a number${least === 1 ? ` from 1 to ${most}` : ''}`,
      );
    }
    this.#read.set(name, value);
    return number;
  }
}
