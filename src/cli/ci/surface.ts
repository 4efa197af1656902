/** What a CI system is given, in its own form. */
import type { ArchiveResult } from '../../index.js';
import type { RunFacts } from './facts.js';

export interface CiSurface {
  /** @throws an error of the system if a file of the CI system cannot be written */
  done(facts: RunFacts, result: ArchiveResult): void;
  /** @returns whether the log shows the message by that */
  failed(facts: RunFacts, code: string, message: string): boolean;
}
