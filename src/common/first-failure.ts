/** Where several loops can fail, the first failure is the one that counts. */
export class FirstFailure {
  #failure: { readonly error: unknown } | undefined;

  get isSet(): boolean {
    return this.#failure !== undefined;
  }

  /** Undefined where nothing has failed; see `isSet`, since an error may be anything. */
  get error(): unknown {
    return this.#failure?.error;
  }

  /** @returns whether it is the first */
  set(error: unknown): boolean {
    const isFirst = this.#failure === undefined;
    this.#failure ??= { error };
    return isFirst;
  }

  /** @throws the first error, if there is one */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
