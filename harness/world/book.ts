/**
 * What the World counts per step and per call: requests, completions sold, leaves to crash. The three axes meet here and
 * nowhere else: the script never sees a count, faults and delays see attempts only, wording sees purchases only.
 */

/** Counts of one step. */
export interface StepCounts {
  /** Chat requests that asked for this step. */
  requests: number;
  /** Completions accepted for selling. */
  purchases: number;
  /** What is remembered where the step meets a fault; undefined until then. */
  ailment?: Ailment;
}

/** What the World remembers of a step that meets a fault. */
export interface Ailment {
  /** Repairs seen. */
  cures: number;
  /** When the last request that met it had arrived. */
  lastMs: number;
  /** Turns whose links the first such request carried. */
  readonly links: ReadonlySet<number>;
  /** Purchases whose calls were spoiled. */
  readonly spoiled: Set<number>;
}

/** Counts of one tool call, whatever the purchase. */
export interface CallCounts {
  requests: number;
  /** Leaves to crash that were given. */
  leaves: number;
}

export class Book {
  readonly #steps = new Map<string, StepCounts>();
  readonly #calls = new Map<string, CallCounts>();

  step(session: string, turn: number, step: number): StepCounts {
    const key = `${session} ${turn} ${step}`;
    let counts = this.#steps.get(key);
    if (counts === undefined) {
      counts = { requests: 0, purchases: 0 };
      this.#steps.set(key, counts);
    }
    return counts;
  }

  call(session: string, turn: number, step: number, call: number): CallCounts {
    const key = `${session} ${turn} ${step} ${call}`;
    let counts = this.#calls.get(key);
    if (counts === undefined) {
      counts = { requests: 0, leaves: 0 };
      this.#calls.set(key, counts);
    }
    return counts;
  }
}
