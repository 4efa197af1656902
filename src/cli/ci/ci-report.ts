/** Collects what `--ci` gives to a CI system, and hands it over. Loaded only where it is asked for. */
import { explainWriteError } from '../../common/file-errors.js';
import { quote } from '../../common/text.js';
import { type ArchiveResult, PzipError, type PzipWarning, type WrittenEntry } from '../../index.js';
import { AzureSurface } from './azure.js';
import { type CiSystem, detectCi } from './detect.js';
import { RunFacts } from './facts.js';
import { GithubSurface } from './github.js';
import { GitlabSurface } from './gitlab.js';
import type { CiSurface } from './surface.js';

export interface CiOptions {
  readonly system: CiSystem;
  /** The dotenv report of GitLab. */
  readonly dotenv: string;
  /** Absolute path of the report that the run writes. */
  readonly report?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** Writes a line to the log as it is. */
  readonly print: (line: string) => void;
}

/**
 * An error in arguments, which could not be read further than to see that a CI system gets a report.
 *
 * @returns whether the log shows the message by that
 */
export function reportUsage(argv: readonly string[], message: string, print: (line: string) => void): boolean {
  const given = argv.flatMap((argument, index) => (argument === '--ci' ? (argv[index + 1] ?? []) : []));
  const asked = given.at(-1) ?? argv.findLast((argument) => argument.startsWith('--ci='))?.slice('--ci='.length);
  const system = asked === 'auto' ? detectCi(process.env) : asked;
  if (system !== 'github' && system !== 'azure') return false;
  return new CiReport({ system, dotenv: '', environment: process.env, print }).failed('PZIP_USAGE', message);
}

export class CiReport {
  readonly #system: CiSystem;
  #facts: RunFacts;
  readonly #surface: CiSurface;

  constructor({ system, dotenv, report, environment, print }: CiOptions) {
    this.#facts = new RunFacts(report);
    this.#system = system;
    if (system === 'github') this.#surface = new GithubSurface(environment, print);
    else if (system === 'azure') this.#surface = new AzureSurface(environment, print);
    else this.#surface = new GitlabSurface(dotenv, print);
  }

  readonly onEntry = (entry: WrittenEntry): void => this.#facts.addEntry(entry);

  readonly onWarning = (warning: PzipWarning): void => this.#facts.addWarning(warning);

  /** @throws PzipError PZIP_OUTPUT_FAILED: the archive is complete, but what comes after it would not know */
  done(result: ArchiveResult): void {
    const facts = this.#facts;
    // Should something fail now, the warnings are not repeated.
    this.#facts = new RunFacts();
    try {
      this.#surface.done(facts, result);
    } catch (cause) {
      const path = cause instanceof Error && 'path' in cause ? String(cause.path) : undefined;
      const file = path === undefined ? `A file for ${this.#system}` : quote(path);
      throw new PzipError('PZIP_OUTPUT_FAILED', `${file} cannot be written: ${explainWriteError(cause)}`, {
        path,
        cause,
      });
    }
  }

  /** @returns whether the log shows the message by that */
  failed(code: string, message: string): boolean {
    return this.#surface.failed(this.#facts, code, message);
  }
}
