/**
 * Compares two builds of the deflate module, ignoring the order of functions and globals:
 *
 *     node scripts/compare-wasm.js OLD.wasm NEW.wasm
 *
 * The optimizer orders functions by how often they are called, and breaks ties by name. Renaming a function therefore
 * moves code around without changing it. This script numbers functions and globals by what they contain instead.
 * Exits with 1 if the modules differ in anything else.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import binaryen from 'assemblyscript/binaryen';

const NAME = /\$(?:func|type|global)\$\d+/g;

const [oldPath, newPath] = process.argv.slice(2);
if (newPath === undefined) {
  console.error('usage: node scripts/compare-wasm.js OLD.wasm NEW.wasm');
  process.exit(2);
}
const [before, after] = [oldPath, newPath].map((path) => canonicalParts(readFileSync(path)));
const removed = before.filter((part) => !after.includes(part));
const added = after.filter((part) => !before.includes(part));
if (removed.length + added.length + Math.abs(before.length - after.length) > 0) {
  console.error(`The modules differ: ${removed.length} of ${before.length} parts are gone, ${added.length} are new.`);
  process.exit(1);
}
console.log(`The modules are the same, apart from the order of their ${before.length} parts.`);

/** Every function, global, import, export and data segment as text, with names replaced by hashes of what they name. */
function canonicalParts(bytes) {
  const parts = binaryen
    .readBinary(bytes)
    .emitText()
    // Binaryen calls functions, types and locals by bare numbers.
    .replace(
      /\b(call|func|start|type) \$(\d+)/g,
      (_, kind, number) => `${kind} $${kind === 'type' ? kind : 'func'}$${number}`,
    )
    .split(/\n(?= \()/)
    .slice(1)
    .map((part) => part.replace(/\n\)\s*$/, ''));
  const definitions = new Map();
  for (const part of parts) {
    const [name] = part.match(NAME) ?? [];
    if (/^ \((func|type|global) /.test(part)) definitions.set(name, part);
  }
  // A name's hash depends on the hashes of the names in its definition, and of the definitions that use it.
  let hashes = new Map([...definitions.keys()].map((name) => [name, '']));
  const resolve = (part) => part.replace(NAME, (name) => hashes.get(name) ?? name);
  for (let round = 0; round < 12; round++) {
    const uses = new Map([...definitions.keys()].map((name) => [name, []]));
    for (const part of parts) {
      const user = hash(resolve(part));
      for (const { 0: name, index } of part.matchAll(NAME)) {
        uses.get(name)?.push(`${user}@${part.slice(0, index).split('\n').length}`);
      }
    }
    hashes = new Map(
      [...definitions].map(([name, part]) => [name, hash(resolve(part) + uses.get(name).sort().join())]),
    );
  }
  return parts.map(resolve).sort();
}

function hash(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
