/** Text files that other programs write: lists and ignore files. Their byte order mark distinguishes UTF-8 from UTF-16. */

/** What a byte order mark says; without one, text is UTF-8. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32le';

/** The encoding that the text's byte order mark names, and how many bytes the mark has; 0 without one. */
export function sniffEncoding(bytes: Uint8Array): { readonly encoding: TextEncoding; readonly markLength: number } {
  const [first, second, third, fourth] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', markLength: 3 };
  // The mark of UTF-32 begins with that of UTF-16, and no text goes on with a NUL.
  if (first === 0xff && second === 0xfe && third === 0 && fourth === 0) return { encoding: 'utf-32le', markLength: 4 };
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', markLength: 2 };
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', markLength: 2 };
  return { encoding: 'utf-8', markLength: 0 };
}

/**
 * The text of a whole file: UTF-16 where its byte order mark says so, which is what PowerShell 5 writes with `>`, and UTF-8
 * otherwise. The mark is not part of the text; malformed bytes become U+FFFD.
 */
export function decodeText(bytes: Uint8Array): string {
  const { encoding, markLength } = sniffEncoding(bytes);
  const text = bytes.subarray(markLength);
  if (encoding === 'utf-8') return new TextDecoder('utf-8', { ignoreBOM: true }).decode(text);
  return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(encoding === 'utf-16be' ? swapPairs(text) : text);
}

/** UTF-16 as it is, with surrogates that are not in pairs; a last odd byte is left out. */
export function decodeUnits(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): string {
  const text = encoding === 'utf-16be' ? swapPairs(bytes) : bytes;
  return Buffer.from(text.buffer, text.byteOffset, text.length).toString('utf16le');
}

/** Big-endian units as little-endian ones; Node without full ICU decodes no others. A last odd byte stays as it is. */
function swapPairs(bytes: Uint8Array): Uint8Array {
  const swapped = Uint8Array.from(bytes);
  for (let index = 0; index + 1 < swapped.length; index += 2) {
    swapped[index] = bytes[index + 1] ?? 0;
    swapped[index + 1] = bytes[index] ?? 0;
  }
  return swapped;
}
