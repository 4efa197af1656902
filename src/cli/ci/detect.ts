/** Which CI system the command runs in. */

export type CiSystem = 'github' | 'gitlab' | 'azure';

/** The first that is set, since a runner for another system (act, a nested one) sets its own besides. */
export function detectCi(environment: NodeJS.ProcessEnv): CiSystem | undefined {
  if (environment.GITHUB_ACTIONS === 'true') return 'github';
  if (environment.GITLAB_CI === 'true') return 'gitlab';
  return environment.TF_BUILD?.toLowerCase() === 'true' ? 'azure' : undefined;
}
