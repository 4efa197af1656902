/** What a check finds, before it is put into a caller's form. */
import type { RuleId } from './rules/rule-id.js';

/** Survives structured clone. */
export interface EntryFinding {
  readonly rule: RuleId;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** What was seen, in words that follow the entry's name. */
  readonly seen: string;
}

export interface RawFinding extends EntryFinding {
  /** Undefined where it is about the whole archive. */
  readonly entryName: string | undefined;
}

/** Takes what is found about one entry or record. */
export type Report = (rule: RuleId, offset: number, seen: string) => void;

/** `1 byte`, `2 bytes`. */
export function counted(bytes: number): string {
  return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
}
