/** A command line that cannot mean anything: exit code 2, and where to read more. */
export class UsageError extends Error {}

/** @param command whose help explains it, such as `diff`; empty for the one that creates archives */
export function explainUsage({ message }: UsageError, command = ''): string {
  return `${message} (see pzip ${command === '' ? '' : `${command} `}--help)`;
}
