/** Internal form of a check's findings. */
import type { RuleId } from './rules/rule-id.js';

/** Survives structured clone. */
export interface EntryFinding {
  readonly rule: RuleId;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** The fault, in words that follow the entry's name. */
  readonly seen: string;
}

export interface RawFinding extends EntryFinding {
  /** Undefined if the finding is about the whole archive. */
  readonly entryName: string | undefined;
}

/** Receives the findings about one entry or record. */
export type Report = (rule: RuleId, offset: number, seen: string) => void;

/** `1 byte`, `2 bytes`. */
export function counted(bytes: number): string {
  return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
}
