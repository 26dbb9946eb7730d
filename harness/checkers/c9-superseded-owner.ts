/**
 * C9: nothing of a superseded owner is kept. Who was superseded is defined in `owners.ts`; kill -9 supersedes nobody. What the
 * superseded owner bought after that may be neither in the final read, as the answer of its turn, nor under the next step of
 * anybody else. With `fenced-effects` no effect of it is applied with a fence that is missing or as high as its successor's; an
 * effect that comes before the successor's fence could be known stops nobody. All other late acts are counted and said, not judged:
 * no runtime can call back what it has sent.
 */
import type { Promises } from "../runner.ts";
import type { Checker, CheckInput } from "./checker.ts";
import { finalRead, shownBy } from "./final-read.ts";
import { count, Findings } from "./findings.ts";
import type { HistoryIndex, Purchase, WorldSeen } from "./history-index.ts";
import { type Act, lateActs, type Supersession, supersessionsOf } from "./owners.ts";

interface Judging {
  readonly index: HistoryIndex;
  readonly promises: Promises;
  /** Whether completions bought again can be told apart. */
  readonly differs: boolean;
  readonly late: ReadonlySet<number>;
  readonly findings: Findings;
}

/** The completion that a request bought. */
const boughtBy = ({ turn, at }: Act): Purchase | undefined => turn.purchases.find(({ ask }) => ask.at === at);

/** The late act's effect as the ledger saw it. */
const effectOf = ({ turn, at, fence }: Act): WorldSeen<"effect"> | undefined => {
  const asked = turn.tools.find((request) => request.asked.at === at)?.asked.event;
  return turn.effects.find(
    ({ at: done, event }) =>
      done > at && event.k === asked?.k && event.c === asked.c && event.p === asked.p && event.fence === fence,
  );
};

function judgeAnswer({ session }: Supersession, act: Act, { index, late, findings }: Judging): void {
  const said = boughtBy(act)?.said;
  const read = finalRead(index, session);
  const shown = read === null ? null : shownBy(read);
  if (said?.event.h === undefined || said.event.end !== "done" || read === null) return;
  const kept = shown?.some(([turn, , output]) => turn === String(act.turn.number) && output === said.event.h);
  const soldElse = act.turn.purchases.some((one) => !late.has(one.ask.at) && one.said?.event.h === said.event.h);
  if (kept !== true || soldElse) return;
  const says = `The final read of ${session.id} shows for turn ${act.turn.number} the answer that start ${act.i} bought at ${act.t} ms, after it had been superseded.`;
  findings.violated({ witness: "driver", index: read.at, session: session.id, turn: act.turn.number, says });
}

function judgeStep({ session }: Supersession, act: Act, { late, differs, findings }: Judging): void {
  const bought = boughtBy(act);
  if (bought === undefined || !differs) return;
  const built = act.turn.asks.find(
    ({ at, event }) => at > act.at && !late.has(at) && event.k === act.step + 1 && event.of === bought.number,
  );
  if (built === undefined) return;
  const says = `Start ${built.event.i} went on with turn ${act.turn.number} of ${session.id} from what start ${act.i} bought at ${act.t} ms, after it had been superseded.`;
  findings.violated({ witness: "world", index: built.at, session: session.id, turn: act.turn.number, says });
}

/** Returns whether a late request to a tool had an effect. */
function judgeEffect({ session, taken }: Supersession, act: Act, { promises, late, findings }: Judging): boolean {
  const effect = effectOf(act);
  if (effect?.event.result !== "applied") return false;
  const fences = session.turns.flatMap(({ tools }) =>
    tools.flatMap(({ asked: { at, event } }) =>
      at >= taken.at && at < effect.at && !late.has(at) ? (event.fence ?? []) : [],
    ),
  );
  const passed = act.fence === undefined || (fences.length > 0 && act.fence >= Math.max(...fences));
  if (promises["fenced-effects"] !== true || !passed) return true;
  const how = act.fence === undefined ? "no fence" : `fence ${act.fence}, as high as its successor's`;
  const says = `An effect of step ${act.step} of turn ${act.turn.number} of ${session.id} was applied for start ${act.i}, which had been superseded, with ${how}.`;
  findings.violated({ witness: "world", index: effect.at, session: session.id, turn: act.turn.number, says });
  return true;
}

export const nothingOfSuperseded: Checker = {
  id: "C9",
  claim: "Nothing of a superseded owner is kept.",
  check({ history, index, promises }: CheckInput) {
    const findings = new Findings();
    const late = lateActs(index);
    const differs = history.plan.definition.rebuy !== "same";
    const judging = { index, promises, late, findings, differs };
    const zombies = { calls: 0, effects: 0 };
    for (const supersession of supersessionsOf(index)) {
      findings.exposures += 1;
      for (const act of supersession.late) {
        if (act.what === "tool") zombies.effects += judgeEffect(supersession, act, judging) ? 1 : 0;
        else {
          zombies.calls += 1;
          judgeAnswer(supersession, act, judging);
          judgeStep(supersession, act, judging);
        }
      }
    }
    const counts = `late acts of superseded owners: ${count(zombies.calls, "model call")}, ${count(zombies.effects, "applied effect")}`;
    return findings.conclude({
      kept: `Of ${count(findings.exposures, "session")} that changed hands nothing of the owner before is kept (${counts}).`,
      broken: `In ${count(findings.exposures, "session")} that changed hands ${count(findings.violations, "thing")} of the owner before ${findings.violations === 1 ? "was" : "were"} kept (${counts}).`,
      nothing: "No session is known to have changed hands while its owner stood still.",
    });
  },
};
