/** Comparisons as tasks for threads. The code is loaded with the first task. */
import type { TraceDetails } from '../common/trace.js';
import { type TaskFunctions, TaskKind, type ThreadTask } from '../threads/task.js';
import type { CompareTask, CompareVerdict } from './compare-task.js';

const COMPARE = new TaskKind<CompareTask, readonly CompareVerdict[]>('compare', describeCompare);

/** Reading, inflating and comparing take about an eighth of the time that compressing takes. */
const COST_PER_BYTE = 1 / 8;

/** The cost of opening, reading and comparing an entry, about 25 µs. */
const PAIR_COST = 2 * 1024;

/** @param contentLength bytes of all contents */
export function compareTask(message: CompareTask, contentLength: number): ThreadTask<readonly CompareVerdict[]> {
  return COMPARE.task(message, {
    transfer: [message.headers.buffer],
    cost: Math.ceil(contentLength * COST_PER_BYTE) + message.pairs.length * PAIR_COST,
  });
}

export function diffFunctions(): TaskFunctions {
  return new Map([
    COMPARE.implementedBy(async (message) => {
      const { default: compare } = await import('./compare-contents.js');
      return { result: await compare(message), buffers: [] };
    }),
  ]);
}

function describeCompare({ pairs }: CompareTask): TraceDetails {
  return { pairs: pairs.length };
}
