/** Adjacent buffers are joined up to this many bytes, so that a header of a few bytes is not a chunk of its own. */
const SMALL = 64 * 1024;

/** The same bytes in fewer buffers, none of which is reused. */
export function* joinSmall(buffers: readonly Uint8Array[]): Generator<Uint8Array> {
  let small: Uint8Array[] = [];
  let length = 0;
  for (const buffer of buffers) {
    if (length > 0 && length + buffer.length > SMALL) {
      yield join(small, length);
      small = [];
      length = 0;
    }
    if (buffer.length > SMALL) yield buffer;
    else {
      small.push(buffer);
      length += buffer.length;
    }
  }
  if (length > 0) yield join(small, length);
}

/** In an ArrayBuffer of its own, which the reader may transfer; Buffer.concat() may use the shared pool. */
function join(buffers: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const buffer of buffers) {
    joined.set(buffer, at);
    at += buffer.length;
  }
  return joined;
}
