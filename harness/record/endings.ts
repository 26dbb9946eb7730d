/** Endings: what undoes a trial, last first, every one of them whatever becomes of the others. */

/** Ends or removes one thing that a trial has started or made. */
export type Ending = () => Promise<void>;

export class Endings {
  readonly #endings: Ending[] = [];

  push(ending: Ending): void {
    this.#endings.push(ending);
  }

  /** Runs all, once. @throws the first error, after the others have run */
  async run(): Promise<void> {
    const errors: unknown[] = [];
    for (const ending of this.#endings.splice(0).toReversed()) await ending().catch((error) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }
}
