/**
 * What a CI system does with a line of a log, after the sources of their runners: whether it takes anything in it for a
 * command.
 */

/** The command that some runner would find in the text, which may have several lines; undefined where none would. */
export function actingCommand(text: string): string | undefined {
  for (const line of text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)) {
    for (const [runner, finds] of RUNNERS) if (finds(line)) return `${runner}: ${JSON.stringify(line)}`;
  }
  return undefined;
}

const RUNNERS: readonly (readonly [string, (line: string) => boolean])[] = [
  // actions/runner, src/Runner.Common/ActionCommand.cs, TryParse: message.IndexOf("##[")
  ['GitHub, first version', (line) => line.includes('##[')],
  // the same, TryParseV2: message.TrimStart().StartsWith("::"), which takes blanks as Unicode means them
  ['GitHub, second version', (line) => line.replace(/^[\s\u0085\u180e\u200b]+/u, '').startsWith('::')],
  // microsoft/azure-pipelines-agent, src/Agent.Sdk/Command.cs: message.IndexOf("##vso["); and ##[section] for the log's view
  ['Azure', (line) => ignoringCase(line).includes('##vso[') || line.includes('##[')],
  // JetBrains: service messages, anywhere in a line
  ['TeamCity', (line) => ignoringCase(line).includes('##teamcity[')],
  // buildkite.com/docs/pipelines/configure/managing-log-output: at the start of a line
  ['Buildkite', (line) => /^\s*(?:---|\+\+\+|~~~|\^\^\^ \+\+\+)(?:\s|$)/u.test(line)],
  // docs.gitlab.com/ci/jobs/job_logs: only with an escape sequence behind it
  ['GitLab', (line) => /section_(?:start|end):\d+:/.test(line) && line.includes('\x1b[0K')],
];

/** .NET compares as the culture does, in which characters without a weight are not there. */
function ignoringCase(line: string): string {
  return line.toLowerCase().replace(/[\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/gu, '');
}
