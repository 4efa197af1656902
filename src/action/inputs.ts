/**
 * The inputs of the GitHub action as arguments of the command. They are read from the environment and never pass through a
 * shell. The runner sets `INPUT_` and the name in upper case; hyphens stay.
 */

/** An input that is missing or has a value that it cannot have. */
export class InputError extends Error {}

/** @throws InputError naming the input */
export function argumentsOf(environment: NodeJS.ProcessEnv): string[] {
  const text = (name: string): string => (environment[`INPUT_${name.toUpperCase()}`] ?? '').trim();
  const given = (name: string, option: string): string[] => (text(name) === '' ? [] : [option, text(name)]);
  const flag = (name: string, option: string): string[] => (isTrue(name, text(name)) ? [option] : []);
  const archive = text('archive');
  const paths = linesOf(environment.INPUT_PATH);
  if (archive === '') throw new InputError('The input `archive` is empty: name the archive to create');
  if (paths.length === 0) throw new InputError('The input `path` is empty: name files, directories or patterns');
  return [
    '--ci',
    'github',
    ...given('prefix', '--prefix'),
    ...given('level', '--level'),
    ...given('threads', '--threads'),
    ...flag('reproducible', '--reproducible'),
    ...flag('gitignore', '--gitignore'),
    ...given('if-no-files-found', '--if-empty'),
    ...given('symlinks', '--symlinks'),
    ...flag('test', '--test'),
    ...checksum(text('sha256')),
    ...given('manifest', '--manifest'),
    ...given('report', '--json'),
    ...given('max-size', '--max-size'),
    ...flag('write-if-changed', '--write-if-changed'),
    ...given('reuse', '--reuse'),
    ...linesOf(environment.INPUT_ARGS),
    '--',
    archive,
    ...paths,
  ];
}

/** Whether the step's summary is wanted. @throws InputError */
export function wantsSummary(environment: NodeJS.ProcessEnv): boolean {
  return isTrue('summary', (environment.INPUT_SUMMARY ?? 'true').trim());
}

/** Without blank lines and the blanks around each. */
function linesOf(text = ''): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** A path, or whether the checksum is wanted beside the archive. */
function checksum(value: string): string[] {
  if (BOOLEANS.has(value)) return BOOLEANS.get(value) === true ? ['--sha256'] : [];
  return value === '' ? [] : [`--sha256=${value}`];
}

/** As YAML 1.2's core schema has them (10.3.2). */
const BOOLEANS = new Map([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
]);

function isTrue(name: string, value: string): boolean {
  const known = value === '' ? false : BOOLEANS.get(value);
  if (known === undefined) throw new InputError(`The input \`${name}\` must be true or false (got '${value}')`);
  return known;
}
