/** The differences between two entries of the same name, as far as known without reading their content. */
import type { ContentPlace, EntryKind, Facts } from './facts.js';
import type { Pair } from './merge-facts.js';

/** What differs. A symlink has a target instead of content. */
export type DiffAspect = 'kind' | 'content' | 'target' | 'mode' | 'mtime';

export interface CompareRules {
  /**
   * - `content`: entries are equal if all bytes are.
   * - `crc`: the CRC-32 of an archive's directory stands for the content.
   */
  readonly check: 'content' | 'crc';
  readonly comparesTimes: boolean;
  /** Maps a mode to the one that is compared; undefined compares no modes. */
  readonly modeRule: ((mode: number) => number) | undefined;
}

/** An entry of one side, as a difference shows it. */
export interface DiffEntry {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  /** Content size in bytes; undefined if unknown. */
  readonly size: number | undefined;
  /** Permission bits; undefined if unknown. */
  readonly mode: number | undefined;
  /** Undefined if unknown. */
  readonly mtime: Date | undefined;
}

/** Contents that must be read to compare them. */
export interface ContentPair {
  readonly a: ContentPlace;
  readonly b: ContentPlace;
}

export interface Decision {
  readonly aspects: readonly DiffAspect[];
  /** Contents still to be compared. */
  readonly content: ContentPair | undefined;
}

export function decide(a: Facts, b: Facts, rules: CompareRules): Decision {
  if (a.kind !== b.kind) return { aspects: ['kind'], content: undefined };
  const aspects: DiffAspect[] = [];
  const content = contentOf(a, b, rules);
  if (content === 'different') aspects.push(contentAspect(a.kind));
  if (hasOtherMode(a, b, rules)) aspects.push('mode');
  if (rules.comparesTimes && hasOtherTime(a, b)) aspects.push('mtime');
  return { aspects, content: typeof content === 'string' ? undefined : content };
}

export function contentAspect(kind: EntryKind): DiffAspect {
  return kind === 'symlink' ? 'target' : 'content';
}

export function bothSides({ a, b }: Pair): { a: Facts; b: Facts } | undefined {
  return a === undefined || b === undefined ? undefined : { a, b };
}

export function toDiffEntry(facts: Facts | undefined): DiffEntry | undefined {
  if (facts === undefined) return undefined;
  const { kind, size, mode, mtimeMs } = facts;
  return { kind, size, mode, mtime: mtimeMs === undefined ? undefined : new Date(mtimeMs) };
}

function contentOf(a: Facts, b: Facts, { check }: CompareRules): 'same' | 'different' | ContentPair {
  if (a.kind !== 'file' && a.kind !== 'symlink') return 'same';
  if (a.size !== undefined && b.size !== undefined && a.size !== b.size) return 'different';
  const [left, right] = [a.content, b.content];
  if (left === undefined || right === undefined) return 'same';
  if (left.kind === 'hash' && right.kind === 'hash') return verdict(left.sha256.equals(right.sha256));
  if (left.kind === 'bytes' && right.kind === 'bytes') return verdict(Buffer.compare(left.bytes, right.bytes) === 0);
  if (a.crc32 !== undefined && b.crc32 !== undefined) {
    if (a.crc32 !== b.crc32) return 'different';
    if (check === 'crc') return 'same';
  }
  return a.size === 0 && b.size === 0 ? 'same' : { a: left, b: right };
}

function verdict(isSame: boolean): 'same' | 'different' {
  return isSame ? 'same' : 'different';
}

/** A symlink has no mode of its own; systems report different ones. */
function hasOtherMode(a: Facts, b: Facts, { modeRule }: CompareRules): boolean {
  if (modeRule === undefined || a.mode === undefined || b.mode === undefined || a.kind === 'symlink') return false;
  return modeRule(a.mode) !== modeRule(b.mode);
}

/** Not for directories: their time changes with their contents and on extraction. */
function hasOtherTime(a: Facts, b: Facts): boolean {
  if (a.mtimeMs === undefined || b.mtimeMs === undefined || a.kind === 'directory') return false;
  const isCoarse = a.isTimeCoarse === true || b.isTimeCoarse === true;
  const [left, right] = [Math.floor(a.mtimeMs / 1000), Math.floor(b.mtimeMs / 1000)];
  // Writers round up or down.
  return Math.abs(left - right) > (isCoarse ? 2 : 0);
}
