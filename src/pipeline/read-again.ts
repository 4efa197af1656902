/**
 * Reads files outside the normal order: a file that has changed since it was selected, and one that is longer than its size,
 * like files in /proc. It is read once, from beginning to end, and compressed in chunks like a stream if it is long.
 */
import { readlinkSync, realpathSync, type Stats } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BytesSource, FileSource } from '../common/entry.js';
import { PzipError } from '../common/errors.js';
import { readDescriptor } from '../compress/read-descriptor.js';
import {
  changed,
  closeSource,
  isSameFile,
  OTHER_FILE,
  openSource,
  statSource,
  whatChanged,
} from '../compress/source-file.js';
import type { ChunkResult, MemoryRange, OnChange } from '../compress/tasks.js';
import type { Budget } from './budget.js';
import { PieceBuffer } from './chunk-buffer.js';
import type { SentChunk } from './ordered-chunks.js';

/** Attempts to read a changed file before it fails. */
export const MAX_ATTEMPTS = 3;

/** Milliseconds before the first attempt, doubled for each further one: by then, a program has often finished writing. */
const FIRST_PAUSE = 20;

/** Chunks compressed ahead of the one being written; few, because the budget does not bound them. */
const CHUNKS_AHEAD = 4;

export interface ReadAgainOptions {
  readonly onChange: OnChange;
  /** Absolute paths of directories that the caller named, possibly through links; below them, links are not followed. */
  readonly roots: readonly string[];
  readonly budget: Budget;
  readonly run: (input: MemoryRange, isLast: boolean) => Promise<ChunkResult>;
}

export type ContentReadAgain =
  | { readonly kind: 'small'; readonly source: BytesSource }
  | {
      readonly kind: 'large';
      readonly source: FileSource;
      readonly chunks: AsyncGenerator<SentChunk, void, undefined>;
    };

/** @throws PzipError PZIP_SOURCE_CHANGED, PZIP_SOURCE_MISSING or PZIP_SOURCE_UNREADABLE */
export async function readAgain(selected: FileSource, options: ReadAgainOptions): Promise<ContentReadAgain> {
  for (let attempt = 1; ; attempt++) {
    if (options.onChange === 'retry') await sleep(FIRST_PAUSE * 2 ** (attempt - 1));
    try {
      return await readOnce(selected, options);
    } catch (error) {
      const isChanged = error instanceof PzipError && error.code === 'PZIP_SOURCE_CHANGED';
      if (!isChanged || options.onChange !== 'retry' || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

async function readOnce(selected: FileSource, options: ReadAgainOptions): Promise<ContentReadAgain> {
  const reading = new Reading(selected, options);
  let isHandedOn = false;
  try {
    const piece = new PieceBuffer(undefined);
    for (let bytes = await reading.next(); bytes !== undefined; bytes = await reading.next()) {
      const taken = piece.append(bytes);
      if (taken === bytes.length) continue;
      isHandedOn = true;
      return {
        kind: 'large',
        source: reading.source,
        chunks: chunksOf(reading, piece, bytes.subarray(taken), options),
      };
    }
    reading.check();
    return { kind: 'small', source: asBytes(reading.source, piece.data) };
  } finally {
    if (!isHandedOn) reading.close();
  }
}

/** @param rest bytes that have been read and do not fit into the piece */
async function* chunksOf(
  reading: Reading,
  piece: PieceBuffer,
  rest: Uint8Array,
  { budget, run, onChange }: ReadAgainOptions,
): AsyncGenerator<SentChunk, void, undefined> {
  const { level = 0 } = reading.source;
  const ahead: SentChunk[] = [];
  const send = (isLast: boolean): void => {
    const result = run(piece.take(), isLast).then((chunk) => {
      budget.take(chunk.bytes.length);
      return chunk;
    });
    result.catch(() => {});
    ahead.push({ result, range: undefined, level, isLast });
  };
  try {
    for (let bytes: Uint8Array | undefined = rest; bytes !== undefined; bytes = await reading.next()) {
      for (let left = bytes; left.length > 0; left = left.subarray(piece.append(left))) if (piece.isFull) send(false);
      while (ahead.length > CHUNKS_AHEAD) yield* ahead.splice(0, 1);
    }
    if (onChange !== 'warn') reading.check();
    send(true);
    while (ahead.length > 0) yield* ahead.splice(0, 1);
  } finally {
    reading.close();
    for (const { result } of ahead) result.then(({ bytes }) => budget.release(bytes.length)).catch(() => {});
  }
}

class Reading {
  readonly descriptor: number;
  /** The current state of the file. */
  readonly source: FileSource;
  readonly #bytes: AsyncGenerator<Uint8Array, void, undefined>;
  #length = 0;

  constructor(selected: FileSource, options: ReadAgainOptions) {
    const { path, isFollowed } = selected;
    this.descriptor = openSource(path, isFollowed);
    try {
      const stats = statSource(this.descriptor, path);
      const mayBeOther = options.onChange === 'retry' && stats.isFile();
      if (!isSameFile(stats, selected) && !(mayBeOther && isAt(this.descriptor, selected, options.roots))) {
        throw changed(path, OTHER_FILE);
      }
      this.source = { ...selected, ...stateOf(stats) };
    } catch (error) {
      this.close(path);
      throw error;
    }
    this.#bytes = readDescriptor(this.descriptor, path, selected.name);
  }

  /** @throws PzipError PZIP_SOURCE_CHANGED for a file that grows while it is read, perhaps endlessly */
  async next(): Promise<Uint8Array | undefined> {
    const { value } = await this.#bytes.next();
    if (value === undefined) return undefined;
    this.#length += value.length;
    if (this.#length > this.source.size) this.check();
    return value;
  }

  /** @throws PzipError PZIP_SOURCE_CHANGED for a file that has changed since it was opened */
  check(): void {
    const { path, size } = this.source;
    const how = whatChanged(statSource(this.descriptor, path), this.source, this.#length >= size);
    if (how !== undefined) throw changed(path, how);
  }

  close(path = this.source.path): void {
    closeSource(this.descriptor, path);
  }
}

function stateOf({ size, mtimeMs, ctimeMs, dev, ino }: Stats): Partial<FileSource> {
  return { size, mtimeMs, ctimeMs, dev, ino };
}

/**
 * Whether the open file is in the selected one's directory, so that it may replace it: the path must not lead elsewhere
 * through a link that was added since.
 */
function isAt(descriptor: number, { path, isFollowed }: FileSource, roots: readonly string[]): boolean {
  if (isFollowed) return true;
  try {
    const place = readlinkSync(`/proc/self/fd/${descriptor}`);
    const isIn = (root: string): boolean => path.startsWith(root) && path[root.length] === '/';
    return place === path || roots.some((root) => isIn(root) && place === realpathSync(root) + path.slice(root.length));
  } catch {
    // Without /proc there is no way to know.
    return false;
  }
}

function asBytes(source: FileSource, bytes: Uint8Array): BytesSource {
  const { name, mode, mtimeMs, givenMtimeMs, comment, level, path } = source;
  return { kind: 'bytes', name, mode, mtimeMs, givenMtimeMs, comment, level, path, bytes };
}
