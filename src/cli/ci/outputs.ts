/** What later steps and jobs get of a run: one list of names and values, for every system. */
import { basename } from 'node:path';
import type { ArchiveResult } from '../../index.js';
import type { RunFacts } from './facts.js';

export interface Output {
  /** In kebab-case, as an output of a step. */
  readonly name: string;
  readonly value: string;
}

export function outputsOf({ report }: RunFacts, result: ArchiveResult): Output[] {
  const { path, bytesWritten, entryCount, isChanged, sha256, contentId } = result;
  return [
    ...(path === undefined
      ? []
      : [
          { name: 'archive', value: path },
          { name: 'archive-name', value: basename(path) },
        ]),
    ...(sha256 === undefined
      ? []
      : [
          { name: 'sha256', value: sha256 },
          { name: 'digest', value: `sha256:${sha256}` },
        ]),
    { name: 'bytes', value: String(bytesWritten) },
    { name: 'entries', value: String(entryCount) },
    ...(contentId === undefined ? [] : [{ name: 'content-id', value: contentId }]),
    ...(report === undefined ? [] : [{ name: 'report', value: report }]),
    { name: 'changed', value: String(isChanged) },
  ];
}
