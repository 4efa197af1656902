/**
 * Manifests in JSON: `{"format": "pzip-manifest", "version": 1, "entries": [{"name": "a.txt", "sha256": "…"}]}`. The text
 * is split into entries, of which one is held at a time.
 */
import type { EntryKind, Facts } from './facts.js';
import { cleanName, MAX_ROW_LENGTH, type ManifestForm, manifestFault } from './manifest-rows.js';

const VERSION = 1;
const MAX_DEPTH = 32;

/** Bytes of a report's list of warnings, or of what was left out. */
const MAX_LIST_LENGTH = 64 * 1024 * 1024;

const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const OPENING = new Set([BRACKET, BRACE]);
const CLOSING = new Set([CLOSING_BRACKET, CLOSING_BRACE]);

/** The entries' texts. @throws PzipError PZIP_MANIFEST_INVALID */
export function jsonEntries(chunks: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer, void, undefined> {
  return entriesOfFormat('pzip-manifest', chunks, path);
}

/** Those of a report, which has the same form. @throws PzipError PZIP_MANIFEST_INVALID */
export function reportEntries(chunks: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer, void, undefined> {
  return entriesOfFormat('pzip-report', chunks, path);
}

async function* entriesOfFormat(
  format: string,
  chunks: AsyncIterable<Buffer>,
  path: string,
): AsyncGenerator<Buffer, void, undefined> {
  const splitter = new Splitter(path, format);
  for await (const chunk of chunks) yield* splitter.split(chunk);
  splitter.end();
}

/** Finds the members of the outer object and the elements of `entries`. JSON.parse() checks their content. */
class Splitter {
  readonly #path: string;
  readonly #format: string;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** Whether the position is in the list of entries, at depth 2. */
  #isInEntries = false;
  #hasEntries = false;
  #isEnded = false;
  /** Text since the last separator. */
  #pending: Buffer[] = [];
  #pendingLength = 0;
  readonly #header = new Map<string, unknown>();

  constructor(path: string, format: string) {
    this.#path = path;
    this.#format = format;
  }

  *split(chunk: Buffer): Generator<Buffer> {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#isInString) {
        this.#stepInString(byte);
        continue;
      }
      if (this.#depth === 0) {
        if (SPACE.has(byte)) continue;
        if (byte !== BRACE || this.#isEnded) throw this.#fault('it is not one JSON object');
        this.#depth = 1;
        start = at + 1;
        continue;
      }
      if (byte === QUOTE) {
        this.#isInString = true;
        continue;
      }
      const isOpening = OPENING.has(byte);
      const isClosing = CLOSING.has(byte);
      if (!isOpening && !isClosing && byte !== COMMA) continue;
      const level = this.#isInEntries ? 2 : 1;
      if (isOpening) {
        if (this.#depth === 1 && byte === BRACKET && this.#isKeyOfEntries(chunk.subarray(start, at))) {
          this.#enterEntries();
          start = at + 1;
        }
        if (++this.#depth > MAX_DEPTH) throw this.#fault('it is nested too deeply');
        continue;
      }
      if (this.#depth !== level) {
        if (isClosing) this.#depth--;
        continue;
      }
      if (isClosing && byte !== (level === 2 ? CLOSING_BRACKET : CLOSING_BRACE))
        throw this.#fault('its brackets do not match');
      const text = this.#take(chunk.subarray(start, at));
      start = at + 1;
      if (this.#isInEntries) yield* this.#element(text, isClosing);
      else this.#member(text);
      if (isClosing) this.#close();
    }
    if (this.#depth > 0) this.#keep(chunk.subarray(start));
  }

  /** @throws PzipError if the text is incomplete or not of this format */
  end(): void {
    if (!this.#isEnded) throw this.#fault('its end is missing');
    const version = this.#header.get('version');
    if (this.#header.get('format') !== this.#format) throw this.#fault(`it has no "format": "${this.#format}"`);
    if (version !== VERSION) throw this.#fault(`its version is ${JSON.stringify(version) ?? 'missing'}, but must be 1`);
    if (!this.#hasEntries) throw this.#fault('it has no list of "entries"');
  }

  #stepInString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInString = false;
  }

  #isKeyOfEntries(rest: Buffer): boolean {
    return /^\s*"entries"\s*:\s*$/.test(Buffer.concat([...this.#pending, rest]).toString());
  }

  #enterEntries(): void {
    if (this.#hasEntries) throw this.#fault('it has two lists of "entries"');
    this.#hasEntries = true;
    this.#isInEntries = true;
    this.#take(Buffer.alloc(0));
  }

  *#element(text: Buffer, isLast: boolean): Generator<Buffer> {
    if (text.toString().trim() !== '') yield text;
    else if (!isLast) throw this.#fault('an entry is missing between two commas');
  }

  #member(text: Buffer): void {
    const trimmed = text.toString().trim();
    // Only the end of the list of entries is left.
    if (trimmed === '') return;
    const members = parsed(`{${trimmed}}`, () => this.#fault('it is not valid JSON'));
    for (const [key, value] of Object.entries(members)) this.#header.set(key, value);
  }

  #close(): void {
    this.#depth--;
    this.#isInEntries = false;
    if (this.#depth === 0) this.#isEnded = true;
  }

  #keep(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingLength += bytes.length;
    const longest = this.#format === 'pzip-report' && !this.#isInEntries ? MAX_LIST_LENGTH : MAX_ROW_LENGTH;
    if (this.#pendingLength > longest) throw this.#fault('an entry is too long');
  }

  #take(bytes: Buffer): Buffer {
    this.#keep(bytes);
    const text = this.#pending.length === 1 ? bytes : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingLength = 0;
    return text;
  }

  #fault(fault: string): Error {
    return manifestFault(this.#path, fault);
  }
}

function parsed(text: string, fault: () => Error): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Reported below.
  }
  throw fault();
}

const KINDS: readonly EntryKind[] = ['file', 'directory', 'symlink'];

export const JSON_ENTRIES: ManifestForm = {
  listsDirectories: true,
  parse(payload, path, number) {
    const fault = (what: string): Error => manifestFault(path, `its entry ${number} ${what}`);
    const entry = parsed(payload.toString(), () => fault('is not a JSON object'));
    const { kind = 'file', name, sha256, size, mode, mtime, target } = entry;
    const found = KINDS.find((one) => one === kind);
    if (found === undefined) throw fault('has a "kind" that is not file, directory or symlink');
    if (typeof name !== 'string' || name === '') throw fault('has no "name"');
    const facts = {
      name: found === 'directory' && !name.endsWith('/') ? `${cleanName(name)}/` : cleanName(name),
      size: size === undefined ? undefined : toSize(size, () => fault('has a "size" that is not a number of bytes')),
      mode: mode === undefined ? undefined : toMode(mode, () => fault('has a "mode" that is not like "0644"')),
      mtimeMs: mtime === undefined ? undefined : toTime(mtime, () => fault('has an "mtime" that is not a date')),
    };
    if (facts.name.endsWith('/')) return { ...facts, kind: 'directory' };
    if (found === 'symlink' && typeof target === 'string') {
      const bytes = Buffer.from(target);
      return { ...facts, kind: found, size: bytes.length, content: { kind: 'bytes', bytes } } satisfies Facts;
    }
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256))
      throw fault('has no "sha256" of 64 hexadecimal digits');
    return { ...facts, kind: found, content: { kind: 'hash', sha256: Buffer.from(sha256, 'hex') } } satisfies Facts;
  },
};

function toSize(value: unknown, fault: () => Error): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw fault();
}

function toMode(value: unknown, fault: () => Error): number {
  if (typeof value === 'string' && /^[0-7]{1,5}$/.test(value)) return Number.parseInt(value, 8) & 0o7777;
  throw fault();
}

function toTime(value: unknown, fault: () => Error): number {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw fault();
  return time;
}
