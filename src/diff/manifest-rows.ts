/** A manifest's entries as rows: lines or JSON texts of limited length, held one at a time. */
import { PzipError, quote } from '../common/errors.js';
import { READ_LENGTH } from '../reader/limits.js';
import { openFile, type RandomAccess } from '../reader/random-access.js';
import type { Facts, NameRule } from './facts.js';
import type { Row } from './packed-rows.js';
import type { RowSource } from './row-operand.js';

/** A manifest format. */
export interface ManifestForm {
  readonly listsDirectories: boolean;
  /**
   * @param number of the entry, from 1 on
   * @throws PzipError PZIP_MANIFEST_INVALID
   */
  parse(payload: Buffer, path: string, number: number): Facts;
}

/** Splits a manifest into the texts of its entries. */
export type ManifestSplitter = (chunks: AsyncIterable<Buffer>, path: string) => AsyncGenerator<Buffer, void, undefined>;

/** Bytes of a line or an entry: twice those of the longest name in an archive with every character escaped. */
export const MAX_ROW_LENGTH = 256 * 1024;

export async function openManifestRows(
  path: string,
  form: ManifestForm,
  split: ManifestSplitter,
  nameRule: NameRule,
): Promise<RowSource> {
  const file = await openFile(path);
  return {
    path,
    archive: undefined,
    listsDirectories: form.listsDirectories,
    async *rows() {
      let number = 0;
      for await (const payload of split(chunksOf(file), path)) {
        const name = nameRule(form.parse(payload, path, ++number).name);
        if (name !== undefined) yield { name, payload };
      }
    },
    // It was parsed before.
    factsOf: ({ name, payload }: Row) => ({ ...form.parse(payload, path, 0), name }),
    close: () => file.close(),
  };
}

async function* chunksOf(file: RandomAccess): AsyncGenerator<Buffer, void, undefined> {
  for (let position = 0; position < file.size; position += READ_LENGTH) {
    yield await file.read(position, Math.min(READ_LENGTH, file.size - position));
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const HASH_SIGN = 0x23;

/** Lines without terminators. Empty lines and comments are skipped, as sha256sum(1) does. */
export async function* manifestLines(
  chunks: AsyncIterable<Buffer>,
  path: string,
): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      yield* meant(bytes.subarray(start, end));
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > MAX_ROW_LENGTH) throw manifestFault(path, `a line has more than ${MAX_ROW_LENGTH} bytes`);
  }
  yield* meant(rest);
}

function* meant(line: Buffer): Generator<Buffer> {
  const text = line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
  if (text.length > 0 && text[0] !== HASH_SIGN) yield text;
}

/** Names as pzip would write them, without a leading `./`, `../` or `/`. */
export function cleanName(name: string): string {
  return name.replace(/^(?:\.{0,2}\/)+/, '');
}

export function manifestFault(path: string, fault: string): PzipError {
  return new PzipError('PZIP_MANIFEST_INVALID', `The manifest ${quote(path)} is invalid: ${fault}`, { path });
}
