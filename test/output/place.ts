/** What the tests of an archive's place need: other users' files, mounts, and archives made there. */
import { spawnSync } from 'node:child_process';
import { chmodSync, lchownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type ArchiveOptions, type PzipWarning, ZipArchive } from '../../dist/index.js';
import { inTemporaryDirectory } from '../helpers/trees.js';

/** The uid of nobody, who is neither root nor who runs the tests. */
export const STRANGER = 65534;

export const IS_ROOT = process.geteuid?.() === 0;

/** @returns whether the test has to be left out */
export function needsRoot(t: TestContext): boolean {
  if (!IS_ROOT) t.skip("needs root, to make another user's files");
  return !IS_ROOT;
}

/** A folder of the test's own that every user reaches, with `sticky/` in it, which is as /tmp is. */
export async function placeWithSharedFolder(t: TestContext): Promise<string> {
  const folder = await inTemporaryDirectory(t);
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'sticky'));
  chmodSync(join(folder, 'sticky'), 0o1777);
  return folder;
}

export function giveToStranger(...paths: readonly string[]): void {
  for (const path of paths) lchownSync(path, STRANGER, STRANGER);
}

/** Makes an archive of one small entry. @returns what was said meanwhile */
export async function archiveTo(path: string, options: ArchiveOptions = {}): Promise<PzipWarning[]> {
  const warnings: PzipWarning[] = [];
  const archive = new ZipArchive(path, { onWarning: (warning) => warnings.push(warning), ...options });
  archive.addBuffer('entry', 'content');
  await archive.close();
  return warnings;
}

export function isArchive(path: string): boolean {
  return readFileSync(path).subarray(0, 2).toString() === 'PK';
}

export function temporariesIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.pzip-tmp'));
}

export interface ShellOutcome {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Runs a script of bash in a mount namespace of its own, with `$NODE` and `$PZIP`. A line `left out: REASON` leaves out the
 * test, and so does a system that gives no namespace.
 */
export function runWithMounts(t: TestContext, cwd: string, script: string, pzip: string): ShellOutcome | undefined {
  const file = join(cwd, 'script.sh');
  writeFileSync(file, script);
  const env = { ...process.env, NODE: process.execPath, PZIP: pzip };
  const { status, stdout, stderr, error } = spawnSync('unshare', ['-m', 'bash', file], { cwd, env, encoding: 'utf8' });
  const output = `${stdout}${stderr}`;
  const reason = error?.message ?? /^left out: (.*)$/m.exec(output)?.[1] ?? /^unshare: .*$/m.exec(output)?.[0];
  if (reason === undefined) return { code: status, output };
  t.skip(reason);
  return undefined;
}
