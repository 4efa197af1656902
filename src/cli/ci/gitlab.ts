/** GitLab: a dotenv report, by which later jobs get variables. (docs.gitlab.com: artifacts:reports:dotenv.) */
import { writeFileSync } from 'node:fs';
import type { ArchiveResult } from '../../index.js';
import { dotenvLine } from './escape.js';
import type { RunFacts } from './facts.js';
import { outputsOf } from './outputs.js';
import type { CiSurface } from './surface.js';

/** Bytes; GitLab rejects a longer one, and the job with it. */
const MAX_LENGTH = 5 * 1024;

export class GitlabSurface implements CiSurface {
  readonly #path: string;
  readonly #print: (line: string) => void;

  /** @param path of the report, which is replaced */
  constructor(path: string, print: (line: string) => void) {
    this.#path = path;
    this.#print = print;
  }

  done(facts: RunFacts, result: ArchiveResult): void {
    let text = '';
    for (const { name, value } of outputsOf(facts, result)) {
      const variable = `PZIP_${name.toUpperCase().replaceAll('-', '_')}`;
      const line = dotenvLine(variable, value);
      if (line === undefined || Buffer.byteLength(text + line) > MAX_LENGTH) {
        this.#print(`pzip: ${variable} is left out of the dotenv report: GitLab has no form for its value`);
      } else text += line;
    }
    writeFileSync(this.#path, text);
  }

  /** A failed job has no report. */
  failed(): boolean {
    return false;
  }
}
