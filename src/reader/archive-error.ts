/** Errors of an archive that is read: the fault, its entry and its offset. */
import { PzipError, quote } from '../common/errors.js';

/** The kind of a fault after which the archive cannot be read further. */
export type FaultKind =
  | 'end-missing'
  | 'end-ambiguous'
  | 'end-record'
  | 'zip64-end'
  | 'split'
  | 'entry-count'
  | 'directory-header'
  | 'zip64-missing';

/** Location and kind of a fault. */
export interface FaultPlace {
  readonly entryName?: string | undefined;
  /** Bytes from the start of the file. */
  readonly offset?: number | undefined;
  readonly kind?: FaultKind | undefined;
  readonly cause?: unknown;
}

/** A PzipError that keeps its fault apart, so that a caller can put it into a message of its own. */
export class ArchiveError extends PzipError {
  /** The fault, without the path and the entry's name. */
  readonly fault: string;
  readonly kind: FaultKind | undefined;

  constructor(
    code: 'PZIP_ARCHIVE_INVALID' | 'PZIP_ARCHIVE_UNSUPPORTED',
    path: string | undefined,
    fault: string,
    place: FaultPlace,
  ) {
    const archive = path === undefined ? 'The archive' : `The archive ${quote(path)}`;
    const state = code === 'PZIP_ARCHIVE_INVALID' ? 'is invalid' : 'cannot be read';
    const entry = place.entryName === undefined ? '' : ` at ${quote(place.entryName)}`;
    const offset = place.offset === undefined ? '' : ` (offset ${place.offset})`;
    super(code, `${archive} ${state}${entry}: ${fault}${offset}`, { path, ...place });
    this.fault = fault;
    this.kind = place.kind;
  }
}

export function invalid(path: string | undefined, fault: string, place: FaultPlace = {}): ArchiveError {
  return new ArchiveError('PZIP_ARCHIVE_INVALID', path, fault, place);
}

export function unsupported(path: string | undefined, fault: string, place: FaultPlace = {}): ArchiveError {
  return new ArchiveError('PZIP_ARCHIVE_UNSUPPORTED', path, fault, place);
}

/**
 * Runs a parser of zip/, which knows neither path nor entry.
 *
 * @throws ArchiveError with the message of the parser's error as the fault
 */
export function parsed<T>(path: string | undefined, place: FaultPlace, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw invalid(path, error instanceof Error ? error.message : String(error), place);
  }
}
