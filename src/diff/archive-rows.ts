/** An archive's entries as rows: their central headers. */
import { resolve } from 'node:path';
import { kindOf, unixMode } from '../reader/archived-entry.js';
import { entryName } from '../reader/entry-names.js';
import { modificationTime } from '../reader/entry-times.js';
import { OpenArchive } from '../reader/open-archive.js';
import { EXTENDED_TIMESTAMP_ID, NTFS_ID } from '../zip/constants.js';
import {
  findExtraField,
  type ParsedCentralDirectoryHeader,
  parseCentralDirectoryHeader,
  zip64Values,
} from '../zip/parse-records.js';
import type { Facts, NameRule } from './facts.js';
import type { Row } from './packed-rows.js';
import type { RowSource } from './row-operand.js';

/** @throws PzipError if it cannot be opened or has no valid end */
export async function openArchiveRows(path: string, nameRule: NameRule): Promise<RowSource> {
  const archive = await OpenArchive.open(path);
  // A thread needs the position of the directory, but not the comment.
  const end = { ...archive.end, comment: Buffer.alloc(0) };
  return {
    path,
    archive: { path: resolve(path), end },
    listsDirectories: true,
    async *rows() {
      for await (const { central, bytes } of archive.directory()) {
        const name = nameRule(nameOf(central));
        if (name !== undefined) yield { name, payload: bytes };
      }
    },
    factsOf: (row) => factsOf(row, end.prefixLength),
    close: () => archive.close(),
  };
}

/** Some writers mark a directory by its mode alone. */
function nameOf(central: ParsedCentralDirectoryHeader): string {
  const name = entryName(central);
  if (name.endsWith('/')) return name;
  const kind = kindOf(name, unixMode(central), central.externalFileAttributes);
  return kind === 'directory' ? `${name}/` : name;
}

function factsOf({ name, payload }: Row, prefixLength: number): Facts {
  const central = parseCentralDirectoryHeader(payload);
  const { uncompressedSize, relativeOffsetOfLocalHeader } = zip64Values(central);
  const mode = unixMode(central);
  return {
    name,
    kind: kindOf(name, mode, central.externalFileAttributes),
    size: uncompressedSize,
    crc32: central.crc32,
    // Writers without modes leave all bits 0.
    mode: mode === undefined || mode === 0 ? undefined : mode & 0o7777,
    mtimeMs: modificationTime(central),
    isTimeCoarse: ![EXTENDED_TIMESTAMP_ID, NTFS_ID].some((id) => findExtraField(central.extraField, id) !== undefined),
    content: { kind: 'entry', header: payload, localPosition: prefixLength + relativeOffsetOfLocalHeader },
  };
}
