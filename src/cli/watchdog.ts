/**
 * The thread that listens for signals on an event loop of its own, so that they are heard while the main thread is busy or
 * blocked. It passes them on; where the process is still there after a while, or a second signal comes, it removes the
 * temporary file and lets the signal end the process.
 */
import { fstatSync, lstatSync, readdirSync, readlinkSync, unlinkSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { isTemporaryName } from '../common/temporary-files.js';

/** Milliseconds that the main thread has for an orderly end: more than it takes where it is not blocked (signals.ts). */
const GRACE = 1200;

/** Milliseconds after which the process, which has not died of its signal, is killed: the main thread listens as well. */
const DYING = 500;

interface SignalHandle {
  onsignal: (number: number) => void;
  start(number: number): number;
  stop(): void;
}

interface Internals {
  internalBinding(name: 'signal_wrap'): { readonly Signal: new () => SignalHandle };
}

interface KnownSignal {
  readonly name: NodeJS.Signals;
  readonly number: number;
}

const { signals, said }: { signals: readonly KnownSignal[]; said: Int32Array<SharedArrayBuffer> } = workerData;
const internals: Internals = createRequire(import.meta.url)('internal/test/binding');
const { Signal } = internals.internalBinding('signal_wrap');

let received = 0;
const handles = signals.map(({ name, number }) => {
  const handle = new Signal();
  handle.onsignal = () => receive(name);
  handle.start(number);
  return handle;
});

parentPort?.on('message', (message: 'close' | NodeJS.Signals) => {
  if (message === 'close') {
    stopListening();
    parentPort?.close();
  } else {
    raise(message);
  }
});
parentPort?.postMessage('ready');

function receive(signal: NodeJS.Signals): void {
  received++;
  if (received > 1) {
    end(signal);
  } else {
    parentPort?.postMessage(signal);
    setTimeout(end, GRACE, signal);
  }
}

/** Says nothing of the archive in the second case: it is not known here how far the main thread has come. */
function end(signal: NodeJS.Signals): void {
  removeTemporaries();
  try {
    if (received === 1 && Atomics.exchange(said, 0, 1) === 0)
      writeSync(2, 'pzip: interrupted: no archive was written\n');
  } catch {
    // Nobody reads it.
  }
  raise(signal);
}

function raise(signal: NodeJS.Signals): void {
  stopListening();
  process.kill(process.pid, signal);
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), DYING);
}

/** With the last one that listens, the signal has its usual effect again. */
function stopListening(): void {
  for (const handle of handles) handle.stop();
}

/** Those that this process has open. Only Linux lists them; elsewhere the next run to the same archive removes them. */
function removeTemporaries(): void {
  try {
    for (const descriptor of readdirSync('/proc/self/fd')) removeIfTemporary(descriptor);
  } catch {
    // There is no such folder.
  }
}

function removeIfTemporary(descriptor: string): void {
  try {
    const path = readlinkSync(`/proc/self/fd/${descriptor}`);
    if (!isTemporaryName(basename(path))) return;
    const open = fstatSync(Number(descriptor), { bigint: true });
    const named = lstatSync(path, { bigint: true });
    if (open.dev === named.dev && open.ino === named.ino) unlinkSync(path);
  } catch {
    // Closed or gone meanwhile.
  }
}
