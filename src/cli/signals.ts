/**
 * One signal ends the command: the archive is given up, the temporary file removed and one line said; then the process dies
 * of that same signal, as shells expect (bash ends a loop only where the command died of SIGINT). What does not come back by
 * itself (a write to a stalled pipe, a hung network file system) is not waited for, and while this thread is busy or blocked
 * a second one watches (watchdog.ts).
 */
import { constants } from 'node:os';
import { Worker } from 'node:worker_threads';
import { roomLeft, THREAD_ADDRESSES, THREAD_DESCRIPTORS } from '../common/system-limits.js';
import { EXIT_BY_SIGNAL, type StoppingSignal } from './exit-codes.js';
import { errorLine, say } from './terminal.js';

export const SIGNALS: readonly StoppingSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Milliseconds for the archive to be given up in good order, of which it takes 250 at most where the system answers. */
const GRACE = 600;

/** Milliseconds after which a run is long enough for a watchdog, whose start takes 25 of another processor. */
const WATCHED_AFTER = 150;

/** Milliseconds to wait for a watchdog, which takes 40 on an idle machine. */
const LONGEST_START = 1000;

/** Milliseconds for the watchdog, on a busy machine, to give the signal its usual effect back and the process to die. */
const DYING = 3000;

/** The first process of a container, which the kernel spares: it would have to handle a signal to die of it. */
const FIRST_PROCESS = 1;

export class Interrupted extends Error {
  constructor(readonly signal: StoppingSignal) {
    super(`interrupted by ${signal}`);
  }
}

export class SignalWatch {
  readonly #abort = new AbortController();
  readonly #start: NodeJS.Timeout | undefined;
  #notifyReady: () => void = () => {};
  /** Called where the work does not end by itself. */
  onForced: () => void = () => {};
  /** Resolves when the watchdog listens, where that is worth a wait. */
  readonly ready: Promise<void>;
  /** As soon as it is started. */
  #watchdog: Worker | undefined;
  /** Set by the thread that says the line. */
  readonly #said = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #isWatching = false;
  #isClosed = false;
  #grace: NodeJS.Timeout | undefined;

  /** @param isUrgent whether this thread may be busy for long from the beginning */
  constructor(isUrgent: boolean) {
    for (const signal of SIGNALS) process.once(signal, this.#receive);
    if (isUrgent && this.#startWatchdog()) {
      this.ready = new Promise((resolve) => {
        // It keeps the process alive, which the watchdog itself does not.
        const timer = setTimeout(resolve, LONGEST_START);
        this.#notifyReady = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    } else {
      this.ready = Promise.resolve();
      this.#start = setTimeout(() => this.#startWatchdog(), WATCHED_AFTER).unref();
    }
  }

  /** Aborted with an Interrupted as its reason. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The work is over: from now on a signal does what it does to any process. */
  close(): void {
    clearTimeout(this.#start);
    clearTimeout(this.#grace);
    this.#stopListening();
    this.#isClosed = true;
    this.#watchdog?.postMessage('close');
  }

  /** @returns the exit code, where the signal does not end the process */
  async die(signal: StoppingSignal): Promise<number> {
    clearTimeout(this.#grace);
    // Removes temporary files: what ends by a signal does not exit.
    process.emit('exit', EXIT_BY_SIGNAL[signal]);
    if (Atomics.exchange(this.#said, 0, 1) === 0) say(errorLine('interrupted: no archive was written'));
    this.#stopListening();
    if (process.pid === FIRST_PROCESS) return EXIT_BY_SIGNAL[signal];
    if (this.#watchdog !== undefined && this.#isWatching) this.#watchdog.postMessage(signal);
    else process.kill(process.pid, signal);
    await new Promise((resolve) => setTimeout(resolve, DYING));
    return EXIT_BY_SIGNAL[signal];
  }

  readonly #receive = (signal: NodeJS.Signals): void => {
    const known = SIGNALS.find((name) => name === signal);
    if (known === undefined || this.#abort.signal.aborted) return;
    // A second one ends the process at once.
    this.#stopListening();
    this.#grace = setTimeout(() => {
      this.onForced();
      void this.die(known).then((code) => process.exit(code));
    }, GRACE);
    this.#abort.abort(new Interrupted(known));
  };

  #stopListening(): void {
    for (const signal of SIGNALS) process.off(signal, this.#receive);
  }

  /** @returns whether it will listen */
  #startWatchdog(): boolean {
    const { addresses, descriptors } = roomLeft();
    if (addresses < THREAD_ADDRESSES || descriptors < THREAD_DESCRIPTORS) return false;
    let watchdog: Worker;
    try {
      watchdog = new Worker(new URL('./watchdog.js', import.meta.url), {
        // It listens on an event loop of its own, for which Node has no public way.
        execArgv: ['--expose-internals', '--no-warnings'],
        workerData: { signals: SIGNALS.map((name) => ({ name, number: constants.signals[name] })), said: this.#said },
        resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16, stackSizeMb: 1 },
      });
    } catch {
      // No permission for threads, or no more of them: signals are handled here as long as this thread is not busy.
      return false;
    }
    this.#watchdog = watchdog;
    watchdog.unref();
    watchdog.on('error', () => {
      this.#isWatching = false;
      this.#notifyReady();
    });
    watchdog.on('message', (message: 'ready' | StoppingSignal) => {
      if (message !== 'ready') {
        this.#receive(message);
      } else if (!this.#isClosed) {
        this.#isWatching = true;
        // It alone listens from now on, so that it alone can give the signal its usual effect back. A signal that came before
        // it listened still waits for this thread, and would be lost with the last listener: libuv delivers signals at the end
        // of a turn of the event loop. A turn that had begun before may not have seen it, hence the second one.
        setImmediate(() =>
          setImmediate(() => {
            this.#stopListening();
            this.#notifyReady();
          }),
        );
      }
    });
    return true;
  }
}
