/**
 * An entry whose fragments are in several parts, as one machine would have written it: stored if no chunk shrank, else one
 * deflate stream, in which the data at the start of a fragment becomes stored blocks, or stored after all if that gained
 * nothing. Everything is known before the first byte, so it is copied like an entry of another archive.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import type {
  CopiedArchive,
  CopiedEntry,
  CopiedSource,
  HeaderFacts,
  LocatedEntry,
  StoredEntry,
} from '../common/entry.js';
import { quote } from '../common/errors.js';
import { crc32Combine } from '../compress/crc32-combine.js';
import { MAX_PIECE_LENGTH } from '../deflate/engine.js';
import { encodeStoredBlocks, framedLength } from '../deflate/stored-blocks.js';
import { invalid } from '../reader/archive-error.js';
import {
  METHOD_DEFLATE,
  METHOD_STORED,
  UINT32_MAX,
  VERSION_DEFLATE_OR_DIRECTORY,
  VERSION_STORED,
} from '../zip/constants.js';
import type { FragmentMark } from './part-marker.js';
import { mismatch, type Part } from './part-set.js';

export interface FoundFragment {
  readonly part: Part;
  readonly source: CopiedSource;
  readonly mark: FragmentMark;
}

/** Bytes of a joined entry: as they are in a fragment, counted from the start of its data, or written anew. */
export type JoinedPiece =
  | { readonly kind: 'range'; readonly fragment: FoundFragment; readonly from: number; readonly to: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

export class JoinedEntry implements CopiedArchive {
  readonly path: string | undefined;
  readonly rank: number;
  readonly #fragments: readonly FoundFragment[];
  readonly #name: string;
  readonly #size: number;
  readonly #crc32: number;
  readonly #form: 'stored' | 'deflated' | 'stored after all';

  /** @throws PzipError PZIP_PARTS_MISMATCH if they do not fit together, PZIP_ARCHIVE_INVALID for one that contradicts itself */
  constructor(fragments: readonly [FoundFragment, ...FoundFragment[]]) {
    const [first] = fragments;
    this.#fragments = fragments;
    this.#name = entryNameOf(first);
    this.#size = first.mark.size;
    this.path = first.source.copied.archive.path;
    this.rank = first.source.copied.archive.rank;
    this.#rejectMisfits();
    let crc32 = 0;
    for (const { mark } of fragments) crc32 = crc32Combine(crc32, mark.crc32, mark.end - mark.start);
    this.#crc32 = crc32;
    const isStored = fragments.every(({ mark }) => mark.rawChunks === chunksOf(mark));
    this.#form = isStored ? 'stored' : deflatedLength(fragments) >= this.#size ? 'stored after all' : 'deflated';
  }

  toSource(): CopiedSource {
    const [first] = this.#fragments;
    if (first === undefined) throw new Error('An entry was joined of nothing');
    const { mode, mtimeMs, comment, copied } = first.source;
    const joined: CopiedEntry = {
      archive: this,
      centralHeader: copied.centralHeader,
      localPosition: copied.localPosition,
      compressedSize: this.#form === 'deflated' ? deflatedLength(this.#fragments) : this.#size,
      uncompressedSize: this.#size,
    };
    return { kind: 'archived', name: this.#name, mode, mtimeMs, comment, copied: joined };
  }

  async readAll(): Promise<StoredEntry[]> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#data()) pieces.push(piece);
    return [{ ...(await this.#headerFacts()), data: Buffer.concat(pieces) }];
  }

  async locate(): Promise<LocatedEntry> {
    return { ...(await this.#headerFacts()), data: () => this.#data() };
  }

  async #headerFacts(): Promise<HeaderFacts> {
    const [first] = this.#fragments;
    if (first === undefined) throw new Error('An entry was joined of nothing');
    const { copied } = first.source;
    const { central, localExtraField } = await copied.archive.locate(copied);
    const isDeflated = this.#form === 'deflated';
    return {
      central: {
        ...central,
        compressionMethod: isDeflated ? METHOD_DEFLATE : METHOD_STORED,
        versionNeededToExtract: isDeflated ? VERSION_DEFLATE_OR_DIRECTORY : VERSION_STORED,
        crc32: this.#crc32,
      },
      localExtraField,
      // As of a file of that size.
      reservesZip64: this.#size >= UINT32_MAX,
    };
  }

  /** The data, without reading what need not be written anew. */
  async *pieces(): AsyncGenerator<JoinedPiece, void, undefined> {
    if (this.#form === 'stored after all') {
      for await (const bytes of this.#inflated()) yield { kind: 'bytes', bytes };
      return;
    }
    for (const fragment of this.#fragments) {
      const { mark, source } = fragment;
      const from = this.#form === 'stored' ? 0 : rawLength(mark);
      if (from > 0) for await (const bytes of framedStart(fragment)) yield { kind: 'bytes', bytes };
      yield { kind: 'range', fragment, from, to: source.copied.compressedSize };
    }
  }

  async *#data(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of this.pieces()) {
      if (piece.kind === 'bytes') yield piece.bytes;
      else yield* dataFrom(piece.fragment, piece.from);
    }
  }

  async *#inflated(): AsyncGenerator<Uint8Array, void, undefined> {
    const inflate = zlib.createInflateRaw();
    const fed = pipeline(Readable.from(deflated(this.#fragments), { objectMode: false }), inflate);
    // Its error is that of the iteration, too.
    fed.catch(() => {});
    let length = 0;
    let crc32 = 0;
    for await (const bytes of inflate as AsyncIterable<Buffer>) {
      length += bytes.length;
      crc32 = zlib.crc32(bytes, crc32);
      if (length > this.#size) break;
      yield bytes;
    }
    if (length === this.#size && crc32 === this.#crc32) return;
    throw invalid(this.path, 'its fragments do not inflate to the content that their parts describe', {
      entryName: this.#name,
    });
  }

  #rejectMisfits(): void {
    let previous: FoundFragment | undefined;
    for (const fragment of this.#fragments) {
      const { mark, source } = fragment;
      const { path } = source.copied.archive;
      const entryName = source.name;
      const isLast = mark.end === mark.size;
      const isWhole = mark.start % MAX_PIECE_LENGTH === 0 && (isLast || mark.end % MAX_PIECE_LENGTH === 0);
      const isRaw = mark.rawChunks === chunksOf(mark);
      const { compressedSize: length } = source.copied;
      const fits = isRaw ? length === mark.end - mark.start : length >= rawLength(mark);
      if (source.kind !== 'archived' || !isWhole || mark.rawChunks > chunksOf(mark) || !fits) {
        throw invalid(path, 'it is a fragment of another length than its part describes', { entryName });
      }
      if (previous !== undefined) rejectMisfit(previous, fragment);
      previous = fragment;
    }
  }
}

/** The name of the entry that a fragment is of. */
export function entryNameOf({ source: { name, copied }, mark }: FoundFragment): string {
  const entryName = name.slice(0, mark.nameLength);
  if (/^\.pzip-fragment-\d+~*$/.test(name.slice(mark.nameLength))) return entryName;
  throw invalid(copied.archive.path, 'its name is not that of a fragment, as its part describes it', {
    entryName: name,
  });
}

function rejectMisfit(previous: FoundFragment, next: FoundFragment): void {
  const name = entryNameOf(previous);
  const where = `${previous.part.name} and ${next.part.name}`;
  const [a, b] = [previous.mark, next.mark];
  if (entryNameOf(next) !== name || a.size !== b.size || a.end !== b.start) {
    throw mismatch(`${where} have fragments of ${quote(name)} that do not follow one another; create both parts again`);
  }
  const isOther = a.tailCrc32 !== null && b.dictionaryCrc32 !== null && a.tailCrc32 !== b.dictionaryCrc32;
  if (!isOther) return;
  throw mismatch(
    `${where} have fragments of different files: the content of ${quote(name)} was not the same on both machines`,
  );
}

/** As if nothing had to be stored. */
async function* deflated(fragments: readonly FoundFragment[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const fragment of fragments) {
    yield* framedStart(fragment);
    yield* dataFrom(fragment, rawLength(fragment.mark));
  }
}

/** The chunks at the start of a fragment that are the data itself, as stored blocks. */
async function* framedStart(fragment: FoundFragment): AsyncGenerator<Uint8Array, void, undefined> {
  const { mark } = fragment;
  const length = rawLength(mark);
  let filled = 0;
  let position = 0;
  const chunk = Buffer.allocUnsafe(Math.min(MAX_PIECE_LENGTH, length));
  for await (const bytes of dataFrom(fragment, 0)) {
    for (let rest = bytes; rest.length > 0 && position < length; ) {
      const chunkLength = Math.min(MAX_PIECE_LENGTH, length - position);
      const taken = rest.subarray(0, chunkLength - filled);
      chunk.set(taken, filled);
      filled += taken.length;
      rest = rest.subarray(taken.length);
      if (filled < chunkLength) continue;
      position += chunkLength;
      filled = 0;
      yield encodeStoredBlocks(chunk.subarray(0, chunkLength), mark.start + position === mark.size);
    }
    if (position === length) return;
  }
}

/** @param start bytes of the fragment's data to leave out */
async function* dataFrom(
  { source: { copied } }: FoundFragment,
  start: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = 0;
  for await (const bytes of (await copied.archive.locate(copied)).data()) {
    const from = Math.min(bytes.length, Math.max(0, start - position));
    position += bytes.length;
    if (from < bytes.length) yield bytes.subarray(from);
  }
}

function chunksOf({ start, end }: FragmentMark): number {
  return Math.ceil((end - start) / MAX_PIECE_LENGTH);
}

/** Bytes at the start of a fragment that are the data itself. */
function rawLength(mark: FragmentMark): number {
  return Math.min(mark.rawChunks * MAX_PIECE_LENGTH, mark.end - mark.start);
}

/** Bytes of an entry as a deflate stream. */
function deflatedLength(fragments: readonly FoundFragment[]): number {
  let length = 0;
  for (const { mark, source } of fragments) {
    const raw = rawLength(mark);
    const whole = Math.floor(raw / MAX_PIECE_LENGTH);
    const rest = raw % MAX_PIECE_LENGTH;
    length += whole * framedLength(MAX_PIECE_LENGTH) + (rest > 0 ? framedLength(rest) : 0);
    length += source.copied.compressedSize - raw;
  }
  return length;
}
