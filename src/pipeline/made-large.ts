/** How a large entry was made: collected while its pieces are written, recorded when it is complete. */
import { framedLength } from '../deflate/stored-blocks.js';
import type { MadeChunk } from '../reuse/reuse-task.js';
import type { MadeFile, StateRecorder } from '../reuse/state-recorder.js';
import { METHOD_STORED } from '../zip/constants.js';
import type { PlannedEntry } from './jobs.js';
import type { Piece } from './ordered-chunks.js';

export class MadeLarge {
  /** With the lengths of deflated data; undefined if the entry is not what it would become another time. */
  #chunks: { readonly chunk: MadeChunk; readonly dataLength: number }[] | undefined = [];
  #isReused = true;

  /** Whether all chunks have data of an earlier archive. */
  get isReused(): boolean {
    return this.#isReused;
  }

  async *watch(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece, void, undefined> {
    for await (const piece of pieces) {
      const { made, isReused, bytes } = piece;
      if (made === undefined) this.#chunks = undefined;
      else this.#chunks?.push({ chunk: made, dataLength: bytes.length });
      this.#isReused &&= isReused;
      yield piece;
    }
  }

  /** @param method that the entry has in the archive */
  recordIn(recorder: StateRecorder, method: number, { source, level }: PlannedEntry): void {
    const isFragment = 'fragment' in source && source.fragment !== undefined;
    if (this.#chunks === undefined || isFragment) {
      recorder.addOthers(1);
      return;
    }
    const lengths = this.#chunks.map(({ chunk, dataLength }) => {
      if (chunk.isDeflated) return dataLength;
      return method === METHOD_STORED ? chunk.uncompressedSize : framedLength(chunk.uncompressedSize);
    });
    const chunks = this.#chunks.map(({ chunk }) => chunk);
    const file: MadeFile | undefined = source.kind === 'file' ? source : undefined;
    recorder.addLarge(method, level, chunks, lengths, file);
  }
}
