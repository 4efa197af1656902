/** What is reported beside an archive. docs/reports.md describes each. */
export interface ReportOptions {
  /**
   * Computes the SHA-256 of the archive, `sha256` of the result. A path also writes it to that file, in the format of
   * `sha256sum -c` and with the last component of the archive's path; a file of that name stays out of the archive.
   * @default false
   */
  sha256?: boolean | string | URL | undefined;
  /**
   * Computes the SHA-256 of every entry's content and, from these, `contentId` of the result. A path also writes a manifest in
   * JSON to that file, which diffArchives() reads; a file of that name stays out of the archive. Excludes `from` and `shard`.
   * @default false
   */
  manifest?: boolean | string | URL | undefined;
  /**
   * Writes a report of the run in JSON to a file or a Node.js stream, which stays open: options, entries, totals, times, warnings
   * and what was left out, or the error. Its schema is dist/pzip.report.schema.json of the package.
   */
  json?: string | URL | NodeJS.WritableStream | undefined;
  /** The same, one object on each line. */
  jsonLines?: string | URL | NodeJS.WritableStream | undefined;
  /**
   * Writes a page for a browser to this file: a treemap of the archive by compressed size, its largest entries, extensions and
   * files that are there twice. The page loads nothing. A file of that name stays out of the archive.
   */
  html?: string | URL | undefined;
  /** An earlier archive that the page compares with, which may be the replaced one. A missing one gives a notice. */
  htmlAgainst?: string | URL | undefined;
}
