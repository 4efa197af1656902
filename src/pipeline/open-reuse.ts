/** Loads what reusing takes, which most runs do not need. */
import type { FirstFailure } from '../common/first-failure.js';
import type { EngineChoice } from '../deflate/create-engine.js';
import type { RunOutput } from './run-output.js';
import type { ReuseOptions, RunReuse } from './run-reuse.js';
import type { WarningLog } from './warning-log.js';

/**
 * @param output is open
 * @throws the run's failure, if it has failed meanwhile
 */
export async function openReuse(
  options: ReuseOptions | undefined,
  engine: EngineChoice,
  output: RunOutput,
  failure: FirstFailure,
  warnings: WarningLog,
): Promise<RunReuse | undefined> {
  if (options === undefined) return undefined;
  const { RunReuse } = await import('./run-reuse.js');
  const reuse = await RunReuse.open(options, engine.name, output.isFile, warnings.pass);
  if (failure.isSet) await reuse.close();
  failure.check();
  return reuse;
}
