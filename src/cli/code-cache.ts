/**
 * Loads a file of the bundled command with what V8 made of it when the package was built. Without that, compiling it and its
 * functions, one by one as they are called, took 14 of the 64 ms that an archive of ten small files took.
 *
 * V8 takes such a cache from itself alone, under the same flags, but looks at little: versions of Node with one and the same
 * V8 differ in what they have built in, and of the source it compares the length. So the cache is one version's, one system's and one
 * processor's, and has a copy of its source in front. Anybody else compiles.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/**
 * @param path of a CommonJS module, in ASCII
 * @param require one that finds what the module asks for
 * @returns what it exports
 */
export function loadCached(path: string, require: NodeJS.Require): unknown {
  const source = readFileSync(path);
  const cache = readCache(path, source);
  return cache === undefined ? require(path) : evaluate(compile(path, source, cache), path, require);
}

export function compile(path: string, source: Buffer, cachedData?: Buffer): Script {
  // Latin-1 is what V8 keeps ASCII in.
  const wrapped = `(function (exports, require, module, __filename, __dirname) { ${source.toString('latin1')}\n})`;
  return new Script(wrapped, { filename: path, ...(cachedData === undefined ? {} : { cachedData }) });
}

/** As Node does it. @returns what the module exports */
export function evaluate(script: Script, path: string, require: NodeJS.Require): unknown {
  const module = { exports: {} };
  script.runInThisContext().call(module.exports, module.exports, require, module, path, dirname(path));
  return module.exports;
}

export function cachePath(path: string): string {
  return `${path}.${process.version}-${process.platform}-${process.arch}`;
}

/** The cache of a script that was compiled from that source, as readCache() expects it. */
export function encodeCache(script: Script, source: Buffer): Buffer {
  return Buffer.concat([source, script.createCachedData()]);
}

/** @returns undefined where there is none, or one of another source */
export function readCache(path: string, source: Buffer): Buffer | undefined {
  try {
    const cache = readFileSync(cachePath(path));
    return cache.subarray(0, source.length).equals(source) ? cache.subarray(source.length) : undefined;
  } catch {
    return undefined;
  }
}
