/** Counts the tasks of an archive that are not finished, so that threads can end as soon as none is left. */
export class PendingTasks {
  #count = 0;
  #isLast = false;
  #resolve: () => void = () => {};

  /** Resolves when no more tasks will come and all are finished, even if their results are not written. */
  readonly finished = new Promise<void>((resolve) => {
    this.#resolve = resolve;
  });

  /** @returns the same promise; its rejection is the caller's to handle */
  until<T>(result: Promise<T>): Promise<T> {
    this.add(1);
    const isDone = (): void => this.done();
    result.then(isDone, isDone);
    return result;
  }

  add(count: number): void {
    this.#count += count;
  }

  done(): void {
    this.#count--;
    this.#resolveIfFinished();
  }

  /** No more will come. */
  end(): void {
    this.#isLast = true;
    this.#resolveIfFinished();
  }

  #resolveIfFinished(): void {
    if (this.#isLast && this.#count === 0) this.#resolve();
  }
}
