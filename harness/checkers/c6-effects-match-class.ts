/**
 * C6: effects are applied as often as the runner vowed. Counted per logical call after the ledger's own de-duplication by key:
 * at-most-once 0 or 1; at-least-once 1 or more if the turn was acknowledged; exactly-once-with-keys exactly 1 if it was, else
 * 0 or 1, of tools that know keys: no vow can cover a tool that does not. A turn that was never accepted has no effect.
 */
import type { Promises } from "../runner.ts";
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import type { TurnRecord } from "./history-index.ts";
import { type LogicalCall, logicalCallsOf } from "./logical-calls.ts";

type EffectClass = NonNullable<Promises["effects"]>;

/** Fewest applications for an acknowledged turn and most for any, by class and kind of tool; null: not covered by the vow. */
const BOUNDS: Readonly<
  Record<EffectClass, Readonly<Record<LogicalCall["kind"], { least: number; most: number } | null>>>
> = {
  "at-most-once": { keyed: { least: 0, most: 1 }, plain: { least: 0, most: 1 } },
  "at-least-once": {
    keyed: { least: 1, most: Number.POSITIVE_INFINITY },
    plain: { least: 1, most: Number.POSITIVE_INFINITY },
  },
  "exactly-once-with-keys": { keyed: { least: 1, most: 1 }, plain: null },
};

function judge(turn: TurnRecord, call: LogicalCall, vowed: EffectClass, findings: Findings): void {
  const bounds = BOUNDS[vowed][call.kind];
  if (bounds === null) return;
  findings.exposures += 1;
  const accepted = turn.outcome !== "fail" && turn.outcome !== "unasked";
  const least = turn.acknowledged === null ? 0 : bounds.least;
  const most = accepted ? bounds.most : 0;
  if (call.applied >= least && call.applied <= most) return;
  const where = `The ${call.kind} effect of step ${call.step}, call ${call.call}, turn ${turn.number} of ${turn.session}`;
  const why = accepted ? "" : ", though the turn was never accepted";
  findings.violated({
    ...(call.at === null
      ? { witness: "driver", index: turn.acknowledged?.at ?? 0 }
      : { witness: "world", index: call.at }),
    session: turn.session,
    turn: turn.number,
    says: `${where} was applied ${count(call.applied, "time")}${why}.`,
  });
}

export const effectsMatchClass: Checker = {
  id: "C6",
  claim: "Effects are applied as often as was vowed.",
  check({ history, index, promises }: CheckInput) {
    const findings = new Findings();
    const vowed = promises.effects;
    const applied = { once: 0, more: 0 };
    for (const session of index.sessions)
      for (const turn of session.turns)
        for (const call of logicalCallsOf(history.plan, turn)) {
          if (call.applied === 1) applied.once += 1;
          if (call.applied > 1) applied.more += 1;
          if (vowed !== undefined) judge(turn, call, vowed, findings);
        }
    const counts = `${applied.once} applied once, ${applied.more} more than once`;
    if (vowed === undefined)
      return { result: "unknown", reason: `Nothing was vowed (${counts}).`, exposures: 0, violations: 0, evidence: [] };
    return findings.conclude({
      kept: `All ${count(findings.exposures, "effect")} were applied ${vowed} (${counts}).`,
      broken: `${findings.violations} of ${count(findings.exposures, "effect")} were not applied ${vowed} (${counts}).`,
      nothing: "No effect was asked for.",
    });
  },
};
