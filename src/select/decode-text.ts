/** Decodes text files of other programs, lists and ignore files: UTF-16 if they have its byte order mark, else UTF-8. */

/** The encoding of a text; UTF-8 without a byte order mark. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32le';

/** The encoding of a text, and the length of its byte order mark in bytes; 0 without one. */
export function sniffEncoding(bytes: Uint8Array): { readonly encoding: TextEncoding; readonly markLength: number } {
  const [first, second, third, fourth] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', markLength: 3 };
  // The mark of UTF-32 begins with that of UTF-16; no UTF-16 text has a NUL after it.
  if (first === 0xff && second === 0xfe && third === 0 && fourth === 0) return { encoding: 'utf-32le', markLength: 4 };
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', markLength: 2 };
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', markLength: 2 };
  return { encoding: 'utf-8', markLength: 0 };
}

/**
 * Decodes a whole file: as UTF-16 if its byte order mark says so (PowerShell 5 writes that with `>`), else as UTF-8. The mark
 * is not part of the text; malformed bytes become U+FFFD.
 */
export function decodeText(bytes: Uint8Array): string {
  const { encoding, markLength } = sniffEncoding(bytes);
  const text = bytes.subarray(markLength);
  if (encoding === 'utf-8') return new TextDecoder('utf-8', { ignoreBOM: true }).decode(text);
  return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(encoding === 'utf-16be' ? swapPairs(text) : text);
}

/** Decodes UTF-16 and keeps unpaired surrogates; an odd last byte is ignored. */
export function decodeUnits(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): string {
  const text = encoding === 'utf-16be' ? swapPairs(bytes) : bytes;
  return Buffer.from(text.buffer, text.byteOffset, text.length).toString('utf16le');
}

/** Converts big-endian units to little-endian, the only ones that Node without full ICU decodes. An odd last byte stays. */
function swapPairs(bytes: Uint8Array): Uint8Array {
  const swapped = Uint8Array.from(bytes);
  for (let index = 0; index + 1 < swapped.length; index += 2) {
    swapped[index] = bytes[index + 1] ?? 0;
    swapped[index + 1] = bytes[index] ?? 0;
  }
  return swapped;
}
