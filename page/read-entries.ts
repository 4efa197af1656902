/** Reads the entries that are embedded in the page (src/html/entry-columns.ts writes them). */

/** In the order of the archive, a column for each property. */
export interface Entries {
  readonly names: readonly string[];
  readonly compressedSizes: Float64Array;
  readonly sizes: Float64Array;
  readonly crc32s: Uint32Array;
}

export interface Archive {
  readonly name: string;
  readonly bytes: number;
  readonly earlier: { readonly name: string; readonly bytes: number } | null;
}

/** Lengths that names share with the one before, the rest of each name, two kinds of sizes, CRC-32s in base64. */
type Chunk = readonly [readonly number[], readonly string[], readonly number[], readonly number[], string];

export function readArchive(): Archive {
  return JSON.parse(document.getElementById('archive')?.textContent ?? '');
}

/** Their text is taken out of the document, which would keep it. */
export function readEntries(className: string): Entries {
  const chunks: Chunk[] = [];
  for (const element of document.querySelectorAll(`script.${className}`)) {
    chunks.push(JSON.parse(element.textContent ?? ''));
    element.remove();
  }
  const count = chunks.reduce((sum, [shared]) => sum + shared.length, 0);
  const names: string[] = [];
  const compressedSizes = new Float64Array(count);
  const sizes = new Float64Array(count);
  const crc32s = new Uint32Array(count);
  let previous = '';
  for (const [shared, rests, compressed, uncompressed, crcs] of chunks) {
    const at = names.length;
    compressedSizes.set(compressed, at);
    sizes.set(uncompressed, at);
    const binary = atob(crcs);
    for (let row = 0; row < shared.length; row++) {
      previous = previous.slice(0, shared[row]) + (rests[row] ?? '');
      names.push(previous);
      let crc32 = 0;
      for (let byte = 3; byte >= 0; byte--) crc32 = crc32 * 256 + binary.charCodeAt(4 * row + byte);
      crc32s[at + row] = crc32;
    }
  }
  return { names, compressedSizes, sizes, crc32s };
}
