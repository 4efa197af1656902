/** What a run reports beside its archive: its SHA-256, and the SHA-256 of its entries. Loaded only by runs that ask for it. */
import { basename } from 'node:path';
import { ArchiveDigest } from '../output/archive-digest.js';
import { SideFile } from '../output/file/side-file.js';
import type { FileIdentity } from '../output/sink.js';
import { EntryReports } from '../report/entry-reports.js';
import { Manifest } from '../report/manifest.js';
import { ENTRY_DIGESTS, type EntryDigests } from './entry-digests.js';

export interface ReportOptions {
  /** Whether the archive is hashed, or the path of the file that gets the digest. */
  readonly sha256: true | string | undefined;
  /** Whether entries are hashed, or the path of the manifest. */
  readonly manifest: true | string | undefined;
}

/** What the result has of it. */
export interface ReportResult {
  /** SHA-256 of the archive, where the option `sha256` asked for it. */
  readonly sha256?: string;
  /**
   * A digest of names, modes, link targets and content, whatever the level, the engine, the dates and the order; where the option
   * `manifest` asked for it. docs/reports.md defines it.
   */
  readonly contentId?: string;
}

export class RunReports {
  readonly digest: ArchiveDigest | undefined;
  readonly entries: EntryReports | undefined;
  /** For large entries. */
  readonly digests: EntryDigests | undefined;
  readonly #files: SideFile[] = [];
  readonly #checksum: SideFile | undefined;
  /** Absolute path of the archive, if it is a file. */
  readonly #archivePath: string | undefined;
  #result: ReportResult = {};

  /** @throws PzipError PZIP_OUTPUT_FAILED if a file cannot be written, PZIP_USAGE if it is the archive's */
  constructor({ sha256, manifest }: ReportOptions, archivePath: string | undefined) {
    this.#archivePath = archivePath;
    this.digest = sha256 === undefined ? undefined : new ArchiveDigest();
    this.#checksum = typeof sha256 === 'string' ? this.#sideFile(sha256) : undefined;
    if (manifest === undefined) return;
    this.digests = ENTRY_DIGESTS;
    this.entries = new EntryReports(manifest === true ? undefined : new Manifest(this.#sideFile(manifest)));
  }

  /** Whether a file is one that will be replaced. */
  isOwn(stats: FileIdentity, path: string): boolean {
    return this.#files.some((file) => file.isReplaced(stats, path));
  }

  /** Completes all files but for their names. The archive's last byte is written, and it may still fail. */
  async prepare(): Promise<void> {
    const sha256 = this.digest?.digest();
    if (sha256 !== undefined) await this.#checksum?.append(checksumLine(sha256, this.#archivePath));
    const contentId = await this.entries?.finish();
    this.#result = {
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(contentId === undefined ? {} : { contentId }),
    };
  }

  /** The archive has its name. */
  async putInPlace(): Promise<void> {
    for (const file of this.#files) await file.putInPlace();
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.discard();
  }

  get result(): ReportResult {
    return this.#result;
  }

  #sideFile(path: string): SideFile {
    const taken = this.#files.map(({ target }) => target);
    const file = new SideFile(path, this.#archivePath === undefined ? taken : [...taken, this.#archivePath]);
    this.#files.push(file);
    return file;
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
