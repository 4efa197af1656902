/** Selections of trees, and checks of their errors. */
import type { Source } from '../../dist/common/entry.js';
import type { PzipError, PzipErrorCode } from '../../dist/common/errors.js';
import type { PzipWarning } from '../../dist/common/warnings.js';
import { selectSources } from '../../dist/select/select.js';
import type { SelectOptions } from '../../dist/select/select-options.js';

export { makeTree, type Tree } from '../helpers/trees.js';

export interface Selection {
  readonly names: string[];
  readonly sources: Source[];
  readonly warnings: PzipWarning[];
}

export async function select(inputs: readonly string[], options: SelectOptions): Promise<Selection> {
  const warnings: PzipWarning[] = [];
  const sources: Source[] = [];
  const batches = selectSources(inputs, { onWarning: (warning) => warnings.push(warning), ...options });
  for await (const batch of batches) sources.push(...batch);
  return { names: sources.map(({ name }) => name), sources, warnings };
}

/** For assert.throws and assert.rejects: the code, and words that the message must hold. */
export function pzipError(code: PzipErrorCode, ...words: readonly string[]) {
  return (error: unknown): boolean => {
    const { name, code: actual, message } = error as PzipError;
    if (name !== 'PzipError' || actual !== code) throw error;
    for (const word of words) if (!message.includes(word)) throw new Error(`${JSON.stringify(message)} lacks ${word}`);
    return true;
  };
}

/** The names sorted by their UTF-8 bytes, by the slow and certain way. */
export function byBytes(names: readonly string[]): string[] {
  return [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Root may read everything, so what it does here it does as nobody. */
export async function asNobody(action: () => Promise<void>): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    await action();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
