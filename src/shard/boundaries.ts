/**
 * Where an archive is cut into parts. Each entry has a cost, which depends on its size only, and each part gets the same share
 * of the total. Nothing else counts, so that every machine cuts alike, whatever its speed or its number of processors.
 */
import { contentSize, isCopied, type Source } from '../common/entry.js';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import { UINT16_MAX } from '../zip/constants.js';
import { MIMETYPE } from '../zip/mimetype.js';
import type { ShardNumber } from './shard-number.js';

/** Bytes of content that take as long to compress as opening a file, reading it and writing its headers. */
const ENTRY_COST = 4096;

/** An entry that has more than this part of a share is split; otherwise a part could be late by as much. */
const SPLIT_FROM = 1 / 4;

/** Bytes that a fragment's name may have more than its entry's. */
const LONGEST_SUFFIX = 64;

export interface PlannedRange {
  /** Of the sources. */
  readonly index: number;
  /** Bytes of its content that go in; undefined for all of it. */
  readonly range: { readonly start: number; readonly end: number } | undefined;
}

/** In bytes of content. */
export function costOf(source: Source): number {
  const size = isCopied(source) ? source.copied.compressedSize : (contentSize(source) ?? 0);
  return ENTRY_COST + size;
}

/** The entries of a part and, at its ends, the ranges of entries that are split. */
export function* entriesOfPart(sources: readonly Source[], { index, count }: ShardNumber): Generator<PlannedRange> {
  const total = sources.reduce((sum, source) => sum + costOf(source), 0);
  const from = cut(total, index - 1, count);
  // What begins at the end of everything belongs to the last part.
  const to = index === count ? Number.POSITIVE_INFINITY : cut(total, index, count);
  const splitFrom = (total / count) * SPLIT_FROM;
  let position = 0;
  for (const [at, source] of sources.entries()) {
    const size = contentSize(source) ?? 0;
    if (size > splitFrom && canBeSplit(source, size, at)) {
      const chunks = Math.ceil(size / MAX_PIECE_LENGTH);
      const first = chunksBefore(from - position, chunks);
      const end = chunksBefore(to - position, chunks);
      if (first === 0 && end === chunks) yield { index: at, range: undefined };
      else if (first < end) {
        const range = { start: first * MAX_PIECE_LENGTH, end: Math.min(end * MAX_PIECE_LENGTH, size) };
        yield { index: at, range };
      }
    } else if (position >= from && position < to) yield { index: at, range: undefined };
    position += costOf(source);
    if (position >= to) return;
  }
}

/** Exact, as a product of large numbers would not be. */
function cut(total: number, index: number, count: number): number {
  return Math.floor(total / count) * index + Math.floor(((total % count) * index) / count);
}

function canBeSplit(source: Source, size: number, at: number): boolean {
  if (isCopied(source) || (source.kind !== 'file' && source.kind !== 'bytes') || size <= MAX_PIECE_LENGTH) return false;
  // Its headers depend on its name and its being the first.
  if (at === 0 && source.name === MIMETYPE) return false;
  return Buffer.byteLength(source.name) + Buffer.byteLength(source.comment ?? '') + LONGEST_SUFFIX <= UINT16_MAX;
}

/** How many chunks of an entry begin less than `distance` after the entry does. The first begins with its headers. */
function chunksBefore(distance: number, chunks: number): number {
  if (distance <= 0) return 0;
  const behindFirst = Math.ceil((distance - ENTRY_COST) / MAX_PIECE_LENGTH);
  return Math.min(Math.max(1, behindFirst), chunks);
}
