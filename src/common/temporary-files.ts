/**
 * The names of pzip's temporary files, and whether the run that made one is still alive.
 *
 * A name is `.NAME.OWNER.RANDOM.pzip-tmp`: the archive's name, who writes it, and twelve random hexadecimal digits. OWNER is
 * left out where the system does not tell enough, as in versions before this one. Selection leaves files of such names out;
 * the archive's writer makes them, and removes those whose owner is dead.
 *
 * OWNER is `THREAD-START-HOST`. Linux is the one system that answers exactly: THREAD is the thread id, START the thread's
 * start in clock ticks since boot, which tells a reused id, and HOST a hash of the boot, the PID namespace, the time namespace
 * (START is relative to it) and the host's name. The number of a namespace is given away again only once no process is left
 * in it, so a thread that is not in this namespace of this boot is dead. Of another host, another container or another boot
 * nothing can be said: a shared folder may be written to from all of them. It is the thread, not the process, because a
 * program may end a worker thread in the middle of an archive and live on.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const SUFFIX = '.pzip-tmp';

const TEMPORARY_NAME = /^\..+\.[0-9a-f]{12}\.pzip-tmp$/su;

const OWNED_NAME = /^\.(.+)\.([0-9a-z]{1,8})-([0-9a-z]{1,12})-([0-9a-z]{1,12})\.[0-9a-f]{12}\.pzip-tmp$/su;

/** Bytes of the longest file name that file systems commonly take. */
const MAX_NAME_LENGTH = 255;

/** The largest id of a thread that Linux can be set to give. */
const MAX_THREAD = 2 ** 22;

/** Bytes that are kept for what follows the archive's name, with the dots. */
const TAIL_LENGTH = 70;

/** Whether a file of this name is one of pzip's temporary files, of this version or of one before. */
export function isTemporaryName(name: string): boolean {
  return name.endsWith(SUFFIX) && TEMPORARY_NAME.test(name);
}

/** A new name beside the archive. It need not be unique: what is there already is not overwritten. */
export function temporaryName(archiveName: string): string {
  const owner = ownOwner();
  const number = Math.floor(Math.random() * 2 ** 48);
  const random = number.toString(16).padStart(12, '0');
  const parts = owner === undefined ? [random] : [`${owner.thread}-${owner.start}-${owner.host}`, random];
  return `.${stemOf(archiveName)}.${parts.join('.')}${SUFFIX}`;
}

/** Whether a file of this name was made for the archive and by a run that is certainly dead. */
export function isAbandonedBy(name: string, archiveName: string): boolean {
  return OWNED_NAME.exec(name)?.[1] === stemOf(archiveName) && ownerState(name) === 'dead';
}

/** `unknown` where the system, or the name, does not tell. */
export function ownerState(name: string): 'alive' | 'dead' | 'unknown' {
  const [, , thread = '', start, host] = OWNED_NAME.exec(name) ?? [];
  const own = ownOwner();
  const number = Number.parseInt(thread, 36);
  // kill(2) takes what is no thread's number for something else.
  if (own === undefined || own.host !== host || number < 1 || number > MAX_THREAD) return 'unknown';
  return isAlive(number, start) ? 'alive' : 'dead';
}

/** A long name is cut to leave room for the rest, and then told apart by a hash. */
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
    // Two numbers where /proc shows another PID namespace than the one that this process is in.
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

/** A kernel without time namespaces has no such link; without PID namespaces, no owner is told. */
function namespace(kind: 'pid' | 'time'): string {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`);
  } catch (error) {
    if (kind === 'time') return '';
    throw error;
  }
}

/** Whether a thread of this namespace lives, as far as can be told; only what is certainly dead is not alive. */
function isAlive(thread: number, start: string | undefined): boolean {
  try {
    // Not /proc alone: it may hide the processes of others.
    process.kill(thread, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  const startNow = startOf(String(thread));
  return startNow === undefined || startNow === start;
}

/** When a thread started; `''`, which is no start, for a zombie, and undefined where that cannot be read. */
function startOf(thread: string): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${thread}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The program's name stands in parentheses and may hold anything; the state is the third field, the start the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return '';
  return BigInt(fields[19] ?? '').toString(36);
}

/** 53 bits (cyrb53, which spreads well and is no secret); to load node:crypto for it takes 3 ms. */
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
