/**
 * Lists of checksums as sha256sum(1) writes them: `HASH  name`, `HASH *name`, and `SHA256 (name) = HASH` with --tag. A
 * leading backslash marks a name in which `\\`, `\n` and `\r` are escaped.
 */
import type { Facts } from './facts.js';
import { cleanName, type ManifestForm, manifestFault } from './manifest-rows.js';

const PLAIN = /^(\\?)([0-9a-f]{64}) [ *](.+)$/is;
const TAGGED = /^(\\?)SHA256 \((.+)\) = ([0-9a-f]{64})$/is;

/** Whether a file that begins with these bytes is such a list. */
export function looksLikeChecksums(start: string): boolean {
  return /^\\?[0-9a-f]{64} [ *]./i.test(start) || /^\\?SHA256 \(/.test(start);
}

export const CHECKSUM_LINES: ManifestForm = {
  listsDirectories: false,
  parse(payload, path, number) {
    const { name, hash } = parseLine(payload.toString(), path, number);
    const sha256 = Buffer.from(hash, 'hex');
    return { name: cleanName(name), kind: 'file', content: { kind: 'hash', sha256 } } satisfies Facts;
  },
};

function parseLine(line: string, path: string, number: number): { name: string; hash: string } {
  const plain = PLAIN.exec(line);
  const [, backslash = '', hash = '', name = ''] = plain ?? [];
  if (plain !== null) return { name: unescaped(name, backslash), hash };
  const tagged = TAGGED.exec(line);
  if (tagged === null) throw manifestFault(path, `its entry ${number} is not 'HASH  name' with a SHA-256`);
  const [, tagBackslash = '', tagName = '', tagHash = ''] = tagged;
  return { name: unescaped(tagName, tagBackslash), hash: tagHash };
}

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['\\\\', '\\'],
  ['\\n', '\n'],
  ['\\r', '\r'],
]);

function unescaped(name: string, backslash: string): string {
  return backslash === '' ? name : name.replace(/\\[\\nr]/g, (sequence) => ESCAPED.get(sequence) ?? sequence);
}
