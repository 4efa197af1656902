/**
 * The names of pzip's temporary files, and whether the run that made one is still alive.
 *
 * A name is `.NAME.OWNER.RANDOM.pzip-tmp`: the archive's name, its writer, and twelve random hexadecimal digits. OWNER is
 * omitted if the system does not give enough information, and was in earlier versions. The selection leaves such files out; the
 * archive's writer creates them, and removes those whose owner is dead.
 *
 * OWNER is `THREAD-START-HOST`, on Linux, which alone gives exact answers. THREAD is the thread id, START the thread's start in
 * clock ticks since boot, which detects a reused id, and HOST a hash of the boot, the PID namespace, the time namespace (START
 * is relative to it) and the host name. The number of a namespace is reused only when no process is left in it, so a thread
 * that is missing in this namespace and boot is dead. Nothing is known about other hosts, containers or boots, which may
 * all write to a shared folder. The owner is a thread, not a process, because a program can end a worker thread during an
 * archive and continue.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const SUFFIX = '.pzip-tmp';

const TEMPORARY_NAME = /^\..+\.[0-9a-f]{12}\.pzip-tmp$/su;

const OWNED_NAME = /^\.(.+)\.([0-9a-z]{1,8})-([0-9a-z]{1,12})-([0-9a-z]{1,12})\.[0-9a-f]{12}\.pzip-tmp$/su;

/** Bytes of the longest file name on common file systems. */
const MAX_NAME_LENGTH = 255;

/** The largest thread id that Linux can be configured to use. */
const MAX_THREAD = 2 ** 22;

/** Bytes reserved for the parts after the archive's name, including dots. */
const TAIL_LENGTH = 70;

/** Whether a name is that of a temporary file of pzip, of this or an earlier version. */
export function isTemporaryName(name: string): boolean {
  return name.endsWith(SUFFIX) && TEMPORARY_NAME.test(name);
}

/** A new name beside the archive. It need not be unique, because existing files are never overwritten. */
export function temporaryName(archiveName: string): string {
  const owner = ownOwner();
  const number = Math.floor(Math.random() * 2 ** 48);
  const random = number.toString(16).padStart(12, '0');
  const parts = owner === undefined ? [random] : [`${owner.thread}-${owner.start}-${owner.host}`, random];
  return `.${stemOf(archiveName)}.${parts.join('.')}${SUFFIX}`;
}

/** Whether a file of this name was created for the archive by a run that is certainly dead. */
export function isAbandonedBy(name: string, archiveName: string): boolean {
  return OWNED_NAME.exec(name)?.[1] === stemOf(archiveName) && ownerState(name) === 'dead';
}

/** `unknown` if neither the system nor the name shows it. */
export function ownerState(name: string): 'alive' | 'dead' | 'unknown' {
  const [, , thread = '', start, host] = OWNED_NAME.exec(name) ?? [];
  const own = ownOwner();
  const number = Number.parseInt(thread, 36);
  // kill(2) interprets invalid thread ids differently.
  if (own === undefined || own.host !== host || number < 1 || number > MAX_THREAD) return 'unknown';
  return isAlive(number, start) ? 'alive' : 'dead';
}

/** Truncates a long name to leave room for the rest, and adds a hash to keep it distinct. */
function stemOf(archiveName: string): string {
  if (Buffer.byteLength(archiveName) + TAIL_LENGTH <= MAX_NAME_LENGTH) return archiveName;
  const hash = `~${hashOf(archiveName)}`;
  let stem = '';
  let length = hash.length + TAIL_LENGTH;
  for (const character of archiveName) {
    length += Buffer.byteLength(character);
    if (length > MAX_NAME_LENGTH) break;
    stem += character;
  }
  return stem + hash;
}

interface Owner {
  /** In base 36, as the others. */
  readonly thread: string;
  readonly start: string;
  readonly host: string;
}

let owner: { known: Owner | undefined } | undefined;

function ownOwner(): Owner | undefined {
  owner ??= { known: readOwner() };
  return owner.known;
}

function readOwner(): Owner | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    // `PID/task/TID`
    const thread = readlinkSync('/proc/thread-self').split('/')[2];
    // There are two numbers if /proc shows another PID namespace than this process's own.
    const isOwnProc = /^NSpid:\t\d+$/m.test(readFileSync('/proc/self/status', 'latin1'));
    const start = startOf('thread-self');
    if (thread === undefined || start === undefined || !isOwnProc) return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const host = hashOf([boot, namespace('pid'), namespace('time'), hostname()].join('\n'));
    return { thread: Number(thread).toString(36), start, host };
  } catch {
    return undefined;
  }
}

/** A kernel without time namespaces has no such link; without PID namespaces, the owner is unknown. */
function namespace(kind: 'pid' | 'time'): string {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`);
  } catch (error) {
    if (kind === 'time') return '';
    throw error;
  }
}

/** Whether a thread of this namespace may be alive: false only if it is certainly dead. */
function isAlive(thread: number, start: string | undefined): boolean {
  try {
    // Not only /proc, which may hide processes of other users.
    process.kill(thread, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  const startNow = startOf(String(thread));
  return startNow === undefined || startNow === start;
}

/** The start of a thread; `''`, which is never a start, for a zombie; undefined if it cannot be read. */
function startOf(thread: string): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${thread}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The program's name, in parentheses, can contain anything; the state is the third field, the start the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return '';
  return BigInt(fields[19] ?? '').toString(36);
}

/** 53 bits (cyrb53, which distributes well but is not secure); loading node:crypto takes 3 ms. */
function hashOf(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (2 ** 32 * (low & 0x1fffff) + (high >>> 0)).toString(36);
}
