/**
 * Digests of a selection: what decides the bytes of the archive before a file is read. Two machines that select the same have
 * the same digest, whatever part they create. Content is not read for it: of a file, its size and its date count.
 */
import { createHash, type Hash } from 'node:crypto';
import { contentSize, isCopied, type Source } from '../common/entry.js';
import type { EntryPlanner } from '../pipeline/entry-planner.js';
import type { PlanFacts } from './part-marker.js';

/** Entries that are hashed together: a call for each took five times as long. */
const BATCH_LENGTH = 1024;

class Aspect {
  readonly #hash: Hash = createHash('sha256');
  #values: (string | number)[] = [];

  /** @param value free of NUL characters */
  add(value: string | number): void {
    this.#values.push(value);
    if (this.#values.length >= BATCH_LENGTH) this.#flush();
  }

  digest(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #flush(): void {
    this.#hash.update(`${this.#values.join('\0')}\0`);
    this.#values = [];
  }
}

export class PlanDigest {
  readonly #planner: EntryPlanner;
  readonly #names = new Aspect();
  readonly #sizes = new Aspect();
  readonly #dates = new Aspect();
  readonly #modes = new Aspect();
  readonly #levels = new Aspect();
  #entryCount = 0;
  #contentSize = 0;

  /** @param planner used for this only: it decides dates and levels as that of the archive will */
  constructor(planner: EntryPlanner) {
    this.#planner = planner;
  }

  /** Adds the next entry of the archive. */
  add(source: Source): void {
    const { name, kind, mode, comment } = source;
    const size = contentSize(source) ?? 0;
    this.#entryCount++;
    this.#contentSize += size;
    this.#names.add(name);
    if (comment !== undefined) this.#names.add(`comment ${Buffer.from(comment).toString('hex')}`);
    if (kind === 'symlink') this.#names.add(`link ${Buffer.from(source.target).toString('hex')}`);
    this.#sizes.add(size);
    if (isCopied(source)) {
      // Its data, its dates and its permissions come from another archive, which is the same for every machine.
      const { centralHeader, localPosition } = source.copied;
      this.#sizes.add(`copied ${localPosition} ${sha256(centralHeader)}`);
      return;
    }
    if (kind === 'bytes') this.#sizes.add(`content ${sha256(source.bytes)}`);
    const { lastModFileDate, lastModFileTime, unixTime, level } = this.#planner.plan(source);
    this.#dates.add(lastModFileDate);
    this.#dates.add(lastModFileTime);
    this.#dates.add(unixTime);
    this.#modes.add(mode);
    this.#levels.add(level);
  }

  /**
   * @param settings what of the options decides bytes
   * @param comment of the archive
   */
  finish(settings: string, comment: string): PlanFacts {
    const aspects = [this.#names, this.#sizes, this.#dates, this.#modes, this.#levels].map((aspect) => aspect.digest());
    const [names = '', sizes = '', dates = '', modes = '', levels = ''] = aspects.map((digest) => digest.slice(0, 16));
    const all = [settings, comment, this.#entryCount, this.#contentSize, ...aspects];
    return {
      digest: sha256(Buffer.from(JSON.stringify(all))),
      names,
      sizes,
      dates,
      modes,
      levels,
      settings,
      entryCount: this.#entryCount,
      contentSize: this.#contentSize,
    };
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
