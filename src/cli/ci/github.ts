/**
 * GitHub Actions: outputs, the step summary, annotations. (docs.github.com: Workflow commands for GitHub Actions.)
 *
 * GitHub shows ten annotations of a kind for a step. So there is one for each kind of warning, with its count.
 */
import { appendFileSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ArchiveResult } from '../../index.js';
import { githubData, githubOutput, githubProperty } from './escape.js';
import type { RunFacts, WarningKind } from './facts.js';
import { outputsOf } from './outputs.js';
import { markdownSummary } from './summary.js';
import type { CiSurface } from './surface.js';

/** Bytes of a step's summary; GitHub shows nothing of one that is longer. */
const MAX_SUMMARY = 1024 * 1024;

export class GithubSurface implements CiSurface {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #print: (line: string) => void;

  constructor(environment: NodeJS.ProcessEnv, print: (line: string) => void) {
    this.#environment = environment;
    this.#print = print;
  }

  done(facts: RunFacts, result: ArchiveResult): void {
    const { GITHUB_OUTPUT, GITHUB_STEP_SUMMARY, GITHUB_ARTIFACTS } = this.#environment;
    this.#annotate(facts);
    if (GITHUB_OUTPUT) {
      const outputs = outputsOf(facts, result).map(({ name, value }) => githubOutput(name, value));
      appendFileSync(GITHUB_OUTPUT, outputs.join(''));
    }
    if (GITHUB_STEP_SUMMARY) appendSummary(GITHUB_STEP_SUMMARY, markdownSummary(facts, result));
    if (GITHUB_ARTIFACTS && result.path !== undefined) {
      appendFileSync(GITHUB_ARTIFACTS, `${this.#artifact(result.path)}\n`);
    }
  }

  failed(facts: RunFacts, code: string, message: string): boolean {
    this.#annotate(facts);
    this.#print(`::error title=${githubProperty(`pzip: ${code}`)}::${githubData(message)}`);
    return true;
  }

  #annotate({ warnings }: RunFacts): void {
    for (const kind of warnings.values()) {
      const command = kind.severity === 'notice' ? 'notice' : 'warning';
      this.#print(`::${command} title=${githubProperty(`pzip: ${kind.code}`)}::${githubData(textOf(kind))}`);
    }
  }

  /** Relative to the workspace; a line with `=`, or one that looks like a comment, is rejected. */
  #artifact(path: string): string {
    const workspace = this.#environment.GITHUB_WORKSPACE ?? '.';
    const inside = relative(resolve(workspace), path).split(sep).join('/');
    const isPlain = !inside.startsWith('..') && /^[^#=\s][^=\r\n]*$/.test(inside);
    return isPlain ? inside : pathToFileURL(path).href.replaceAll('=', '%3D');
  }
}

export function textOf({ count, messages }: WarningKind): string {
  const more = count - messages.length;
  return `${messages.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function appendSummary(file: string, text: string): void {
  let length = 0;
  try {
    length = statSync(file).size;
  } catch {
    // It is created with the first that is written.
  }
  if (length + Buffer.byteLength(text) < MAX_SUMMARY) appendFileSync(file, text);
}
