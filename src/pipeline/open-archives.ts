/**
 * The archives that are under way. A process ends when nothing is left to wait for, whatever promises are pending: an entry
 * whose stream never ends, or an output that takes no more, would end a build step with exit code 0 and without an archive.
 * Each such archive gets a call at that moment, so that it can fail.
 */
import { PzipError, quote } from '../common/errors.js';

export interface OpenArchive {
  /** Nothing is left in the process that could bring the archive to its end. */
  failStuck(): void;
}

const archives = new Set<OpenArchive | WeakRef<OpenArchive>>();

/** An archive that nothing reads may be dropped, and is not kept in memory for this list's sake. */
const dropped = new FinalizationRegistry<() => void>((remove) => remove());

/**
 * @param isWeak whether the archive may be collected as garbage meanwhile
 * @returns to be called when the archive has ended
 */
export function registerOpen(archive: OpenArchive, isWeak: boolean): () => void {
  const reference = isWeak ? new WeakRef(archive) : archive;
  if (archives.size === 0) process.on('beforeExit', failAll);
  archives.add(reference);
  const remove = (): void => {
    if (archives.delete(reference) && archives.size === 0) process.off('beforeExit', failAll);
  };
  if (isWeak) dropped.register(archive, remove, reference);
  return () => {
    if (isWeak) dropped.unregister(reference);
    remove();
  };
}

function failAll(): void {
  for (const reference of [...archives]) {
    const archive = reference instanceof WeakRef ? reference.deref() : reference;
    archive?.failStuck();
  }
}

export interface Stuck {
  /** What is being read and has not ended: a stream by its entry's name, or the iterable of addEntries(). */
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
