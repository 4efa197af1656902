/** What a run reports beside its archive: its SHA-256, that of its entries, a page of it. Loaded only by runs that ask for it. */
import { basename } from 'node:path';
import type { PzipWarning } from '../common/warnings.js';
import type { HtmlPage } from '../html/html-page.js';
import { ArchiveDigest } from '../output/archive-digest.js';
import { SideFile } from '../output/file/side-file.js';
import type { FileIdentity } from '../output/sink.js';
import { EntryReports } from '../report/entry-reports.js';
import { JsonReport, type ReportStart } from '../report/json-report.js';
import { Manifest } from '../report/manifest.js';
import { type ReportStream, ReportTarget } from '../report/report-target.js';
import { RunReport, versionOfPzip } from '../report/run-report.js';
import { ENTRY_DIGESTS, type EntryDigests } from './entry-digests.js';

export interface ReportOptions {
  /** Whether the archive is hashed, or the path of the file that gets the digest. */
  readonly sha256: true | string | undefined;
  /** Whether entries are hashed, or the path of the manifest. */
  readonly manifest: true | string | undefined;
  /** The paths or streams of the reports in JSON. */
  readonly json: string | ReportStream | undefined;
  readonly jsonLines: string | ReportStream | undefined;
  /** What they begin with. */
  readonly start: () => Pick<ReportStart, 'engine' | 'options'>;
  /** The page's path, and that of an archive to compare with. */
  readonly html: { readonly path: string; readonly against: string | undefined } | undefined;
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
  /** Reports in JSON. */
  readonly json: RunReport | undefined;
  /** Those that take their names with the archive; reports in JSON do so at the end. */
  readonly #files: SideFile[] = [];
  readonly #all: SideFile[];
  readonly #checksum: SideFile | undefined;
  /** Absolute path of the archive, if it is a file. */
  readonly #archivePath: string | undefined;
  #result: ReportResult = {};
  #page: HtmlPage | undefined;

  /**
   * @param opened gets each file as it is created, for the caller to discard if a later one fails
   * @throws PzipError PZIP_OUTPUT_FAILED if a file cannot be written, PZIP_USAGE if it is the archive's
   */
  constructor(options: ReportOptions, archivePath: string | undefined, opened: SideFile[]) {
    this.#all = opened;
    const { sha256, manifest } = options;
    this.#archivePath = archivePath;
    this.digest = sha256 === undefined ? undefined : new ArchiveDigest();
    this.#checksum = typeof sha256 === 'string' ? this.#namedWithArchive(sha256) : undefined;
    this.digests = manifest === undefined ? undefined : ENTRY_DIGESTS;
    const manifestFile = typeof manifest === 'string' ? new Manifest(this.#namedWithArchive(manifest)) : undefined;
    this.json = this.#openJson(options);
    if (manifest === undefined && this.json === undefined) return;
    this.entries = new EntryReports(manifest !== undefined, manifestFile, this.json);
  }

  /**
   * @param warn gets a notice if there is no archive to compare with
   * @throws PzipError as the constructor does, or if that archive cannot be read
   */
  async openPage({ html }: ReportOptions, warn: (warning: PzipWarning) => void): Promise<void> {
    if (html === undefined) return;
    const file = this.#namedWithArchive(html.path);
    const { HtmlPage } = await import('../html/html-page.js');
    this.#page = await HtmlPage.open({ file, archivePath: this.#archivePath, against: html.against, warn });
  }

  /** To be called with each block of the archive's central directory. */
  addDirectory(headers: Uint8Array): Promise<void> | undefined {
    return this.#page?.addDirectory(headers);
  }

  /** Whether a file is one that will be replaced. */
  isOwn(stats: FileIdentity, path: string): boolean {
    return this.#all.some((file) => file.isReplaced(stats, path));
  }

  /**
   * Completes all files but for their names. The archive's last byte is written, and it may still fail.
   *
   * @param length of the archive, in bytes
   */
  async prepare(length: number): Promise<void> {
    await this.#page?.finish(length);
    const sha256 = this.digest?.digest();
    if (sha256 !== undefined) await this.#checksum?.append(checksumLine(sha256, this.#archivePath));
    const contentId = await this.entries?.finish();
    this.#result = {
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(contentId === undefined ? {} : { contentId }),
    };
  }

  /** The archive has its name. The reports in JSON get theirs at the end. */
  async putInPlace(): Promise<void> {
    for (const file of this.#files) await file.putInPlace();
  }

  async close(): Promise<void> {
    await this.#page?.close();
    for (const file of this.#all) await file.discard();
  }

  get result(): ReportResult {
    return this.#result;
  }

  #openJson({ json, jsonLines, start }: ReportOptions): RunReport | undefined {
    if (json === undefined && jsonLines === undefined) return undefined;
    const head = { pzip: versionOfPzip(), startedAt: new Date().toISOString(), ...start() };
    const open = (target: string | ReportStream): ReportTarget =>
      new ReportTarget(typeof target === 'string' ? this.#sideFile(target) : target);
    const reports: JsonReport[] = [];
    if (json !== undefined) reports.push(new JsonReport(open(json), 'document', head));
    if (jsonLines !== undefined) reports.push(new JsonReport(open(jsonLines), 'lines', head));
    return new RunReport(reports);
  }

  #namedWithArchive(path: string): SideFile {
    const file = this.#sideFile(path);
    this.#files.push(file);
    return file;
  }

  #sideFile(path: string): SideFile {
    const taken = this.#all.map(({ target }) => target);
    const file = new SideFile(path, this.#archivePath === undefined ? taken : [...taken, this.#archivePath]);
    this.#all.push(file);
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
