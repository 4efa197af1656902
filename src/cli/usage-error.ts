/** A command line that cannot mean anything: exit code 2, and where to read more. */
export class UsageError extends Error {}

export function explainUsage({ message }: UsageError): string {
  return `${message} (see pzip --help)`;
}
