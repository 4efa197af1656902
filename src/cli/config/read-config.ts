/**
 * The configuration of `pzip build`: `pzip.config.json`, `pzip.config.js` or the key `pzip` of package.json. lilconfig finds and
 * loads it. Only the working directory is searched: another user may own the directories above it.
 */
import { dirname, resolve } from 'node:path';
import { quote } from '../../common/text.js';
import { nearestOf } from '../../common/unknown-option.js';
import { type CommandLine, parseArguments } from '../arguments.js';
import { toBytes, toNumberOfThreads } from '../option-values.js';
import { UsageError } from '../usage-error.js';

import { CONFIG_OPTIONS, type ConfigOption } from './config-options.js';

export interface BuildConfig {
  /** Absolute. Paths in it are relative to its directory. */
  readonly path: string;
  readonly directory: string;
  readonly archives: ReadonlyMap<string, CommandLine>;
  /** Of all archives together. */
  readonly threads: number | undefined;
  /** Bytes, of all archives together. */
  readonly memory: number | undefined;
  readonly engine: 'wasm' | 'zlib' | undefined;
}

const PLACES = ['pzip.config.json', 'pzip.config.js', 'pzip.config.mjs', 'pzip.config.cjs', 'package.json'];

/**
 * @param path of a file; undefined to look in the working directory
 * @throws UsageError
 */
export async function readConfig(path: string | undefined): Promise<BuildConfig> {
  const { lilconfig } = await import('lilconfig');
  const loader = lilconfig('pzip', { searchPlaces: PLACES, stopDir: process.cwd() });
  let found: { config: unknown; filepath: string } | null;
  try {
    found = path === undefined ? await loader.search(process.cwd()) : await loader.load(resolve(path));
  } catch (cause) {
    throw new UsageError(
      `the configuration ${path === undefined ? '' : `${quote(path)} `}cannot be read: ${reason(cause)}`,
    );
  }
  if (found === null) {
    throw new UsageError(`no configuration here: write pzip.config.json, or the key "pzip" of package.json`);
  }
  const directory = dirname(found.filepath);
  return { path: found.filepath, directory, ...parseConfig(found.config) };
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
}

const TOP_LEVEL = ['$schema', 'archives', 'threads', 'memory', 'engine'];

/** @throws UsageError naming the key */
export function parseConfig(config: unknown): Omit<BuildConfig, 'path' | 'directory'> {
  const top = objectOf(config, 'the configuration');
  for (const key of Object.keys(top)) {
    if (!TOP_LEVEL.includes(key))
      throw new UsageError(`unknown key ${quote(key)} in the configuration${near(key, TOP_LEVEL)}`);
  }
  const given = Object.entries(objectOf(top.archives, 'the key "archives"'));
  if (given.length === 0) throw new UsageError('the key "archives" names no archive');
  const archives = new Map(given.map(([name, value]) => [name, commandLineOf(name, value)]));
  const { engine } = top;
  if (engine !== undefined && engine !== 'wasm' && engine !== 'zlib') {
    throw new UsageError("the key \"engine\" must be 'wasm' or 'zlib'");
  }
  return {
    archives,
    threads: top.threads === undefined ? undefined : numberOf('threads', top.threads, toNumberOfThreads),
    memory: top.memory === undefined ? undefined : numberOf('memory', top.memory, toBytes),
    engine,
  };
}

function numberOf(key: string, value: unknown, parse: (text: string) => number): number {
  if (typeof value !== 'number' && typeof value !== 'string') throw new UsageError(`the key "${key}" must be a number`);
  try {
    return parse(String(value));
  } catch (error) {
    throw new UsageError(`the key "${key}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** An archive's keys are the command's options under their long names, besides `archive` and `inputs`. */
function commandLineOf(name: string, value: unknown): CommandLine {
  const where = `the archive ${quote(name)}`;
  const { archive, inputs = [], ...options } = objectOf(value, where);
  if (typeof archive !== 'string' || archive === '' || archive === '-') {
    throw new UsageError(`${where} must have "archive", the path to write`);
  }
  const operands = textsOf(inputs, `"inputs" of ${where}`);
  if (operands.includes('-')) throw new UsageError(`${where} cannot read standard input`);
  const argv = Object.entries(options).flatMap(([key, given]) => argumentsOf(where, key, given));
  try {
    const command = parseArguments([...argv, '--', archive, ...operands]);
    if (typeof command === 'string') throw new UsageError('no archive');
    return command;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${where}: ${error.message}`);
  }
}

function argumentsOf(where: string, key: string, value: unknown): string[] {
  const option = CONFIG_OPTIONS.get(key);
  if (option === undefined) {
    throw new UsageError(
      `unknown key ${quote(key)} of ${where}${near(key, ['archive', 'inputs', ...CONFIG_OPTIONS.keys()])}`,
    );
  }
  if (option.mayBeEmpty && typeof value === 'boolean') return value ? [`--${key}`] : [];
  if (option.takesValue) return valuesOf(where, key, option, value).map((text) => `--${key}=${text}`);
  if (typeof value !== 'boolean') throw new UsageError(`${quote(key)} of ${where} must be true or false`);
  const { hasOn, hasOff } = option;
  if (value) return hasOn ? [`--${key}`] : [];
  return hasOff ? [`--no-${key}`] : [];
}

function valuesOf(where: string, key: string, { repeats }: ConfigOption, value: unknown): string[] {
  if (repeats) return textsOf(value, `${quote(key)} of ${where}`);
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  throw new UsageError(`${quote(key)} of ${where} must be a text or a number`);
}

function textsOf(value: unknown, what: string): string[] {
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  return texts.map((text) => {
    if (typeof text !== 'string') throw new UsageError(`${what} must be a text, or a list of texts`);
    return text;
  });
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${what} must be an object`);
  return { ...value };
}

function near(key: string, known: readonly string[]): string {
  const closest = nearestOf(key, known);
  return closest === undefined ? '' : ` (did you mean ${quote(closest)}?)`;
}
