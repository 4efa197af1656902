/**
 * Preloaded (`node --import`) into a process under test, it hands out the entries of every folder in another order, as
 * another file system would: what comes out must not depend on it. The seed is in PZIP_TEST_READDIR_SEED.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const seed = Number(process.env.PZIP_TEST_READDIR_SEED);

/** The same for the same folder and seed; multiplying by Knuth's constant scatters neighbours. */
function shuffled<T>(entries: T): T {
  if (!Array.isArray(entries)) return entries;
  const places = new Map(entries.map((entry, i) => [entry, Math.imul(i + 1 + 64 * seed, 0x9e3779b1) >>> 0]));
  return entries.sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}

const { readdir, readdirSync } = fs;
const readdirPromise = fs.promises.readdir;

Object.assign(fs, {
  readdir: (...args: unknown[]) => {
    const callback = args.pop();
    if (typeof callback !== 'function') throw new TypeError('readdir without a callback');
    const answer = (error: unknown, entries: unknown): void => callback(error, shuffled(entries));
    Reflect.apply(readdir, fs, [...args, answer]);
  },
  readdirSync: (...args: unknown[]) => shuffled(Reflect.apply(readdirSync, fs, args)),
});
Object.assign(fs.promises, {
  readdir: async (...args: unknown[]) => shuffled(await Reflect.apply(readdirPromise, fs.promises, args)),
});
syncBuiltinESMExports();
