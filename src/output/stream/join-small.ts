/** Bytes up to which neighbours are joined: headers of a few bytes are not worth a chunk each to a consumer. */
const SMALL = 64 * 1024;

/** The same bytes in fewer buffers, none of which is used again. */
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

/** In memory of its own, which the reader may move to a thread; Buffer.concat() takes it from what all Buffers share. */
function join(buffers: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const buffer of buffers) {
    joined.set(buffer, at);
    at += buffer.length;
  }
  return joined;
}
