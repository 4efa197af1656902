/** PZIP_DEBUG=1: prints the stack and the causes of an error after its line, for developers of pzip. */
import { printable } from '../common/text.js';
import { say } from './terminal.js';

/** Frames of each stack, and errors underneath one another. */
const MAX_FRAMES = 50;
const MAX_CAUSES = 16;

/** Fields that errors of pzip and of the system have besides their message. */
const FIELDS = ['code', 'path', 'entryName', 'syscall', 'errno'];

export function isDebugging(): boolean {
  const value = process.env.PZIP_DEBUG;
  return value !== undefined && value !== '' && value !== '0';
}

/** Says nothing unless PZIP_DEBUG is set. */
export function printDetails(error: unknown): void {
  if (!isDebugging()) return;
  for (const line of detailsOf(error)) say(line);
}

/** Each line starts with a word of its own, so that no name in it can act on what reads the log. */
export function* detailsOf(error: unknown): Generator<string, void, undefined> {
  const seen = new Set<unknown>();
  const pending: { readonly what: string; readonly error: unknown }[] = [{ what: 'error', error }];
  for (let next = pending.pop(); next !== undefined && seen.size < MAX_CAUSES; next = pending.pop()) {
    if (seen.has(next.error)) continue;
    seen.add(next.error);
    yield* describe(next.what, next.error);
    if (!(next.error instanceof Error)) continue;
    const { errors } = next.error as { errors?: unknown };
    if (Array.isArray(errors))
      for (const each of errors.slice(0, MAX_CAUSES)) pending.push({ what: 'one of', error: each });
    if (next.error.cause !== undefined) pending.push({ what: 'caused by', error: next.error.cause });
  }
}

function* describe(what: string, error: unknown): Generator<string, void, undefined> {
  if (!(error instanceof Error)) {
    const text = typeof error === 'object' ? Object.prototype.toString.call(error) : String(error);
    yield `  ${what}: ${printable(text)}`;
    return;
  }
  yield `  ${what}: ${printable(`${error.name}: ${error.message}`)}`;
  for (const field of FIELDS) {
    const value: unknown = Reflect.get(error, field);
    if (typeof value === 'string' || typeof value === 'number') yield `    ${field}: ${printable(String(value))}`;
  }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  for (const frame of frames.slice(0, MAX_FRAMES)) yield `    ${printable(frame.trim())}`;
}
