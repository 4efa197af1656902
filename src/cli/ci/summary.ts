/** The summary of a run in Markdown, for GitHub's step summary and Azure's. */
import { basename } from 'node:path';
import type { ArchiveResult } from '../../index.js';
import { formatBytes, formatCount, formatRatio } from '../format.js';
import { fromTo, signed } from '../size-changes.js';
import { htmlText } from './escape.js';
import { NO_EXTENSION, OTHER_EXTENSIONS, type RunFacts } from './facts.js';

/** Bytes. GitHub shows nothing of a step that wrote over 1 MiB; other tools of the step write there, too. */
export const SUMMARY_BUDGET = 64 * 1024;

const SHOWN_EXTENSIONS = 10;

/** @returns text of at most SUMMARY_BUDGET bytes; what does not fit is left out, and said to be */
export function markdownSummary(facts: RunFacts, result: ArchiveResult): string {
  const title = result.path === undefined ? 'pzip' : htmlText(basename(result.path));
  const sections = [
    `### ${title}\n`,
    table(['', ''], totals(result)),
    section('Largest entries', largest(facts)),
    section('By extension', byExtension(facts)),
    section('Changes in size', changes(result)),
    section('Warnings', warnings(facts)),
  ];
  return withinBudget(sections.filter((text) => text !== ''));
}

function totals(result: ArchiveResult): [string, string][] {
  const { entryCount, bytesRead, bytesWritten, durationMs, threads, skippedCount, ignoredCount, isChanged, sha256 } =
    result;
  const ratio = formatRatio(bytesWritten, bytesRead);
  return [
    ['Entries', formatCount(entryCount, '', '').trim()],
    ['Size', `${formatBytes(bytesRead)} → ${formatBytes(bytesWritten)} (${ratio})${isChanged ? '' : ', unchanged'}`],
    ...(sha256 === undefined ? [] : ([['SHA-256', code(sha256)]] as [string, string][])),
    ['Time', `${(durationMs / 1000).toFixed(2)} s, ${formatCount(Math.max(threads, 1), 'thread', 'threads')}`],
    ...(skippedCount === 0 ? [] : ([['Skipped', String(skippedCount)]] as [string, string][])),
    ...(ignoredCount === 0 ? [] : ([['Excluded', String(ignoredCount)]] as [string, string][])),
  ];
}

function largest({ largest }: RunFacts): string {
  const rows = largest.list.map(({ name, compressedSize, uncompressedSize }) => [
    code(name),
    formatBytes(uncompressedSize),
    formatBytes(compressedSize),
  ]);
  return table(['Entry', 'Size', 'In the archive'], rows);
}

function changes({ sizeChanges }: ArchiveResult): string {
  if (sizeChanges === undefined) return '';
  const { before, after } = sizeChanges;
  const rows = sizeChanges.largest.map((change) => [
    code(change.name),
    signed((change.after ?? 0) - (change.before ?? 0)),
    fromTo(change),
  ]);
  const all = ['All entries', signed(after - before), fromTo({ name: '', before, after })];
  return table(['Entry', 'Change', 'In the archive'], [all, ...rows]);
}

function byExtension({ extensions }: RunFacts): string {
  const sorted = [...extensions].sort(([, a], [, b]) => b.compressedSize - a.compressedSize);
  const rows = sorted.slice(0, SHOWN_EXTENSIONS).map(([extension, { count, uncompressedSize, compressedSize }]) => {
    const shown = extension === NO_EXTENSION ? 'none' : extension === OTHER_EXTENSIONS ? 'all others' : code(extension);
    return [shown, String(count), formatBytes(uncompressedSize), formatBytes(compressedSize)];
  });
  return table(['Extension', 'Entries', 'Size', 'In the archive'], rows);
}

function warnings({ warnings }: RunFacts): string {
  const rows = [...warnings.values()].map(({ code: kind, count, messages }) => [
    code(kind),
    String(count),
    messages.map(htmlText).join('<br>'),
  ]);
  return table(['Kind', 'Count', 'The first of them'], rows);
}

function section(title: string, body: string): string {
  return body === '' ? '' : `<details><summary>${title}</summary>\n\n${body}\n</details>\n`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('');
}

function code(name: string): string {
  return `<code>${htmlText(name)}</code>`;
}

const CUT = '\nMore was left out: the summary has a limit of 64 KiB.\n';

function withinBudget(sections: readonly string[]): string {
  let text = '';
  for (const next of sections) {
    const joined = `${text}${next}\n`;
    if (Buffer.byteLength(joined) > SUMMARY_BUDGET - CUT.length) return text + CUT;
    text = joined;
  }
  return text;
}
