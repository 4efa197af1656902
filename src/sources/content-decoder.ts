/** Converts the chunks of a stream to bytes. A chunk of text may end in the middle of a character. */

import { bytesOf, hasLoneSurrogate } from '../common/bytes.js';
import { PzipError, quote } from '../common/errors.js';
import { show } from '../common/option-rules.js';

const HIGH_SURROGATE_AT_END = /[\ud800-\udbff]$/;

export class ContentDecoder {
  readonly #entryName: string;
  /** A high surrogate whose low surrogate begins the next chunk. */
  #held = '';

  constructor(entryName: string) {
    this.#entryName = entryName;
  }

  /** @throws PzipError PZIP_SOURCE_UNREADABLE for a chunk that is neither bytes nor text, and for an unpaired surrogate */
  decode(chunk: unknown): Uint8Array {
    if (typeof chunk === 'string') return this.#decodeText(chunk);
    if (this.#held !== '') throw this.#halfCharacter();
    let bytes: Uint8Array | undefined;
    try {
      bytes = bytesOf(chunk);
    } catch (cause) {
      throw this.#error('a buffer whose memory was transferred to another owner', cause);
    }
    if (bytes === undefined) throw this.#error(`${show(chunk)}, which is neither bytes nor text`);
    return bytes;
  }

  /** @throws PzipError if the stream ends in the middle of a character */
  end(): undefined {
    if (this.#held !== '') throw this.#halfCharacter();
    return undefined;
  }

  #decodeText(chunk: string): Uint8Array {
    const text = this.#held + chunk;
    const isCut = HIGH_SURROGATE_AT_END.test(text.slice(-1));
    const whole = isCut ? text.slice(0, -1) : text;
    if (hasLoneSurrogate(whole)) throw this.#halfCharacter();
    this.#held = isCut ? text.slice(-1) : '';
    return Buffer.from(whole);
  }

  #halfCharacter(): PzipError {
    return this.#error('text with a lone surrogate, which has no UTF-8 form');
  }

  #error(what: string, cause?: unknown): PzipError {
    const entryName = this.#entryName;
    const message = `The stream of ${quote(entryName)} gave ${what}`;
    return new PzipError('PZIP_SOURCE_UNREADABLE', message, { entryName, cause });
  }
}
