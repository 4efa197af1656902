/** A directory as one side of a comparison: its entries as createArchive() would select them. */
import { basename, dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Source } from '../common/entry.js';
import type { PzipWarning } from '../common/warnings.js';
import type { Facts, Operand } from '../diff/facts.js';
import { selectSources } from '../select/select.js';
import type { ModePolicy, SelectOptions } from '../select/select-options.js';

export interface TreeOptions
  extends Pick<SelectOptions, 'exclude' | 'gitignore' | 'symlinks' | 'prefix' | 'isOwnOutput'> {
  readonly modes: ModePolicy;
  readonly onWarning: (warning: PzipWarning) => void;
  readonly checkpoint: () => void;
}

/** The start and the inputs of a selection. */
export interface TreeStart {
  readonly cwd: string;
  readonly input: string;
}

/**
 * Names are relative to the directory. If all names on the other side begin with the last components of the directory's path,
 * these are prepended, as for `dist/` and an archive created by `pzip site.zip dist/`.
 *
 * @param common the directories that all names on the other side begin with
 */
export function startOf(path: string, common: readonly string[] | undefined): TreeStart {
  const directory = resolve(path);
  const own: string[] = [];
  let start: TreeStart = { cwd: directory, input: '.' };
  for (let parent = directory; parent !== dirname(parent); parent = dirname(parent)) {
    own.unshift(basename(parent));
    if (common === undefined || own.length > common.length) break;
    if (isDeepStrictEqual(own, common.slice(0, own.length))) {
      // The slash selects the target of a link, not the link.
      start = { cwd: dirname(parent), input: `${join(...own)}/` };
    }
  }
  return start;
}

export function treeOperand({ cwd, input }: TreeStart, options: TreeOptions): Operand {
  return {
    listsDirectories: true,
    archive: undefined,
    async *batches() {
      const sources = selectSources([input], {
        ...options,
        cwd,
        skipUnreadable: true,
        portableNames: 'off',
        allow: ['*'],
        ifEmpty: 'ignore',
      });
      for await (const batch of sources) yield batch.map(toFacts);
    },
    async close() {},
  };
}

function toFacts(source: Source): Facts {
  const { name, mode, mtimeMs } = source;
  // Windows has no modes.
  const common = { name, mode: process.platform === 'win32' ? undefined : mode & 0o7777, mtimeMs };
  switch (source.kind) {
    case 'directory':
      return { kind: 'directory', ...common };
    case 'symlink':
      return {
        kind: 'symlink',
        size: source.target.length,
        content: { kind: 'bytes', bytes: source.target },
        ...common,
      };
    case 'file': {
      const { path, size, dev, ino, ctimeMs, isFollowed } = source;
      const content = { kind: 'file', path, size, dev, ino, mtimeMs, ctimeMs, isFollowed } as const;
      return { kind: 'file', size, content, ...common };
    }
    default:
      throw new Error(`A directory cannot contain a ${source.kind}`);
  }
}
