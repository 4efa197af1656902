/**
 * Patterns of gitignore(5), one component at a time, as git's wildmatch.c reads them: over the bytes of UTF-8, so that `?`
 * is one byte of two in `é`. Strings in here hold one byte per character (Latin-1); see toByteString().
 *
 * A component is split at its stars into chunks. Each is matched at the first possible position after the previous one, which is
 * sufficient because a star matches any bytes. The time is bounded by the length of the name times that of the component.
 */
import { addClass, addRange, type ByteSet, isUpper } from './byte-sets.js';

/** A component of a pattern: chunks separated by stars. */
export interface Segment {
  /** Its text; equal texts have the same meaning. */
  readonly text: string;
  /** Without wildcards: the name itself. */
  readonly literal: string | undefined;
  readonly chunks: readonly Chunk[];
  /** Minimum length of a matching name. */
  readonly minLength: number;
}

/** Any number of directories, including none. */
export const ANY_DEPTH = '**';

/** Literal bytes, or byte by byte a value or a set of values. */
type Chunk = string | readonly (number | ByteSet)[];

const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const STAR = 0x2a;
const QUESTION_MARK = 0x3f;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** The longest name: its length field in an archive has 16 bits. */
const LONGEST_NAME = 0xffff;

const ANY_BYTE: ByteSet = new Uint8Array(256).fill(1);

/** The bytes of a string's UTF-8, one per character. */
export function toByteString(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text).toString('latin1') : text;
}

const NOT_ASCII = /[\u0080-\uffff]/;

/** ASCII letters only, as git ignores case. */
export function foldCase(bytes: string): string {
  return bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * The components of a pattern.
 *
 * @param isPath whether `**` between slashes matches directories
 * @param folds whether names will be in lower case
 * @returns undefined for a pattern that matches nothing
 */
export function parseSegments(
  pattern: string,
  isPath: boolean,
  folds: boolean,
): (Segment | typeof ANY_DEPTH)[] | undefined {
  if (/[?[\\]/.test(pattern)) return new PatternReader(pattern, isPath, folds).read();
  const texts = (folds ? foldCase(pattern) : pattern).split('/', LONGEST_NAME);
  if (texts.includes('') || texts.length === LONGEST_NAME) return undefined;
  const segments: (Segment | typeof ANY_DEPTH)[] = [];
  for (const text of texts) {
    if (!text.includes('*')) segments.push(literalSegment(text));
    else if (!isPath || !/^\*{2,}$/.test(text)) segments.push(starredSegment(text));
    else if (segments.at(-1) !== ANY_DEPTH) segments.push(ANY_DEPTH);
  }
  return segments;
}

function literalSegment(text: string): Segment {
  return { text, literal: text, chunks: [text], minLength: text.length };
}

function starredSegment(text: string): Segment {
  const chunks = text.split(text.includes('**') ? /\*+/ : '*');
  let minLength = 0;
  for (const chunk of chunks) minLength += chunk.length;
  return { text, literal: undefined, chunks, minLength };
}

/** @param name in lower case if the pattern ignores case */
export function matchesSegment({ literal, chunks, minLength }: Segment, name: string): boolean {
  if (literal !== undefined) return name === literal;
  if (name.length < minLength) return false;
  const first = chunks[0] ?? '';
  if (chunks.length === 1) return name.length === minLength && matchesAt(first, name, 0);
  const last = chunks[chunks.length - 1] ?? '';
  const end = name.length - last.length;
  if (!matchesAt(last, name, end) || !matchesAt(first, name, 0)) return false;
  let start = first.length;
  for (let index = 1; index < chunks.length - 1; index++) {
    const chunk = chunks[index] ?? '';
    start = findChunk(chunk, name, start, end - chunk.length);
    if (start === -1) return false;
    start += chunk.length;
  }
  return start <= end;
}

function matchesAt(chunk: Chunk, name: string, position: number): boolean {
  if (typeof chunk === 'string') return name.startsWith(chunk, position);
  for (let index = 0; index < chunk.length; index++) {
    const expected = chunk[index] ?? 0;
    const byte = name.charCodeAt(position + index);
    if (typeof expected === 'number' ? byte !== expected : expected[byte] !== 1) return false;
  }
  return true;
}

/** The first position from `start` to `last` where the chunk fits, or -1. */
function findChunk(chunk: Chunk, name: string, start: number, last: number): number {
  if (typeof chunk === 'string') {
    const found = name.indexOf(chunk, start);
    return found <= last ? found : -1;
  }
  for (let position = start; position <= last; position++) if (matchesAt(chunk, name, position)) return position;
  return -1;
}

class PatternReader {
  readonly #pattern: string;
  readonly #isPath: boolean;
  readonly #folds: boolean;
  readonly #segments: (Segment | typeof ANY_DEPTH)[] = [];
  #position = 0;
  /** State of the segment being parsed. */
  #start = 0;
  #chunks: Chunk[] = [];
  #bytes: (number | ByteSet)[] = [];
  #length = 0;
  /** Where the `]` was that a search from an earlier position found; see #readSet(). */
  #nextBracket = -1;

  constructor(pattern: string, isPath: boolean, folds: boolean) {
    this.#pattern = pattern;
    this.#isPath = isPath;
    this.#folds = folds;
  }

  read(): (Segment | typeof ANY_DEPTH)[] | undefined {
    const { length } = this.#pattern;
    while (this.#position < length) {
      if (!this.#readNext() || this.#length > LONGEST_NAME || this.#segments.length > LONGEST_NAME) return undefined;
    }
    return this.#position === length && !this.#endSegment(length) ? undefined : this.#segments;
  }

  /** @returns whether the text parsed so far can match anything */
  #readNext(): boolean {
    const byte = this.#byteAt(this.#position);
    switch (byte) {
      case SLASH:
        this.#position++;
        return this.#endSegment(this.#position - 1);
      case STAR:
        this.#readStars();
        return true;
      case QUESTION_MARK:
        this.#position++;
        return this.#push(ANY_BYTE);
      case OPEN_BRACKET:
        return this.#readSet();
      case BACKSLASH: {
        const quoted = this.#byteAt(this.#position + 1);
        this.#position += 2;
        if (quoted === SLASH) return this.#endSegment(this.#position - 2);
        // Git compares a quoted letter with names in lower case without folding it.
        return quoted !== 0 && !(this.#folds && isUpper(quoted)) && this.#push(quoted);
      }
      default:
        this.#position++;
        return this.#push(this.#folds && isUpper(byte) ? byte | 0x20 : byte);
    }
  }

  #push(byte: number | ByteSet): boolean {
    this.#bytes.push(byte);
    this.#length++;
    return true;
  }

  #readStars(): void {
    const start = this.#position;
    while (this.#byteAt(this.#position) === STAR) this.#position++;
    const next = this.#byteAt(this.#position);
    const isQuotedSlash = next === BACKSLASH && this.#byteAt(this.#position + 1) === SLASH;
    const isAnyDepth =
      this.#isPath &&
      this.#position - start > 1 &&
      (start === 0 || this.#byteAt(start - 1) === SLASH) &&
      (next === 0 || next === SLASH || isQuotedSlash);
    if (!isAnyDepth) {
      this.#endChunk();
      return;
    }
    // Before a quoted slash, git's `**` does not match zero directories.
    if (isQuotedSlash) this.#segments.push({ text: '*', literal: undefined, chunks: ['', ''], minLength: 0 });
    if (this.#segments.at(-1) !== ANY_DEPTH) this.#segments.push(ANY_DEPTH);
    this.#position += isQuotedSlash ? 2 : 1;
    this.#start = this.#position;
  }

  #endChunk(): void {
    const bytes = this.#bytes;
    this.#chunks.push(isLiteral(bytes) ? Buffer.from(bytes).toString('latin1') : bytes);
    this.#bytes = [];
  }

  /** @returns false for an empty segment, which matches no name */
  #endSegment(end: number): boolean {
    this.#endChunk();
    const chunks = this.#chunks;
    const [only] = chunks;
    const literal = chunks.length === 1 && typeof only === 'string' ? only : undefined;
    const text = this.#pattern.slice(this.#start, end);
    this.#segments.push({ text, literal, chunks, minLength: this.#length });
    this.#chunks = [];
    this.#length = 0;
    this.#start = this.#position;
    return literal !== '';
  }

  /**
   * Parses a bracket expression like git's dowild(), which differs from fnmatch(3) for `[a-]]`, `[[:alpha]` and ranges with a
   * quoted end.
   */
  #readSet(): boolean {
    const members = new Uint8Array(256);
    let at = this.#position + 1;
    let byte = this.#byteAt(at);
    const isNegated = byte === 0x21 || byte === 0x5e;
    if (isNegated) byte = this.#byteAt(++at);
    let previous = 0;
    do {
      if (byte === 0) return false;
      const next = this.#byteAt(at + 1);
      if (byte === BACKSLASH) {
        byte = next;
        at++;
        if (byte === 0) return false;
        members[byte] = 1;
      } else if (byte === 0x2d && previous !== 0 && next !== 0 && next !== CLOSE_BRACKET) {
        byte = next;
        at++;
        if (byte === BACKSLASH) byte = this.#byteAt(++at);
        if (byte === 0) return false;
        addRange(members, previous, byte, this.#folds);
        byte = 0;
      } else if (byte === OPEN_BRACKET && next === 0x3a) {
        const end = this.#closingBracket(at + 2);
        if (end === -1) return false;
        if (end === at + 2 || this.#byteAt(end - 1) !== 0x3a) members[byte] = 1;
        else {
          if (!addClass(members, this.#pattern.slice(at + 2, end - 1), this.#folds)) return false;
          at = end;
          byte = 0;
        }
      } else members[byte] = 1;
      previous = byte;
      byte = this.#byteAt(++at);
    } while (byte !== CLOSE_BRACKET);
    this.#position = at + 1;
    if (isNegated) for (let value = 0; value < 256; value++) members[value] = 1 - (members[value] ?? 0);
    return this.#push(members);
  }

  /** Cached for earlier positions, so that a line of `[:[:[:` does not take quadratic time. */
  #closingBracket(from: number): number {
    if (this.#nextBracket < from) this.#nextBracket = this.#pattern.indexOf(']', from);
    return this.#nextBracket;
  }

  /** 0 at the end; a pattern contains no NUL. */
  #byteAt(position: number): number {
    return position < this.#pattern.length ? this.#pattern.charCodeAt(position) : 0;
  }
}

function isLiteral(bytes: readonly (number | ByteSet)[]): bytes is readonly number[] {
  return bytes.every((byte) => typeof byte === 'number');
}
