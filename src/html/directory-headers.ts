/** Takes entries out of the blocks of a central directory, which may end within a header. */
import { entryName } from '../reader/entry-names.js';
import { CENTRAL_DIRECTORY_HEADER_SIZE } from '../zip/constants.js';
import { parseCentralDirectoryHeader, zip64Values } from '../zip/parse-records.js';
import type { PageEntry } from './entry-columns.js';

/** Positions of the lengths of name, extra field and comment (APPNOTE 4.3.12). */
const LENGTHS = [28, 30, 32];

export class DirectoryHeaders {
  /** The start of a header. */
  #rest: Buffer = Buffer.alloc(0);

  /** The entries whose headers end in this block, which may be reused afterwards. */
  *entriesOf(block: Uint8Array): Generator<PageEntry, void, undefined> {
    const view = Buffer.from(block.buffer, block.byteOffset, block.length);
    const bytes = this.#rest.length === 0 ? view : Buffer.concat([this.#rest, view]);
    let at = 0;
    for (let end = endOfHeader(bytes, at); end <= bytes.length; end = endOfHeader(bytes, at)) {
      const header = parseCentralDirectoryHeader(bytes, at);
      yield { name: entryName(header), crc32: header.crc32, ...zip64Values(header) };
      at = end;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }
}

/** Beyond the bytes if they do not have all of it. */
function endOfHeader(bytes: Buffer, at: number): number {
  const end = at + CENTRAL_DIRECTORY_HEADER_SIZE;
  if (end > bytes.length) return Number.POSITIVE_INFINITY;
  return LENGTHS.reduce((sum, position) => sum + bytes.readUInt16LE(at + position), end);
}
