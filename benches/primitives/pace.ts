/** Does one thing again and again at random instants (a Poisson process), whatever becomes of those before. */
import { monotonicMs } from "../../harness/clock.ts";
import type { Random } from "../../harness/random.ts";
import type { Work } from "./works.ts";

export class Pace {
  readonly #random: Random;
  readonly #over: (tookMs: number) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param over called when one is over, with how long it took, in milliseconds */
  constructor(random: Random, over: (tookMs: number) => void) {
    this.#random = random;
    this.#over = over;
  }

  /** From now on this, so often per second; 0 for never. */
  set(perSecond: number, work: Work): void {
    clearTimeout(this.#timer);
    if (perSecond === 0) return;
    let dueMs = monotonicMs();
    const plan = (): void => {
      dueMs += (-Math.log(1 - this.#random()) * 1000) / perSecond;
      this.#timer = setTimeout(
        () => {
          this.#begin(work);
          plan();
        },
        Math.max(0, dueMs - monotonicMs()),
      );
    };
    plan();
  }

  #begin(work: Work): void {
    const fromMs = monotonicMs();
    void work().then(() => this.#over(monotonicMs() - fromMs));
  }
}
