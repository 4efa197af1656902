/**
 * Loads a file of the bundled command with what V8 made of it when the package was built. Without that, compiling it and its
 * functions, one by one as they are called, took 14 of the 64 ms that an archive of ten small files took.
 *
 * V8 takes such a cache from itself alone, of the same version and under the same flags. Anybody else compiles.
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
  const cache = readCache(cachePath(path));
  return cache === undefined ? require(path) : evaluate(compile(path, cache), path, require);
}

export function compile(path: string, cachedData?: Buffer): Script {
  // Latin-1 is what V8 keeps ASCII in.
  const source = readFileSync(path, 'latin1');
  const wrapped = `(function (exports, require, module, __filename, __dirname) { ${source}\n})`;
  return new Script(wrapped, { filename: path, ...(cachedData === undefined ? {} : { cachedData }) });
}

/** As Node does it. @returns what the module exports */
export function evaluate(script: Script, path: string, require: NodeJS.Require): unknown {
  const module = { exports: {} };
  script.runInThisContext().call(module.exports, module.exports, require, module, path, dirname(path));
  return module.exports;
}

/** Node patches its V8 now and then, and counts that in the version as well. */
export function cachePath(path: string): string {
  return `${path}.${process.versions.v8}-${process.arch}`;
}

function readCache(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
