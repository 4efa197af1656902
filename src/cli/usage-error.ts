/** A command line that cannot mean anything: exit code 2, and where to read more. */
export class UsageError extends Error {}

/** @param command whose help explains it, such as `diff`; empty for the one that creates archives */
export function explainUsage({ message }: UsageError, command = ''): string {
  return `${message} (see pzip ${command === '' ? '' : `${command} `}--help)`;
}

/** commander begins with `error:` and puts what the user may have meant on a line of its own. */
export function oneLine(message: string): string {
  return message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');
}
