/** Findings: what a checker collects on its way to a verdict, so that all of them conclude by the same rule. */
import type { Evidence, Verdict } from "./checker.ts";

/** Evidence beyond this many violations is only counted. */
const EVIDENCE_MOST = 20;

/** The sentences of a verdict. */
export interface Conclusions {
  /** Said when nothing was violated, everything could be decided and there was something to decide. */
  readonly kept: string;
  /** Said when something was violated. */
  readonly broken: string;
  /** Said when there was nothing to judge. */
  readonly nothing: string;
}

/** Counts chances, violations and what could not be decided. */
export class Findings {
  exposures = 0;
  violations = 0;
  readonly #evidence: Evidence[] = [];
  readonly #undecided = new Map<string, number>();

  violated(evidence: Evidence): void {
    this.violations += 1;
    if (this.#evidence.length < EVIDENCE_MOST) this.#evidence.push(evidence);
  }

  /** @param why what stays open, in the singular: "a session was not reached". Equal reasons are counted. */
  undecided(why: string): void {
    this.#undecided.set(why, (this.#undecided.get(why) ?? 0) + 1);
  }

  /** A violation is false whatever else is open; anything left open is unknown; no chance to fail is unknown. */
  conclude({ kept, broken, nothing }: Conclusions): Omit<Verdict, "checker" | "claim"> {
    const { exposures, violations } = this;
    const common = { exposures, violations, evidence: this.#evidence };
    if (violations > 0) return { ...common, result: false, reason: broken };
    if (this.#undecided.size > 0) {
      const open = [...this.#undecided].map(([why, times]) => (times === 1 ? why : `${why} (${times} times)`));
      return { ...common, result: "unknown", reason: `Not decided: ${open.join("; ")}.` };
    }
    if (exposures === 0) return { ...common, result: "unknown", reason: nothing };
    return { ...common, result: true, reason: kept };
  }
}

/** "1 turn", "2 turns". */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
