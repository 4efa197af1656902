/** The parts of one archive, found among the archives to merge: all of one plan, each once, none missing. */
import { PzipError, quote } from '../common/errors.js';
import { invalid, unsupported } from '../reader/archive-error.js';
import { OpenArchive } from '../reader/open-archive.js';
import { type PartMarker, type PlanFacts, readMarker } from './part-marker.js';

export interface Part {
  readonly input: string | Uint8Array;
  /** How the caller called it, for messages. */
  readonly name: string;
  readonly marker: PartMarker;
  /** The archive comment that has it. */
  readonly comment: Uint8Array;
}

/** Most parts that a message lists. */
const MOST_LISTED = 10;

/**
 * @param inputs in any order
 * @returns the parts in the order of the archive; undefined if no input is a part
 * @throws PzipError PZIP_PARTS_MISMATCH if they do not make one archive, PZIP_ARCHIVE_INVALID for a marker that is damaged,
 * PZIP_ARCHIVE_UNSUPPORTED for one of another version
 */
export async function readPartSet(inputs: readonly (string | Uint8Array)[]): Promise<readonly Part[] | undefined> {
  const parts: Part[] = [];
  const others: string[] = [];
  for (const [index, input] of inputs.entries()) {
    const name = typeof input === 'string' ? quote(input) : `input ${index + 1}`;
    const found = await markerOf(input);
    if (found === undefined) others.push(name);
    else parts.push({ input, name, ...found });
  }
  const [part] = parts;
  if (part === undefined) return undefined;
  if (others.length > 0) {
    const message = `${part.name} is part ${numberOf(part)} of an archive, and ${listed(others)} no part; merge the parts alone`;
    throw mismatch(message);
  }
  rejectOtherPlans(parts);
  rejectOtherCounts(parts);
  return ordered(parts);
}

async function markerOf(input: string | Uint8Array): Promise<Pick<Part, 'marker' | 'comment'> | undefined> {
  const archive = await OpenArchive.open(input);
  try {
    const { comment } = archive.end;
    const read = readMarker(comment);
    if (read.kind === 'none') return undefined;
    if (read.kind === 'marker') return { marker: read.marker, comment };
    const refusal = read.isOtherVersion ? unsupported : invalid;
    throw refusal(archive.access.path, read.fault);
  } finally {
    await archive.close();
  }
}

export function numberOf({ marker: { index, count } }: Part): string {
  return `${index}/${count}`;
}

export function mismatch(message: string): PzipError {
  return new PzipError('PZIP_PARTS_MISMATCH', message);
}

/** The plan that most parts have is taken for the intended one. */
function rejectOtherPlans(parts: readonly Part[]): void {
  const byDigest = new Map<string, Part[]>();
  for (const part of parts) {
    const { digest } = part.marker.plan;
    const same = byDigest.get(digest);
    if (same === undefined) byDigest.set(digest, [part]);
    else same.push(part);
  }
  if (byDigest.size <= 1) return;
  const [most = [], next = []] = [...byDigest.values()].sort((a, b) => b.length - a.length);
  const [expected] = most;
  const [found] = next;
  if (expected === undefined || found === undefined) return;
  const others = parts.filter(({ marker }) => marker.plan.digest !== expected.marker.plan.digest);
  const which = `${listed(others.map(({ name }) => name))} of another plan than ${expected.name}`;
  const why = differences(expected, found).join('; ');
  throw mismatch(`${which}: ${why}. Create them again from the same files with the same options`);
}

/** What differs between two plans, as far as their digests show. */
function differences(expected: Part, found: Part): string[] {
  const [a, b] = [expected.marker.plan, found.marker.plan];
  const reasons: string[] = [];
  if (a.settings !== b.settings) reasons.push(`${found.name} has the settings ${b.settings}, the other ${a.settings}`);
  if (a.entryCount !== b.entryCount) {
    reasons.push(`${found.name} is of a selection of ${b.entryCount} entries, the other of ${a.entryCount}`);
  } else if (a.names !== b.names) reasons.push('their selections have other names, kinds, comments or link targets');
  if (a.contentSize !== b.contentSize) {
    reasons.push(`the files have ${b.contentSize} bytes together, and ${a.contentSize} in the other`);
  } else if (a.sizes !== b.sizes) reasons.push('files have other sizes, or content in memory differs');
  const hasSameNames = a.names === b.names;
  if (hasSameNames) for (const [aspect, fault] of ASPECTS) if (a[aspect] !== b[aspect]) reasons.push(fault);
  if (reasons.length === 0) reasons.push('their comments differ');
  return reasons;
}

const ASPECTS: readonly (readonly [keyof PlanFacts, string])[] = [
  ['dates', 'dates or the time zone differ (`reproducible` or `mtime` makes them equal)'],
  ['modes', 'permissions differ (`modes` normalizes them)'],
  ['levels', 'compression levels differ'],
];

function rejectOtherCounts(parts: readonly Part[]): void {
  const [first] = parts;
  const other = parts.find(({ marker }) => marker.count !== first?.marker.count);
  if (first === undefined || other === undefined) return;
  throw mismatch(
    `${first.name} is part ${numberOf(first)}, and ${other.name} part ${numberOf(other)}: the number of parts must be the same`,
  );
}

function ordered(parts: readonly Part[]): readonly Part[] {
  const sorted = [...parts].sort((a, b) => a.marker.index - b.marker.index);
  for (const [index, part] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next?.marker.index === part.marker.index) {
      throw mismatch(`${part.name} and ${next.name} are both part ${numberOf(part)}; give each part once`);
    }
  }
  const count = parts[0]?.marker.count ?? 0;
  if (sorted.length === count) return sorted;
  const present = new Set(sorted.map(({ marker }) => marker.index));
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((index) => !present.has(index));
  const names = missing.slice(0, MOST_LISTED).map((index) => `${index}/${count}`);
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : '';
  throw mismatch(`Parts are missing: ${names.join(', ')}${more}; all ${count} are needed`);
}

/** Completes "is" or "are". */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).join(', ');
  const more = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : '';
  return `${shown}${more} ${names.length === 1 ? 'is' : 'are'}`;
}
