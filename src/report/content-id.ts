/**
 * A digest of what an archive contains, whatever engine, level, dates and order it has: the SHA-256 of one record for each
 * entry, sorted by bytes. docs/reports.md defines it for others; test/report/content-id.test.ts keeps its value.
 */
import { createHash } from 'node:crypto';
import { modeText, type ReportedEntry } from './entry-headers.js';

/** Initial bytes. */
const FIRST_LENGTH = 16 * 1024;

export class ContentId {
  /** The records, back to back. */
  #records = Buffer.allocUnsafeSlow(FIRST_LENGTH);
  #length = 0;
  /** Where each record ends. */
  readonly #ends: number[] = [];
  #isSorted = true;

  /** @param sha256 of the content, or of a link's target, in hexadecimal digits; undefined for a directory */
  add({ nameBytes, mode, kind }: ReportedEntry, sha256: string | undefined): void {
    const facts = `\n${modeText(mode)} ${kind} ${sha256 ?? '-'}\0`;
    const start = this.#length;
    this.#makeRoom(nameBytes.length + facts.length);
    nameBytes.copy(this.#records, start);
    this.#records.write(facts, start + nameBytes.length, 'latin1');
    this.#length += nameBytes.length + facts.length;
    this.#ends.push(this.#length);
    const count = this.#ends.length;
    // Most archives are sorted by name.
    if (this.#isSorted && count > 1) this.#isSorted = this.#compare(count - 2, count - 1) <= 0;
  }

  /** In hexadecimal digits. */
  digest(): string {
    const hash = createHash('sha256');
    if (this.#isSorted) return hash.update(this.#records.subarray(0, this.#length)).digest('hex');
    const order = Uint32Array.from(this.#ends.keys()).sort((a, b) => this.#compare(a, b));
    for (const index of order) hash.update(this.#records.subarray(this.#startOf(index), this.#ends[index]));
    return hash.digest('hex');
  }

  #startOf(index: number): number {
    return this.#ends[index - 1] ?? 0;
  }

  #compare(a: number, b: number): number {
    const records = this.#records;
    return records.compare(records, this.#startOf(b), this.#ends[b], this.#startOf(a), this.#ends[a]);
  }

  #makeRoom(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#records.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#records.length));
    this.#records.copy(grown, 0, 0, this.#length);
    this.#records = grown;
  }
}
