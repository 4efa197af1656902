/**
 * Traces a run's work on the calling thread (see PZIP_TRACE): planning and writing, each on its own track of consecutive
 * spans.
 */
import { microseconds, type Trace, type TraceDetails } from '../common/trace.js';

/** Numbers of tracks that no thread has. */
const FIRST_TRACK = 1_000_000;
let runs = 0;

export class RunTrace {
  readonly planning: TraceTrack;
  readonly writing: TraceTrack;
  readonly #trace: Trace;

  /** @param archive its path, or a description */
  constructor(trace: Trace, archive: string) {
    const first = FIRST_TRACK + 2 * runs++;
    this.#trace = trace;
    this.planning = new TraceTrack(trace, first, `planning ${archive}`);
    this.writing = new TraceTrack(trace, first + 1, `writing ${archive}`);
  }

  /** Writes the whole trace to the file when the archive is complete. */
  flush(): void {
    this.#trace.flush();
  }
}

export class TraceTrack {
  readonly #trace: Trace;
  readonly #number: number;
  readonly #category: string;
  #mark = microseconds();

  constructor(trace: Trace, number: number, name: string) {
    this.#trace = trace;
    this.#number = number;
    this.#category = name.slice(0, name.indexOf(' '));
    trace.nameTrack(number, name);
  }

  /** Adds a span from the end of the track's last one until now. */
  did(name: string, details?: TraceDetails): void {
    const end = microseconds();
    this.#trace.span(this.#number, name, this.#category, this.#mark, end, details);
    this.#mark = end;
  }
}
