/**
 * The effect ledger: what remote tools did to the outside world, kept as a service would keep it.
 *
 * It knows only what the runtime chose to send, the Idempotency-Key and the Fence; marks are for the witnesses' eyes. So it
 * de-duplicates what a real service could de-duplicate, and nothing more.
 */

export interface EffectRequest {
  readonly tool: string;
  readonly effect: "keyed" | "plain";
  /** Whose fences count together. */
  readonly session: string;
  readonly key?: string;
  readonly fence?: number;
  /** What the tool answers if this request is the one that is applied. */
  readonly answer: string;
}

export interface EffectResult {
  /** applied: it happened now. repeated: its key was known, nothing happened. refused: a higher fence had been seen. */
  readonly result: "applied" | "repeated" | "refused";
  readonly status: number;
  readonly body: string;
}

export class EffectLedger {
  /** First answers by tool and key. Keys are the runtime's own, so they are not scoped by session. */
  readonly #answers = new Map<string, string>();
  /** Highest fence seen, by session. */
  readonly #fences = new Map<string, number>();

  /** Applies an effect, or says why it is not applied. To be called at the instant at which the tool does its work. */
  apply({ tool, effect, session, key, fence, answer }: EffectRequest): EffectResult {
    if (fence !== undefined) {
      const highest = this.#fences.get(session) ?? fence;
      if (fence < highest) {
        const body = JSON.stringify({ error: `fence ${fence} is older than ${highest}` });
        return { result: "refused", status: 409, body };
      }
      this.#fences.set(session, fence);
    }
    if (effect === "plain" || key === undefined) return { result: "applied", status: 200, body: answer };
    const name = `${tool} ${key}`;
    const first = this.#answers.get(name);
    if (first !== undefined) return { result: "repeated", status: 200, body: first };
    this.#answers.set(name, answer);
    return { result: "applied", status: 200, body: answer };
  }
}
