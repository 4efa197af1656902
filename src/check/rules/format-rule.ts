/** What a format rule is. The rules themselves are data: archive-rules.ts, header-rules.ts, name-rules.ts, data-rules.ts. */

export interface FormatRule {
  /**
   * Error: the archive is damaged, two readers may take different things out of it, what it extracts to may lie elsewhere than
   * it should, or its content cannot be checked. Warning: some readers refuse it or lose something.
   */
  readonly severity: 'error' | 'warning';
  /** What a finding means, in one sentence. */
  readonly meaning: string;
  readonly affects: readonly AffectedReaders[];
}

/** Readers that an archive with such a fault breaks, and how. */
export interface AffectedReaders {
  readonly readers: string;
  /** Follows the readers: "refuse the archive". */
  readonly how: string;
  /** Seen by opening such an archive, read in the reader's source, or reported by its users. */
  readonly evidence: 'measured' | 'source' | 'reported';
}

export function measured(readers: string, how: string): AffectedReaders {
  return { readers, how, evidence: 'measured' };
}

export function inSource(readers: string, how: string): AffectedReaders {
  return { readers, how, evidence: 'source' };
}

export function reported(readers: string, how: string): AffectedReaders {
  return { readers, how, evidence: 'reported' };
}
