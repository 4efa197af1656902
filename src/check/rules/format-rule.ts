/** The form of a format rule. The rules themselves are data, in archive-rules.ts and entry-rules.ts. */

export interface FormatRule {
  /**
   * Error: the archive is damaged, readers may extract different content, extraction may write elsewhere, or content cannot
   * be checked. Warning: some readers reject it or lose something.
   */
  readonly severity: 'error' | 'warning';
  /** What a finding means, in one sentence. */
  readonly meaning: string;
  readonly affects: readonly AffectedReaders[];
}

/** Readers that fail on the fault, and how. */
export interface AffectedReaders {
  readonly readers: string;
  /** Follows the readers: "reject the archive". */
  readonly how: string;
  /** Measured by opening such an archive, found in the reader's source, or reported by its users. */
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
