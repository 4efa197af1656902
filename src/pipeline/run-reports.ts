/** What a run reports beside its archive: the archive's SHA-256. Loaded only by runs that ask for it. */
import { basename } from 'node:path';
import { ArchiveDigest } from '../output/archive-digest.js';
import { SideFile } from '../output/file/side-file.js';
import type { FileIdentity } from '../output/sink.js';

export interface ReportOptions {
  /** Whether the archive is hashed, or the path of the file that gets the digest. */
  readonly sha256: true | string | undefined;
}

/** What the result has of it. */
export interface ReportResult {
  readonly sha256?: string;
}

export class RunReports {
  readonly digest: ArchiveDigest | undefined;
  readonly #checksum: SideFile | undefined;
  /** Absolute path of the archive, if it is a file. */
  readonly #archivePath: string | undefined;
  #sha256: string | undefined;

  /** @throws PzipError PZIP_OUTPUT_FAILED if a file cannot be written, PZIP_USAGE if it is the archive's */
  constructor({ sha256 }: ReportOptions, archivePath: string | undefined) {
    this.#archivePath = archivePath;
    const taken = archivePath === undefined ? [] : [archivePath];
    this.digest = sha256 === undefined ? undefined : new ArchiveDigest();
    this.#checksum = typeof sha256 === 'string' ? new SideFile(sha256, taken) : undefined;
  }

  /** Whether a file is one that will be replaced. */
  isOwn(stats: FileIdentity, path: string): boolean {
    return this.#checksum?.isReplaced(stats, path) === true;
  }

  /** Completes all files but for their names. The archive's last byte is written, and it may still fail. */
  async prepare(): Promise<void> {
    this.#sha256 = this.digest?.digest();
    if (this.#sha256 !== undefined) await this.#checksum?.append(checksumLine(this.#sha256, this.#archivePath));
  }

  /** The archive has its name. */
  async putInPlace(): Promise<void> {
    await this.#checksum?.putInPlace();
  }

  async close(): Promise<void> {
    await this.#checksum?.discard();
  }

  get result(): ReportResult {
    return this.#sha256 === undefined ? {} : { sha256: this.#sha256 };
  }
}

/** A line for `sha256sum -c`, which marks and escapes names of more than one line. */
function checksumLine(sha256: string, archivePath: string | undefined): Buffer {
  // Standard input has this name there.
  const name = archivePath === undefined ? '-' : basename(archivePath);
  const escaped = name.replace(/[\\\n\r]/g, (character) => ESCAPES[character] ?? character);
  return Buffer.from(`${escaped === name ? '' : '\\'}${sha256}  ${escaped}\n`);
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };
