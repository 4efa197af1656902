/**
 * The options `maxSize` and `maxUnpacked`. An archive that exceeds one fails before it replaces anything. The error names the
 * largest entries, so a selection is listed to its end, and an archive in a file written to its end, unless it is far too long.
 */
import type { WrittenEntry } from '../common/entry.js';
import { PzipError, quote, type SizedEntry } from '../common/errors.js';
import { LargestEntries } from '../common/largest-entries.js';

export interface SizeLimitOptions {
  /** Bytes of the archive. */
  readonly maxSize?: number | undefined;
  /** Bytes of all content. */
  readonly maxUnpacked?: number | undefined;
}

/** A file of this many times the limit is not written further. */
const FAR_TOO_LONG = 4;

export class SizeLimits {
  readonly #maxSize: number;
  readonly #maxUnpacked: number;
  readonly #fail: (error: PzipError) => void;
  readonly #compressed = new LargestEntries();
  readonly #found = new LargestEntries();
  readonly #unpacked = new LargestEntries();
  #foundBytes = 0;
  #unpackedBytes = 0;

  private constructor({ maxSize, maxUnpacked }: SizeLimitOptions, fail: (error: PzipError) => void) {
    this.#maxSize = maxSize ?? Number.POSITIVE_INFINITY;
    this.#maxUnpacked = maxUnpacked ?? Number.POSITIVE_INFINITY;
    this.#fail = fail;
  }

  /** @returns undefined without limits */
  static of(options: SizeLimitOptions, fail: (error: PzipError) => void): SizeLimits | undefined {
    if (options.maxSize === undefined && options.maxUnpacked === undefined) return undefined;
    return new SizeLimits(options, fail);
  }

  /** Whether a selection should be listed before it is compressed. */
  get looksAhead(): boolean {
    return this.#maxUnpacked < Number.POSITIVE_INFINITY;
  }

  /** Whether what was found is too much already; checkFound() fails then. */
  get isExceeded(): boolean {
    return this.#foundBytes > this.#maxUnpacked;
  }

  /** Counts content that will be archived. */
  found(name: string, bytes: number): void {
    this.#foundBytes += bytes;
    this.#found.add({ name, size: bytes });
  }

  /**
   * Counts content of a stream of unknown length as it arrives.
   *
   * @param total bytes of the stream so far
   */
  arrived(name: string, bytes: number, total: number): void {
    this.#foundBytes += bytes;
    this.#found.grow({ name, size: total });
    this.checkFound();
  }

  checkFound(): void {
    if (this.isExceeded) this.#fail(tooMuchContent(this.#foundBytes, this.#maxUnpacked, this.#found.list));
  }

  /** Counts an entry of the archive, whose file may have grown since it was found. */
  written({ name, compressedSize, uncompressedSize }: WrittenEntry): void {
    this.#compressed.add({ name, size: compressedSize });
    this.#unpacked.add({ name, size: uncompressedSize });
    this.#unpackedBytes += uncompressedSize;
    if (this.#unpackedBytes <= this.#maxUnpacked) return;
    this.#fail(tooMuchContent(this.#unpackedBytes, this.#maxUnpacked, this.#unpacked.list));
  }

  /**
   * @param length bytes that the archive has at least, if nothing more is added
   * @param isFile whether nobody has read any of it yet
   */
  checkLength(length: number, isFile: boolean): void {
    if (length > this.#maxSize * (isFile ? FAR_TOO_LONG : 1)) this.#failLength(length, 'at least ');
  }

  /** @param length of the complete archive */
  checkComplete(length: number): void {
    if (length > this.#maxSize) this.#failLength(length, '');
  }

  #failLength(length: number, atLeast: string): void {
    const largest = this.#compressed.list;
    const message = `The archive has ${atLeast}${grouped(length)} bytes, more than \`maxSize\`, ${grouped(this.#maxSize)}`;
    this.#fail(new PzipError('PZIP_TOO_LARGE', message + largestOf(largest), { largest }));
  }
}

function tooMuchContent(bytes: number, limit: number, largest: readonly SizedEntry[]): PzipError {
  const message = `The entries have ${grouped(bytes)} bytes unpacked, more than \`maxUnpacked\`, ${grouped(limit)}`;
  return new PzipError('PZIP_TOO_LARGE', message + largestOf(largest), { largest });
}

function largestOf([first]: readonly SizedEntry[]): string {
  return first === undefined ? '' : `; the largest entry is ${quote(first.name)}, ${grouped(first.size)}`;
}

function grouped(bytes: number): string {
  return String(bytes).replace(/\B(?=(\d{3})+$)/g, ',');
}
