/**
 * Escapes text for what CI systems read: log commands, environment files, Markdown. All escaping for them is here, and every
 * name and message that they get passes through it.
 */
import { randomUUID } from 'node:crypto';
import { printable } from '../../common/text.js';

/** Characters of a message that GitHub shows; it cuts at 4,096. */
const MAX_MESSAGE_LENGTH = 3000;

/** Data of a workflow command, such as the message of an annotation. */
export function githubData(text: string): string {
  return shortened(printable(text)).replaceAll('%', '%25');
}

/** A property of a workflow command, such as the title of an annotation. */
export function githubProperty(text: string): string {
  return githubData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** A `name=value` of `$GITHUB_OUTPUT`. The delimiter is random, so no value can contain it. */
export function githubOutput(name: string, value: string): string {
  const delimiter = `pzip_${randomUUID()}`;
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}

/** Data of a logging command of Azure Pipelines. */
export function azureData(text: string): string {
  return shortened(printable(text)).replaceAll('%', '%AZP25');
}

/** A property of a logging command of Azure Pipelines. */
export function azureProperty(text: string): string {
  return azureData(text).replaceAll(';', '%3B').replaceAll(']', '%5D');
}

/** A line of a dotenv report of GitLab, which has no quotes and no lines in a value. */
export function dotenvLine(name: string, value: string): string | undefined {
  return /[\r\n\0]/.test(value) ? undefined : `${name}=${value}\n`;
}

/** Text in HTML, which is safe in Markdown too, also in a cell of a table: every character that could act is a reference. */
export function htmlText(text: string): string {
  return printable(text).replace(/[^\p{L}\p{N} /.-]/gu, (character) => `&#${character.codePointAt(0)};`);
}

function shortened(text: string): string {
  return text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH)}…`;
}
