/**
 * A trace of what the threads do, for PZIP_TRACE=FILE: JSON in the Trace Event Format of Chrome, which browsers' trace viewers
 * open. Without the variable there is no Trace, and everything that would report to one has a single check for that.
 *
 * The file is valid JSON after each write, because the next one overwrites the closing bracket. So a killed process leaves a
 * readable trace.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { PzipError, quote } from './errors.js';

/** Details that an event shows besides its times. */
export type TraceDetails = Readonly<Record<string, unknown>>;

/** The calling thread's number, as in `node:worker_threads`. */
export const CALLING_THREAD = 0;

/** Bytes of events that are collected for one write. */
const BUFFER_LENGTH = 64 * 1024;

/** Milliseconds after which events are written even if there are few. */
const FLUSH_AFTER = 200;

/** Bytes. Viewers fail on much larger files; a million small files take some 80 MB, 100 GB in chunks 30 MB. */
const MAX_LENGTH = 256 * 1024 * 1024;

const FIRST_EVENT = '[\n{"name":"process_name","ph":"M","args":{"name":"pzip"},"pid":';
const END = '\n]\n';

export class Trace {
  readonly #descriptor: number;
  readonly #maxLength: number;
  readonly #dev: number;
  readonly #ino: number;
  readonly #named = new Set<number>();
  #position = 0;
  #buffer: string;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  /** @throws PzipError PZIP_USAGE where the file cannot be written, or holds something other than a trace */
  constructor(path: string, maxLength = MAX_LENGTH) {
    this.#maxLength = maxLength;
    this.#descriptor = openTraceFile(path);
    ({ dev: this.#dev, ino: this.#ino } = fstatSync(this.#descriptor));
    this.#buffer = `${FIRST_EVENT}${process.pid},"tid":0}`;
    this.nameTrack(CALLING_THREAD, 'calling thread');
    process.once('exit', () => this.flush());
  }

  /** @param track a thread's number, or one that no thread has */
  nameTrack(track: number, name: string): void {
    if (this.#named.has(track)) return;
    this.#named.add(track);
    this.#add({ name: 'thread_name', ph: 'M', tid: track, args: { name: shortened(name) } });
    this.#add({ name: 'thread_sort_index', ph: 'M', tid: track, args: { sort_index: track } });
  }

  /** @param start of the event and of its end: microseconds as microseconds() gives them */
  span(track: number, name: string, category: string, start: number, end: number, details: TraceDetails = {}): void {
    const ts = Math.floor(start);
    this.#add({ name, cat: category, ph: 'X', ts, dur: Math.floor(end) - ts, tid: track, args: details });
  }

  /** Whether the file is the trace, which changes while it is read. */
  isFile({ dev, ino }: { readonly dev: number; readonly ino: number }): boolean {
    return dev === this.#dev && ino === this.#ino;
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#buffer === '' || this.#isEnded) return;
    try {
      const events = Buffer.from(this.#buffer);
      writeAll(this.#descriptor, Buffer.concat([events, Buffer.from(END)]), this.#position);
      this.#position += events.length;
    } catch (cause) {
      this.#end(`it cannot be written (${reasonOf(cause)})`);
    }
    this.#buffer = '';
  }

  #add(event: TraceDetails): void {
    if (this.#isEnded) return;
    this.#buffer += `,\n${JSON.stringify({ ...event, pid: process.pid })}`;
    if (this.#buffer.length >= BUFFER_LENGTH) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER).unref();
    if (this.#position >= this.#maxLength) this.#end(`it has reached ${this.#maxLength} bytes`);
  }

  /** Ends the trace; the archive is still written. */
  #end(reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    process.emitWarning(`The trace of PZIP_TRACE ends early: ${reason}`, { type: 'pzip' });
  }
}

/** Microseconds of a clock shared by all threads of the process. */
export function microseconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + nanoseconds / 1e3;
}

/** Characters of a name in a trace; up to 256 entries are in one event. */
const LONGEST_NAME = 200;

export function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

let active: Trace | undefined;

/** The trace of this process, if it has started. */
export function activeTrace(): Trace | undefined {
  return active;
}

/**
 * Starts the trace that the environment asks for, with the first archive.
 *
 * @throws PzipError PZIP_USAGE, see Trace
 */
export function startTrace(): Trace | undefined {
  const path = process.env.PZIP_TRACE;
  if (active === undefined && path) active = new Trace(path);
  return active;
}

/**
 * Opens a new file, an empty one or an earlier trace: an environment variable must not overwrite any other file. Links are not
 * followed, and opening a named pipe does not block.
 */
function openTraceFile(path: string): number {
  const { O_RDWR, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants;
  let descriptor: number | undefined;
  try {
    // The trace contains file names, so only its owner can read it.
    descriptor = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error('it is not a regular file');
    const head = Buffer.alloc(FIRST_EVENT.length);
    const length = readSync(descriptor, head, 0, head.length, 0);
    if (length > 0 && head.toString('latin1') !== FIRST_EVENT) {
      throw new Error('it exists and is not a trace; name another file, or remove it');
    }
    ftruncateSync(descriptor);
    return descriptor;
  } catch (cause) {
    if (descriptor !== undefined) closeSync(descriptor);
    const message = `PZIP_TRACE: ${quote(path)} cannot be written: ${reasonOf(cause)}`;
    throw new PzipError('PZIP_USAGE', message, { path, cause });
  }
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause ? String(cause.code) : '';
  if (code === 'ELOOP') return 'it is a symbolic link';
  return code === '' ? cause.message : code;
}
