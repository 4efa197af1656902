/** Collects entries of other archives into jobs, as BatchBuilder collects small files; no worker thread is needed for them. */
import type { CopiedSource } from '../common/entry.js';
import { BATCH_CAPACITY } from '../compress/batch-builder.js';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import type { Budget } from './budget.js';
import type { Channel } from './channel.js';
import { frameCopies } from './copy-batch.js';
import type { Job } from './jobs.js';

export class CopyPlanner {
  readonly #jobs: Channel<Job>;
  readonly #budget: Budget;
  /** Bytes that the budget counts for an entry besides its data. */
  readonly #overhead: number;
  #sources: CopiedSource[] = [];
  #bytes = 0;

  constructor(jobs: Channel<Job>, budget: Budget, overhead: number) {
    this.#jobs = jobs;
    this.#budget = budget;
    this.#overhead = overhead;
  }

  get count(): number {
    return this.#sources.length;
  }

  hasRoomFor({ copied }: CopiedSource): boolean {
    return this.count < BATCH_CAPACITY && this.#bytes + copied.compressedSize <= MAX_PIECE_LENGTH;
  }

  add(source: CopiedSource): void {
    this.#sources.push(source);
    this.#bytes += source.copied.compressedSize;
  }

  /** Reads what was collected as soon as the budget has room. */
  async send(): Promise<void> {
    const sources = this.#sources;
    const bytes = this.#bytes;
    const overhead = sources.length * this.#overhead;
    this.#sources = [];
    this.#bytes = 0;
    await this.#budget.acquire(bytes + overhead);
    const result = frameCopies(sources).then((batch) => {
      this.#budget.take(batch.bytes.length - bytes);
      return batch;
    });
    // The writer gets the error when it comes to this job.
    result.catch(() => {});
    this.#jobs.push({ kind: 'batch', result, overhead });
  }
}
