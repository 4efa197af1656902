/** Verification as tasks for threads. The code is loaded with the first task, because most archives are not verified. */
import { shortened, type TraceDetails } from '../common/trace.js';
import { type TaskFunctions, TaskKind, type ThreadTask } from '../threads/task.js';
import { parseCentralDirectoryHeader, zip64Values } from '../zip/parse-records.js';
import type { VerifyResult, VerifyTask } from './read-back-task.js';

const READ_BACK = new TaskKind<VerifyTask, VerifyResult>('read back', describeReadBack);

export function readBackTask(message: VerifyTask): ThreadTask<VerifyResult> {
  return READ_BACK.task(message);
}

export function readerFunctions(): TaskFunctions {
  return new Map([
    READ_BACK.implementedBy(async (message) => {
      const { default: verify } = await import('./read-back.js');
      return { result: await verify(message), buffers: [] };
    }),
  ]);
}

/** The task's bytes are compressed ones; each entry's are those of its content. */
function describeReadBack({ directory, start, end }: VerifyTask): TraceDetails {
  const headers = Buffer.from(directory.buffer, directory.byteOffset, directory.length);
  const entries: TraceDetails[] = [];
  for (let at = 0; at < headers.length; ) {
    const header = parseCentralDirectoryHeader(headers, at);
    entries.push({ name: shortened(String(header.fileName)), bytes: zip64Values(header).uncompressedSize });
    at += header.headerSize;
  }
  return { bytes: end - start, start, entries };
}
