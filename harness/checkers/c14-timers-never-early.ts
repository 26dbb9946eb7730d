/**
 * C14: timers are never early and fire once. Early is a next act that was read before the timer's start + its length − 2 ms. Where a
 * completion was bought again, a runtime that vows `durable-timers` may count from the first start, any other from the newest.
 * A timer has fired twice if a second next act of the same completion comes from the same process though nothing had failed or
 * interrupted the first. How late timers were is said, not judged.
 */
import { nearestRank } from "../statistics/tail-quantiles.ts";
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import type { WorldSeen } from "./history-index.ts";
import { type Interruptions, interruptionsOf, wasInterrupted } from "./repeats.ts";
import { type Timer, timersOf } from "./timers.ts";

/** Timers of common runtimes round to whole milliseconds, and have been seen to fire up to 0.8 ms early. */
const TOLERANCE_MS = 2;

function isSecondFiring(timer: Timer, place: number, interruptions: Interruptions): boolean {
  const [before, after] = [timer.firings[place - 1], timer.firings[place]];
  if (before === undefined || after === undefined || before.event.i !== after.event.i) return false;
  if (before.event.fault !== undefined || wasInterrupted(interruptions, before.event.t, after.event.t)) return false;
  const said = timer.turn.purchases.find(({ ask }) => ask.at === before.at)?.said;
  return said === null || said === undefined || said.event.end === "done" || said.at > after.at;
}

export const timersNeverEarly: Checker = {
  id: "C14",
  claim: "Timers are never early and fire once.",
  check({ history, index, promises }: CheckInput) {
    const findings = new Findings();
    const interruptions = interruptionsOf(index);
    const lateMs: number[] = [];
    for (const timer of timersOf(history.plan, index)) {
      const { turn, startMs, firstStartMs, sleepMs, firings } = timer;
      const of = { witness: "world", session: turn.session, turn: turn.number } as const;
      const dueMs = (promises["durable-timers"] === true ? firstStartMs : startMs) + sleepMs;
      const early = (ask: WorldSeen<"ask">): boolean => ask.event.t < dueMs - TOLERANCE_MS;
      for (const [place, ask] of firings.entries()) {
        findings.exposures += 1;
        if (place === 0) lateMs.push(Math.max(0, ask.event.t - dueMs));
        const twice = place > 0 && isSecondFiring(timer, place, interruptions);
        if (!early(ask) && !twice) continue;
        const what = twice ? "fired twice" : `fired ${(dueMs - ask.event.t).toFixed(1)} ms early`;
        const says = `The timer of ${sleepMs} ms in turn ${turn.number} of ${turn.session} ${what}.`;
        findings.violated({ ...of, index: ask.at, says });
      }
    }
    lateMs.sort((a, b) => a - b);
    const at = (share: number): string => (lateMs.length === 0 ? "" : `${Math.round(nearestRank(lateMs, share))} ms`);
    const late = lateMs.length === 0 ? "" : ` Half of them were at most ${at(0.5)} late, the latest ${at(1)}.`;
    return findings.conclude({
      kept: `None of ${count(findings.exposures, "timer")} was early or fired twice.${late}`,
      broken: `${findings.violations} of ${count(findings.exposures, "timer")} were early or fired twice.${late}`,
      nothing: "No timer fired.",
    });
  },
};
