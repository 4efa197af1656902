/** Checks lengths and levels for every engine: a wrong one would make the module access memory beyond the input. */

import { isIntegerFrom } from '../common/integers.js';
import { MAX_LEVEL } from '../common/level.js';
import { MAX_DICTIONARY_LENGTH, MAX_PIECE_LENGTH, MAX_STREAM_LENGTH } from './engine.js';

/** @throws RangeError with the value. Only a defect in pzip can cause it. */
export function checkPiece(dictionaryLength: number, dataLength: number, level: number): void {
  checkInteger('dictionaryLength', dictionaryLength, 0, MAX_DICTIONARY_LENGTH);
  checkInteger('dataLength', dataLength, 0, MAX_PIECE_LENGTH);
  checkInteger('level', level, 1, MAX_LEVEL);
}

/** The same for DeflateEngine.inflatesTo. */
export function checkStream(streamLength: number, dictionaryLength: number, dataLength: number): void {
  checkInteger('streamLength', streamLength, 0, MAX_STREAM_LENGTH);
  checkInteger('dictionaryLength', dictionaryLength, 0, MAX_DICTIONARY_LENGTH);
  checkInteger('dataLength', dataLength, 0, MAX_PIECE_LENGTH);
}

function checkInteger(name: string, value: number, min: number, max: number): void {
  if (!isIntegerFrom(min, max, value)) {
    throw new RangeError(`${name} must be an integer from ${min} to ${max} (got ${value})`);
  }
}
