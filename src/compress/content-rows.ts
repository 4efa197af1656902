/** What a batch reports of the contents that it compressed; see WrittenContents. */
import type { ContentKey } from '../reuse/content-table.js';
import { IS_STORED } from '../reuse/reuse-task.js';
import {
  CONTENT_COLUMNS,
  CONTENT_CRC32,
  CONTENT_DATA_LENGTH,
  CONTENT_LENGTH_AND_FLAGS,
  CONTENT_START,
} from '../reuse/written-contents.js';

export class ContentRows {
  readonly #rows: Uint32Array<ArrayBuffer>;
  #length = 0;

  constructor(entryCount: number) {
    this.#rows = new Uint32Array(entryCount * CONTENT_COLUMNS);
  }

  /**
   * @param key undefined for an entry that will not be looked for
   * @param dataEnd bytes from the start of the batch's result
   */
  add(key: ContentKey | undefined, dataLength: number, dataEnd: number, isStored: boolean): void {
    if (key === undefined) return;
    const rows = this.#rows;
    const row = this.#length;
    rows[row + CONTENT_CRC32] = key.crc32;
    rows[row + CONTENT_LENGTH_AND_FLAGS] = key.lengthAndFlags | (isStored ? IS_STORED : 0);
    rows[row + CONTENT_START] = dataEnd - dataLength;
    rows[row + CONTENT_DATA_LENGTH] = dataLength;
    this.#length += CONTENT_COLUMNS;
  }

  finish(): Uint32Array<ArrayBuffer> {
    return this.#rows.subarray(0, this.#length);
  }
}
