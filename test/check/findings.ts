/** What a check finds, in one line each, as the tables of archives have it. */
import { type CheckOptions, checkArchive, type Finding } from '../../dist/index.js';

export async function findingsOf(input: string | Uint8Array, options: CheckOptions = {}): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of checkArchive(input, options)) findings.push(finding);
  return findings;
}

/** `rule entry@offset` */
export function shown({ rule, entryName = '', offset }: Finding): string {
  return `${rule} ${entryName}@${offset}`;
}
