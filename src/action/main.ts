/** The GitHub action: the command with arguments from the step's inputs. */

import { githubData } from '../cli/ci/escape.js';
import { start } from '../cli/main.js';
import { printable } from '../common/text.js';
import { argumentsOf, InputError, wantsSummary } from './inputs.js';

try {
  const argv = argumentsOf(process.env);
  if (!wantsSummary(process.env)) delete process.env.GITHUB_STEP_SUMMARY;
  const directory = process.env['INPUT_WORKING-DIRECTORY']?.trim() ?? '';
  if (directory !== '') changeDirectory(directory);
  await start(argv);
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(`::error title=pzip::${githubData(error.message)}\n`);
  process.exitCode = 2;
}

function changeDirectory(directory: string): void {
  try {
    process.chdir(directory);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new InputError(`The input \`working-directory\` is no usable directory${code}: '${printable(directory)}'`);
  }
}
