/** What later steps and jobs get of a run: one list of names and values, for every system. */
import { basename } from 'node:path';
import type { ArchiveResult } from '../../index.js';

export interface Output {
  /** In kebab-case, as an output of a step. */
  readonly name: string;
  readonly value: string;
}

export function outputsOf(result: ArchiveResult): Output[] {
  const { path, bytesWritten, entryCount, isChanged } = result;
  return [
    ...(path === undefined
      ? []
      : [
          { name: 'archive', value: path },
          { name: 'archive-name', value: basename(path) },
        ]),
    { name: 'bytes', value: String(bytesWritten) },
    { name: 'entries', value: String(entryCount) },
    { name: 'changed', value: String(isChanged) },
  ];
}
