/** Options that exclude each other. */
import { PzipError } from '../common/errors.js';

/** @throws PzipError PZIP_USAGE if entries are not read, or not all of them */
export function rejectBesideManifest(copies: boolean, isPart: boolean): void {
  if (!copies && !isPart) return;
  const why = copies ? '`from`: entries are copied without being read' : '`shard`: a part has not all content';
  throw new PzipError('PZIP_USAGE', `Option \`manifest\` cannot be combined with ${why}`);
}

/** @throws PzipError PZIP_USAGE for options that concern whole archives */
export function rejectOfParts(options: Readonly<Record<string, unknown>>): void {
  const option = ['maxSize', 'maxUnpacked', 'sizeOf'].find((name) => options[name] !== undefined);
  if (option === undefined) return;
  throw new PzipError('PZIP_USAGE', `\`${option}\` concerns whole archives: it cannot be used with \`shard\``);
}
