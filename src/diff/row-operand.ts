/**
 * An operand that is a file with one row per entry. It is read twice: first to determine whether its names are sorted and which
 * directories they have in common, then for its entries, which are held only if they must be sorted.
 */
import { compareNames, sharedLength } from '../common/name-order.js';
import type { Pace } from '../common/pace.js';
import type { ArchivePlace, Facts, Operand } from './facts.js';
import { PackedRows, type Row } from './packed-rows.js';

export interface RowSource {
  readonly path: string;
  readonly archive: ArchivePlace | undefined;
  readonly listsDirectories: boolean;
  /** Each call starts from the beginning. */
  rows(): AsyncGenerator<Row, void, undefined>;
  factsOf(row: Row): Facts;
  close(): Promise<void>;
}

/** Entries in a batch. */
const BATCH_LENGTH = 256;

export class RowOperand implements Operand {
  readonly archive: ArchivePlace | undefined;
  readonly listsDirectories: boolean;
  /** The directories that all names begin with; undefined if there are no names. */
  readonly commonDirectories: readonly string[] | undefined;
  readonly #source: RowSource;
  readonly #isSorted: boolean;
  readonly #pace: Pace;

  private constructor(source: RowSource, overview: Overview, pace: Pace) {
    this.archive = source.archive;
    this.listsDirectories = source.listsDirectories;
    this.commonDirectories = overview.common;
    this.#source = source;
    this.#isSorted = overview.isSorted;
    this.#pace = pace;
  }

  static async open(source: RowSource, pace: Pace): Promise<RowOperand> {
    return new RowOperand(source, await overviewOf(source.rows(), pace), pace);
  }

  async *batches(): AsyncGenerator<readonly Facts[], void, undefined> {
    let batch: Facts[] = [];
    for await (const row of this.#isSorted ? this.#source.rows() : this.#sorted()) {
      batch.push(this.#source.factsOf(row));
      if (batch.length < BATCH_LENGTH) continue;
      yield batch;
      batch = [];
      if (this.#pace.isDue) await this.#pace.turn();
    }
    yield batch;
  }

  async *#sorted(): AsyncGenerator<Row, void, undefined> {
    const packed = new PackedRows(this.#source.path);
    let count = 0;
    for await (const row of this.#source.rows()) {
      packed.add(row);
      if (++count % BATCH_LENGTH === 0 && this.#pace.isDue) await this.#pace.turn();
    }
    yield* packed.sorted(this.#pace);
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

interface Overview {
  readonly isSorted: boolean;
  readonly common: readonly string[] | undefined;
}

async function overviewOf(rows: AsyncIterable<Row>, pace: Pace): Promise<Overview> {
  let isSorted = true;
  let previous = '';
  let common: string | undefined;
  let count = 0;
  for await (const { name } of rows) {
    if (compareNames(name, previous) < 0) isSorted = false;
    previous = name;
    if (common === undefined) common = name.slice(0, name.lastIndexOf('/') + 1);
    if (!name.startsWith(common)) common = common.slice(0, common.lastIndexOf('/', sharedLength(name, common) - 1) + 1);
    if (++count % BATCH_LENGTH === 0 && pace.isDue) await pace.turn();
  }
  return { isSorted, common: common?.split('/').slice(0, -1) };
}
