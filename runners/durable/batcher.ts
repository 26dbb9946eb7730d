/**
 * Group commit: what is asked for while the database is busy goes to it together, as one statement.
 *
 * Promises that each item is run once, in the order of arrival within a lane, and that a failed batch fails each of its
 * items. Leaves what a batch means to the function it is given. There is no waiting time: alone, an item leaves at once.
 */

/** How many batches run at the same time, and how many items one may hold. */
export interface BatcherLimits {
  readonly lanes: number;
  readonly mostItems: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export class Batcher<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #limits: BatcherLimits;
  readonly #waiting: Waiting<Item, Result>[] = [];
  #busyLanes = 0;

  /** @param run does a batch and answers with one result per item, in the order of the items. */
  constructor(run: (items: readonly Item[]) => Promise<readonly Result[]>, limits: BatcherLimits) {
    this.#run = run;
    this.#limits = limits;
  }

  /** Adds an item to the next batch. Rejects if its batch fails. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#busyLanes < this.#limits.lanes) {
        this.#busyLanes += 1;
        // Whatever else this turn of the event loop asks for goes along.
        setImmediate(() => void this.#drain());
      }
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#limits.mostItems);
      try {
        const results = await this.#run(batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#busyLanes -= 1;
  }
}
