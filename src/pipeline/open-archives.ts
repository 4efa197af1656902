/**
 * The archives in progress. A process exits when its event loop runs dry, even if promises are pending. An entry whose stream
 * never ends, or an output that stalls, would end a build step with exit code 0 and without an archive. So every unfinished
 * archive is notified at that moment and can fail.
 */
import { PzipError, quote } from '../common/errors.js';

export interface OpenArchive {
  /** Called when nothing in the process can complete the archive any more. */
  failStuck(): void;
}

const archives = new Set<OpenArchive | WeakRef<OpenArchive>>();

/** Weak for archives that nothing reads yet, so that this list does not keep them in memory. */
const dropped = new FinalizationRegistry<() => void>((remove) => remove());

export interface Registration {
  /** The archive may be collected as garbage until it is held. */
  readonly isWeak: boolean;
  /** Something waits for the archive's end, so it must not be collected although nothing refers to it. */
  hold(): void;
  /** The archive has ended. */
  end(): void;
}

/** @param isWeak see Registration */
export function registerOpen(archive: OpenArchive, isWeak: boolean): Registration {
  let reference = isWeak ? new WeakRef(archive) : archive;
  let isEnded = false;
  if (archives.size === 0) process.on('beforeExit', failAll);
  archives.add(reference);
  const remove = (): void => {
    if (archives.delete(reference) && archives.size === 0) process.off('beforeExit', failAll);
  };
  if (isWeak) dropped.register(archive, remove, reference);
  return {
    isWeak,
    hold: () => {
      if (isEnded || !(reference instanceof WeakRef)) return;
      const held = reference.deref();
      if (held === undefined) return;
      dropped.unregister(reference);
      archives.delete(reference);
      reference = held;
      archives.add(held);
    },
    end: () => {
      isEnded = true;
      if (reference instanceof WeakRef) dropped.unregister(reference);
      remove();
    },
  };
}

/**
 * Notices that something waits for it: `await`, then() and Promise.all() look up the constructor of a promise (ECMA-262,
 * 27.2.4.7.1 and 27.2.5.4). What then() derives are plain promises.
 */
class WatchedPromise<T> extends Promise<T> {
  onWait: (() => void) | undefined;
}

Object.defineProperty(WatchedPromise.prototype, 'constructor', {
  get(this: WatchedPromise<unknown>) {
    this.onWait?.();
    return Promise;
  },
});

/**
 * The promise that close() returns. A program that ignores it gets an unhandled rejection if the archive fails, unless the
 * archive is read as a stream: its reader gets the error then.
 */
export function closingPromise<T>(running: Promise<T>, registration: Registration | undefined): Promise<T> {
  if (registration?.isWeak !== true) return running.then((result) => result);
  const watched = new WatchedPromise<T>((resolve, reject) => {
    running.then(resolve, reject);
  });
  watched.catch(() => {});
  watched.onWait = () => registration.hold();
  return watched;
}

function failAll(): void {
  for (const reference of [...archives]) {
    const archive = reference instanceof WeakRef ? reference.deref() : reference;
    archive?.failStuck();
  }
}

export interface Stuck {
  /** Unfinished streams by their entries' names, or the iterable of addEntries(). */
  readonly producer: { readonly entryName?: string } | undefined;
  /** Whether close() was called. */
  readonly isAwaited: boolean;
  readonly isToBeRead: boolean;
}

export function whyStuck({ producer, isAwaited, isToBeRead }: Stuck): PzipError {
  if (producer !== undefined) {
    const { entryName } = producer;
    const what = entryName === undefined ? 'The iterable of addEntries()' : `The stream of ${quote(entryName)}`;
    const message = `${what} has neither ended nor failed, and the program has nothing left to do`;
    return new PzipError('PZIP_SOURCE_UNREADABLE', message, { entryName });
  }
  if (!isAwaited) {
    return new PzipError(
      'PZIP_CLOSED',
      'close() was never called, and the program has nothing left to do: no archive is made',
    );
  }
  const what = isToBeRead ? 'Nothing reads the archive' : 'The output stream has neither taken the archive nor failed';
  return new PzipError('PZIP_OUTPUT_FAILED', `${what}, and the program has nothing left to do`);
}
