/**
 * What a part says about itself, in its archive comment: one line of ASCII, `pzip-part/1` and a JSON object. Merging reads it
 * to put the parts together; the merged archive does not contain it.
 */
import { isIntegerFrom } from '../common/integers.js';
import { UINT16_MAX, UINT32_MAX } from '../zip/constants.js';
import { MOST_SHARDS, type ShardNumber } from './shard-number.js';

/** Begins the comment of a part, whatever its version. */
const FORMAT = 'pzip-part/';
const VERSION = '1';

/** Bytes of a marker besides the archive's own comment: four times as many as the longest with two fragments. */
const MARKER_LENGTH = 4096;

/** What decides the bytes of the whole archive, as far as it can be known before the files are read. */
export interface PlanFacts {
  /** SHA-256 of everything below, in hexadecimal. */
  readonly digest: string;
  /** Digests of one aspect each, by which a message names the difference between two plans. */
  readonly names: string;
  readonly sizes: string;
  readonly dates: string;
  readonly modes: string;
  readonly levels: string;
  /** The engine and what else of the options decides bytes, readable. */
  readonly settings: string;
  readonly entryCount: number;
  /** Bytes of content. */
  readonly contentSize: number;
}

/** A range of a large entry; it is the first or the last entry of its part, or both. */
export interface FragmentMark {
  /** UTF-16 code units of the entry's name, at the start of the fragment's. */
  readonly nameLength: number;
  /** Bytes of the entry's whole content. */
  readonly size: number;
  readonly start: number;
  readonly end: number;
  /** Chunks at the start of the fragment that are the data itself; pieces of deflate follow. */
  readonly rawChunks: number;
  readonly crc32: number;
  readonly dictionaryCrc32: number | null;
  readonly tailCrc32: number | null;
}

export interface PartMarker extends ShardNumber {
  readonly plan: PlanFacts;
  /** Entries and fragments in the part. */
  readonly entryCount: number;
  /** Files of the plan that were skipped because they could not be read. */
  readonly skippedCount: number;
  /** The first entry, if other parts have the beginning of it. */
  readonly head: FragmentMark | null;
  /** The last entry, if other parts have the end of it. */
  readonly tail: FragmentMark | null;
  /** The comment of the whole archive. */
  readonly comment: string;
}

/** Whether a part has room for the comment of the archive. */
export function fitsMarker(comment: string): boolean {
  return toAsciiJson(comment).length + MARKER_LENGTH <= UINT16_MAX;
}

export function encodeMarker(marker: PartMarker): string {
  return `${FORMAT}${VERSION} ${toAsciiJson(marker)}`;
}

export type ReadMarker =
  | { readonly kind: 'none' }
  | { readonly kind: 'marker'; readonly marker: PartMarker }
  | { readonly kind: 'fault'; readonly fault: string; readonly isOtherVersion: boolean };

/** @param comment of an archive, as hostile as the archive */
export function readMarker(comment: Uint8Array): ReadMarker {
  const text = Buffer.from(comment.buffer, comment.byteOffset, comment.length).toString('latin1');
  if (!text.startsWith(FORMAT)) return { kind: 'none' };
  const [format = ''] = text.split(' ', 1);
  const version = format.slice(FORMAT.length);
  if (version !== VERSION) {
    const fault = `it is a part in the form ${version.slice(0, 20)}, which another version of pzip writes`;
    return { kind: 'fault', fault, isOtherVersion: true };
  }
  const fault = 'it is a part, and its marker in the archive comment is damaged';
  const damaged: ReadMarker = { kind: 'fault', fault, isOtherVersion: false };
  let value: unknown;
  try {
    value = JSON.parse(text.slice(format.length));
  } catch {
    return damaged;
  }
  return isMarker(value) ? { kind: 'marker', marker: value } : damaged;
}

function isMarker(value: unknown): value is PartMarker {
  if (!isObject(value)) return false;
  const { index, count, plan, entryCount, skippedCount, head, tail, comment } = value;
  return (
    isIntegerFrom(1, MOST_SHARDS, count) &&
    isIntegerFrom(1, count, index) &&
    isPlan(plan) &&
    isSize(entryCount) &&
    isSize(skippedCount) &&
    isFragmentOrNull(head) &&
    isFragmentOrNull(tail) &&
    typeof comment === 'string' &&
    /^[\0-\x7f]*$/.test(comment)
  );
}

export function isPlan(value: unknown): value is PlanFacts {
  if (!isObject(value)) return false;
  const { digest, names, sizes, dates, modes, levels, settings, entryCount, contentSize } = value;
  const aspects = [names, sizes, dates, modes, levels];
  return (
    isHex(digest, 64) &&
    aspects.every((aspect) => isHex(aspect, 16)) &&
    typeof settings === 'string' &&
    /^[\x20-\x7e]{0,200}$/.test(settings) &&
    isSize(entryCount) &&
    isSize(contentSize)
  );
}

function isFragmentOrNull(value: unknown): value is FragmentMark | null {
  if (value === null) return true;
  if (!isObject(value)) return false;
  const { nameLength, size, start, end, rawChunks, crc32, dictionaryCrc32, tailCrc32 } = value;
  return (
    isIntegerFrom(1, UINT16_MAX, nameLength) &&
    isSize(size) &&
    isIntegerFrom(0, size, end) &&
    isIntegerFrom(0, end - 1, start) &&
    isSize(rawChunks) &&
    isCrc(crc32) &&
    (dictionaryCrc32 === null || isCrc(dictionaryCrc32)) &&
    (tailCrc32 === null || isCrc(tailCrc32))
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): value is number {
  return isIntegerFrom(0, Number.MAX_SAFE_INTEGER, value);
}

function isCrc(value: unknown): value is number {
  return isIntegerFrom(0, UINT32_MAX, value);
}

function isHex(value: unknown, length: number): value is string {
  return typeof value === 'string' && value.length === length && /^[0-9a-f]+$/.test(value);
}

function toAsciiJson(value: unknown): string {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[\x7f-\uffff]/g, escaped);
}
