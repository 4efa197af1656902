/** Puts the chunks of a large entry, which are compressed in any order, in order: its pieces form one deflate stream. */

import { crc32Combine, crc32CombineOperator, crc32CombineWith } from '../compress/crc32-combine.js';
import { toPzipError } from '../compress/failure.js';
import { changed } from '../compress/source-file.js';
import type { ChunkResult, ChunkTask, FileRange, OnChange, SourceChange } from '../compress/tasks.js';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import type { ContentKey } from '../reuse/content-table.js';
import type { MadeChunk } from '../reuse/reuse-task.js';
import type { Budget } from './budget.js';

/** The next piece of a large entry. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** If not, `bytes` is the data itself, to be stored. */
  readonly isDeflated: boolean;
  readonly isLast: boolean;
  /** Of the entry's data up to the end of this piece. */
  readonly crc32: number;
  readonly uncompressedSize: number;
  readonly isReused: boolean;
  /** Undefined for a piece that is not what compressing the content would give another time. */
  readonly made: MadeChunk | undefined;
  readonly content: ContentKey | undefined;
}

/** A chunk that was sent to a thread. */
export interface SentChunk {
  readonly result: Promise<ChunkResult>;
  /** Undefined for content in memory. */
  readonly range: FileRange | undefined;
  readonly level: number;
  readonly isLast: boolean;
}

export interface PieceOptions {
  readonly entryName: string;
  readonly onChange: OnChange;
  readonly run: (task: ChunkTask) => Promise<ChunkResult>;
  /** Counts the bytes of each result until it is written. */
  readonly budget: Budget;
  readonly warnOfChange: (change: SourceChange) => void;
  /** For a fragment of an entry, whose first chunk has the end of another fragment as its dictionary. */
  readonly joint?: Joint | undefined;
}

/** Where a fragment joins the ones before and after it: the CRC-32s that must agree there, set as the chunks come. */
export interface Joint {
  dictionaryCrc32: number | undefined;
  tailCrc32: number | undefined;
}

/**
 * Awaits the chunks in order and combines their checksums.
 *
 * Each chunk of a file is read separately, together with the 32 KiB before it, its dictionary. If the file is written
 * meanwhile in a way that its times do not show (through a memory map, for example), these bytes may have changed, and the
 * piece would inflate to wrong data. So the dictionary's checksum is compared with that of the end of the previous chunk.
 *
 * @throws PzipError
 */
export async function* inOrder(
  chunks: AsyncIterable<SentChunk>,
  options: PieceOptions,
): AsyncGenerator<Piece, void, undefined> {
  const { budget, joint } = options;
  let crc32 = 0;
  let tailCrc32: number | undefined;
  let isFirst = true;
  let hasWarned = false;
  /** Bytes of the budget that the current chunk uses. */
  let held = 0;
  try {
    for await (const sent of chunks) {
      let chunk = succeeded(await sent.result, options);
      held = chunk.bytes.length;
      const { range } = sent;
      if (joint !== undefined && isFirst) {
        joint.dictionaryCrc32 = chunk.dictionaryCrc32;
        tailCrc32 = chunk.dictionaryCrc32;
      }
      isFirst = false;
      if (range !== undefined && isPrimedOtherwise(chunk, tailCrc32)) {
        if (options.onChange !== 'warn') throw changed(range.path, WRITTEN_MEANWHILE);
        const again = succeeded(await options.run(unprimed(sent, range)), options);
        chunk = { ...again, change: again.change ?? WRITTEN_MEANWHILE };
        budget.take(chunk.bytes.length);
        budget.release(held);
        held = chunk.bytes.length;
      }
      ({ tailCrc32 } = chunk);
      if (joint !== undefined) joint.tailCrc32 = tailCrc32;
      if (range !== undefined && chunk.change !== undefined && !hasWarned) {
        hasWarned = true;
        options.warnOfChange({ path: range.path, how: chunk.change });
      }
      const { bytes, isDeflated, uncompressedSize, isReused, made, content } = chunk;
      crc32 =
        uncompressedSize === MAX_PIECE_LENGTH
          ? crc32CombineWith(pieceOperator(), crc32, chunk.crc32)
          : crc32Combine(crc32, chunk.crc32, uncompressedSize);
      held = 0;
      const endsEarly = range !== undefined && uncompressedSize < range.end - range.start;
      if (!endsEarly || sent.isLast) {
        yield { bytes, isDeflated, isLast: sent.isLast, crc32, uncompressedSize, isReused, made, content };
        continue;
      }
      const other = { isReused: false, made: undefined, content: undefined };
      yield { bytes, isDeflated, isLast: !isDeflated, crc32, uncompressedSize, ...other };
      if (isDeflated) yield { bytes: NOTHING, isDeflated: false, isLast: true, crc32, uncompressedSize: 0, ...other };
      void letGo(chunks, budget);
      return;
    }
  } catch (error) {
    budget.release(held);
    void letGo(chunks, budget);
    throw error;
  }
}

const NOTHING = new Uint8Array(0);

const WRITTEN_MEANWHILE = 'it was written while it was read';

function succeeded(chunk: ChunkResult, { entryName }: PieceOptions): ChunkResult {
  if (chunk.failure) throw toPzipError(chunk.failure, entryName);
  return chunk;
}

function isPrimedOtherwise({ dictionaryCrc32 }: ChunkResult, tailCrc32: number | undefined): boolean {
  return dictionaryCrc32 !== undefined && dictionaryCrc32 !== tailCrc32;
}

/** Without a dictionary, a piece can follow any other. */
function unprimed({ level, isLast }: SentChunk, range: FileRange): ChunkTask {
  return { input: { ...range, isPrimed: false }, isLast, level, output: undefined, reuse: undefined };
}

/** Releases the memory of an aborted entry's other pieces, which may have been compressed already. */
async function letGo(chunks: AsyncIterable<SentChunk>, budget: Budget): Promise<void> {
  try {
    for await (const { result } of chunks) budget.release((await result).bytes.length);
  } catch {
    // The archive has failed, and with it the budget.
  }
}

let fullPieceOperator: number | undefined;

/** All pieces of an entry except the last have the same length, so the operator that combines them is computed once. */
function pieceOperator(): number {
  fullPieceOperator ??= crc32CombineOperator(MAX_PIECE_LENGTH);
  return fullPieceOperator;
}
