/** Azure Pipelines: variables, issues, an uploaded summary. (learn.microsoft.com: Logging commands.) */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printable } from '../../common/text.js';
import type { ArchiveResult } from '../../index.js';
import { azureData, azureProperty } from './escape.js';
import type { RunFacts } from './facts.js';
import { textOf } from './github.js';
import { outputsOf } from './outputs.js';
import { markdownSummary } from './summary.js';
import type { CiSurface } from './surface.js';

export class AzureSurface implements CiSurface {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #print: (line: string) => void;

  constructor(environment: NodeJS.ProcessEnv, print: (line: string) => void) {
    this.#environment = environment;
    this.#print = print;
  }

  done(facts: RunFacts, result: ArchiveResult): void {
    this.#issues(facts);
    for (const { name, value } of outputsOf(facts, result)) {
      const variable = azureProperty(`pzip.${name}`);
      if (printable(value) !== value) {
        this.#print(
          azureData(`pzip: the variable pzip.${name} is not set: its value has characters that a log cannot show`),
        );
        continue;
      }
      this.#print(`##vso[task.setvariable variable=${variable};isOutput=true]${azureData(value)}`);
    }
    const path = join(this.#environment.AGENT_TEMPDIRECTORY ?? tmpdir(), `pzip-${randomUUID()}.md`);
    writeFileSync(path, markdownSummary(facts, result), { flag: 'wx' });
    this.#print(`##vso[task.uploadsummary]${azureData(path)}`);
  }

  failed(facts: RunFacts, code: string, message: string): boolean {
    this.#issues(facts);
    this.#print(`##vso[task.logissue type=error;code=${azureProperty(code)}]${azureData(`pzip: ${message}`)}`);
    return true;
  }

  #issues({ warnings }: RunFacts): void {
    for (const kind of warnings.values()) {
      // Azure has no notices.
      if (kind.severity === 'notice') continue;
      const code = azureProperty(kind.code);
      this.#print(`##vso[task.logissue type=warning;code=${code}]${azureData(`pzip: ${textOf(kind)}`)}`);
    }
  }
}
