/** Finishes an archive: writes central directory and end records, and reads it back if requested. */
import type { ArchiveWriter } from '../output/archive-writer.js';
import { readBackTask } from '../reader/thread-tasks.js';
import type { Executor } from '../threads/executor.js';
import type { RunReports } from './run-reports.js';
import type { RunTrace } from './run-trace.js';
import type { SizeLimits } from './size-limits.js';

export interface FinishOptions {
  readonly comment: (entryCount: number) => string;
  readonly verify: boolean;
  readonly executor: Executor;
  readonly trace: RunTrace | undefined;
  /** Most worker threads. */
  readonly threads: number;
  /** Throws if the archive has failed. */
  readonly checkpoint: () => void;
  /** Called with the number of bytes read back since the last call. */
  readonly onVerified: (bytes: number) => void;
  /** Called with each block of the central directory. */
  readonly onDirectory: ((headers: Uint8Array) => void) | undefined;
  readonly limits: SizeLimits | undefined;
  readonly reports: RunReports | undefined;
}

/**
 * @returns the length of the archive, in bytes
 * @throws PzipError PZIP_VERIFY_FAILED, or what the sink throws
 */
export async function finishArchive(writer: ArchiveWriter, options: FinishOptions): Promise<number> {
  options.reports?.json?.startPhase('finishing');
  const bytesWritten = await finishAndCheck(writer, options);
  await options.reports?.putInPlace();
  options.trace?.writing.did('write the end of the archive', { bytesWritten });
  options.trace?.flush();
  return bytesWritten;
}

async function finishAndCheck(writer: ArchiveWriter, options: FinishOptions): Promise<number> {
  const comment = Buffer.from(options.comment(writer.entryCount));
  const { limits, checkpoint, reports } = options;
  let archiveLength = 0;
  const onDirectory = (headers: Uint8Array): Promise<void> | undefined => {
    options.onDirectory?.(headers);
    return reports?.addDirectory(headers);
  };
  const beforeFinish = (): Promise<void> | undefined => reports?.prepare(archiveLength);
  const onLength = (length: number): void => {
    archiveLength = length;
    limits?.checkComplete(length);
    checkpoint();
  };
  if (!options.verify) return writer.finish(comment, { onDirectory, onLength, beforeFinish });
  const { verifyArchive } = await import('../check/verify-archive.js');
  const expected = { entryCount: writer.entryCount, commentLength: comment.length };
  const check = async (path: string): Promise<void> => {
    options.trace?.writing.did('write the central directory');
    options.reports?.json?.startPhase('verifying');
    await verifyArchive(path, expected, {
      run: (task) => options.executor.run(readBackTask(task), false),
      concurrency: 2 * Math.max(options.threads, 1),
      checkpoint,
      onVerified: options.onVerified,
    });
    options.trace?.writing.did('read back');
    options.reports?.json?.startPhase('finishing');
  };
  return writer.finish(comment, { check, onDirectory, onLength, beforeFinish });
}
