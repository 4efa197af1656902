/** Builds a task: entries for one thread, and the findings about them so far. */
import { resolve } from 'node:path';
import type { DirectoryEntry } from '../reader/directory.js';
import { LONGEST_LOCAL_HEADER, MAX_TASK_ENTRIES, MAX_TASK_LENGTH } from '../reader/limits.js';
import { LONGEST_DATA_DESCRIPTOR } from '../zip/data-descriptor.js';
import { type CheckResult, type CheckTask, isLarge, type StopFlag } from './check-task.js';
import type { EntryFinding, RawFinding } from './findings.js';

interface PlannedEntry {
  readonly name: string;
  readonly findings: readonly EntryFinding[];
}

export class TaskPlan {
  readonly #path: string | undefined;
  readonly #bytes: Uint8Array | undefined;
  readonly #stop: StopFlag;
  readonly #directory: Buffer[] = [];
  readonly #positions: number[] = [];
  readonly #limits: number[] = [];
  /** Entries with findings, by their number in the plan. */
  readonly #planned = new Map<number, PlannedEntry>();
  /** For each entry of the task, its number in the plan. */
  readonly #numbers: number[] = [];
  #count = 0;
  #directoryLength = 0;
  /** Bytes of the archive to read. */
  #length = 0;
  #contentLength = 0;
  #hasLarge = false;
  /** Where reading of the last entry ends. */
  #end = 0;

  /** @param path undefined for an archive in memory, whose bytes are in `bytes` */
  constructor(path: string | undefined, bytes: Uint8Array | undefined, stop: StopFlag) {
    this.#path = path;
    this.#bytes = bytes;
    this.#stop = stop;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get contentLength(): number {
    return this.#contentLength;
  }

  hasRoomFor(entry: DirectoryEntry, limit: number): boolean {
    if (this.isEmpty) return true;
    if (this.#hasLarge || isLarge(entry) || this.#count >= MAX_TASK_ENTRIES) return false;
    // Bytes in memory are copied, from the first entry to the end of the last one.
    const isFarAway = this.#bytes !== undefined && this.#numbers.length > 0 && entry.localPosition !== this.#end;
    if (isFarAway || this.#directoryLength + entry.bytes.length > MAX_TASK_LENGTH) return false;
    return this.#length + spanEnd(entry, limit) - entry.localPosition <= MAX_TASK_LENGTH;
  }

  /** Adds an entry to read. */
  add(entry: DirectoryEntry, limit: number, name: string, findings: readonly EntryFinding[]): void {
    const end = spanEnd(entry, limit);
    this.#numbers.push(this.#count);
    this.#directory.push(entry.bytes);
    this.#directoryLength += entry.bytes.length;
    this.#positions.push(entry.localPosition);
    this.#limits.push(limit);
    this.#length += end - entry.localPosition;
    this.#contentLength += entry.uncompressedSize;
    this.#hasLarge = isLarge(entry);
    this.#end = end;
    this.addUnread(name, findings);
  }

  /** Adds an entry that is not read, because its position is impossible. */
  addUnread(name: string, findings: readonly EntryFinding[]): void {
    if (findings.length > 0) this.#planned.set(this.#count, { name, findings });
    this.#count++;
  }

  /** Undefined if no entry is read. */
  task(): CheckTask | undefined {
    const [start] = this.#positions;
    if (start === undefined) return undefined;
    return {
      source: this.#path === undefined ? { bytes: this.#copy(start), start } : { path: resolve(this.#path) },
      directory: new Uint8Array(Buffer.concat(this.#directory)),
      positions: Float64Array.from(this.#positions),
      limits: Float64Array.from(this.#limits),
      stop: this.#stop,
    };
  }

  #copy(start: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes?.subarray(start, this.#end) ?? []);
  }

  /** @returns all findings about the entries, in order */
  *findings(result: Extract<CheckResult, { entries: unknown }>): Generator<RawFinding> {
    const all = new Map(this.#planned);
    for (const { index, entryName, findings } of result.entries) {
      const number = this.#numbers[index] ?? 0;
      all.set(number, { name: entryName, findings: [...(all.get(number)?.findings ?? []), ...findings] });
    }
    for (const [, { name, findings }] of [...all].sort(([a], [b]) => a - b)) {
      for (const finding of findings) yield { entryName: name, ...finding };
    }
  }
}

function spanEnd({ localPosition, compressedSize }: DirectoryEntry, limit: number): number {
  return Math.min(limit, localPosition + LONGEST_LOCAL_HEADER + compressedSize + LONGEST_DATA_DESCRIPTOR);
}
