/** The chunks of one large entry, compressed in any order, become its pieces in order, which make one deflate stream. */

import { crc32Combine, crc32CombineOperator, crc32CombineWith } from '../compress/crc32-combine.js';
import { toPzipError } from '../compress/failure.js';
import { changed } from '../compress/source-file.js';
import type { ChunkResult, ChunkTask, FileRange, OnChange, SourceChange } from '../compress/tasks.js';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import type { Budget } from './budget.js';

/** A piece of a large entry, next in order. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** Else `bytes` is the data itself, to be stored. */
  readonly isDeflated: boolean;
  readonly isLast: boolean;
  /** Of the entry's data up to the end of this piece. */
  readonly crc32: number;
  readonly uncompressedSize: number;
}

/** A chunk that a thread has been given. */
export interface SentChunk {
  readonly result: Promise<ChunkResult>;
  /** Undefined for what came from memory. */
  readonly range: FileRange | undefined;
  readonly level: number;
  readonly isLast: boolean;
}

export interface PieceOptions {
  readonly entryName: string;
  readonly onChange: OnChange;
  readonly run: (task: ChunkTask) => Promise<ChunkResult>;
  /** Holds the bytes of each result that is not written yet. */
  readonly budget: Budget;
  readonly warnOfChange: (change: SourceChange) => void;
}

/**
 * Awaits the chunks in order and joins their checksums.
 *
 * Each chunk of a file is read by itself, and once more the 32 KiB before it, which are its dictionary. A file that is written
 * meanwhile, in a way that its times need not show (through a memory map, say), may have other bytes there by then, and the
 * piece would inflate to something else. So the dictionary's checksum is compared with that of the end of the chunk before.
 *
 * @throws PzipError
 */
export async function* inOrder(
  chunks: AsyncIterable<SentChunk>,
  options: PieceOptions,
): AsyncGenerator<Piece, void, undefined> {
  const { budget } = options;
  let crc32 = 0;
  let tailCrc32: number | undefined;
  let hasWarned = false;
  /** Bytes of the budget that the chunk at hand has. */
  let held = 0;
  try {
    for await (const sent of chunks) {
      let chunk = succeeded(await sent.result, options);
      held = chunk.bytes.length;
      const { range } = sent;
      if (range !== undefined && isPrimedOtherwise(chunk, tailCrc32)) {
        if (options.onChange !== 'warn') throw changed(range.path, WRITTEN_MEANWHILE);
        const again = succeeded(await options.run(unprimed(sent, range)), options);
        chunk = { ...again, change: again.change ?? WRITTEN_MEANWHILE };
        budget.take(chunk.bytes.length);
        budget.release(held);
        held = chunk.bytes.length;
      }
      ({ tailCrc32 } = chunk);
      if (range !== undefined && chunk.change !== undefined && !hasWarned) {
        hasWarned = true;
        options.warnOfChange({ path: range.path, how: chunk.change });
      }
      const { bytes, isDeflated, uncompressedSize } = chunk;
      crc32 =
        uncompressedSize === MAX_PIECE_LENGTH
          ? crc32CombineWith(pieceOperator(), crc32, chunk.crc32)
          : crc32Combine(crc32, chunk.crc32, uncompressedSize);
      held = 0;
      const endsEarly = range !== undefined && uncompressedSize < range.end - range.start;
      if (!endsEarly || sent.isLast) {
        yield { bytes, isDeflated, isLast: sent.isLast, crc32, uncompressedSize };
        continue;
      }
      yield { bytes, isDeflated, isLast: !isDeflated, crc32, uncompressedSize };
      if (isDeflated) yield { bytes: NOTHING, isDeflated: false, isLast: true, crc32, uncompressedSize: 0 };
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

/** Without a dictionary, a piece fits behind any other. */
function unprimed({ level, isLast }: SentChunk, range: FileRange): ChunkTask {
  return { input: { ...range, isPrimed: false }, isLast, level, output: undefined };
}

/** The other pieces of an entry that is given up may have been compressed all the same, and hold their part of the budget. */
async function letGo(chunks: AsyncIterable<SentChunk>, budget: Budget): Promise<void> {
  try {
    for await (const { result } of chunks) budget.release((await result).bytes.length);
  } catch {
    // The archive has failed meanwhile, and with it the budget.
  }
}

let fullPieceOperator: number | undefined;

/** All pieces but the last of an entry are equally long, so what combining them takes is worked out once. */
function pieceOperator(): number {
  fullPieceOperator ??= crc32CombineOperator(MAX_PIECE_LENGTH);
  return fullPieceOperator;
}
