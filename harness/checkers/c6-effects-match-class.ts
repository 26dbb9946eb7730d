/**
 * C6: effects are applied as often as the runner vowed. Counted per logical call after the ledger's own de-duplication by key:
 * at-most-once 0 or 1; at-least-once 1 or more if the turn was acknowledged; exactly-once-with-keys exactly 1 if it was, else
 * 0 or 1, of tools that know keys: no vow can cover a tool that does not. A turn that was never accepted has no effect. A call that met
 * a fault of the tool, or a disturbed path, need not have one: its error is an answer, which the contract lets nobody ask for again.
 */
import type { Promises } from "../runner.ts";
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import { maybeAccepted, type TurnRecord } from "./history-index.ts";
import { type LogicalCall, logicalCallsOf } from "./logical-calls.ts";
import { disturbedSpans, overlaps, type Span } from "./path-faults.ts";

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

/** Whether the call may rightly have come to nothing. */
function mayBeMissing(turn: TurnRecord, { step, call }: LogicalCall, disturbed: readonly Span[]): boolean {
  const faulty = turn.tools.some(
    ({ asked: { event } }) => event.k === step && event.c === call && event.fault !== undefined,
  );
  const [fromMs, toMs] = [turn.enabled?.event.t ?? 0, turn.told?.event.t ?? Number.POSITIVE_INFINITY];
  return faulty || turn.acknowledged === null || overlaps(disturbed, fromMs, toMs);
}

interface Vow {
  readonly effects: EffectClass;
  /** When the way to the tools was disturbed. */
  readonly disturbed: readonly Span[];
}

function judge(turn: TurnRecord, call: LogicalCall, { effects, disturbed }: Vow, findings: Findings): void {
  const bounds = BOUNDS[effects][call.kind];
  if (bounds === null) return;
  findings.exposures += 1;
  const accepted = maybeAccepted(turn);
  const least = mayBeMissing(turn, call, disturbed) ? 0 : bounds.least;
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
    const disturbed = disturbedSpans(index, ["tools"]);
    const applied = { once: 0, more: 0 };
    for (const session of index.sessions)
      for (const turn of session.turns)
        for (const call of logicalCallsOf(history.plan, turn)) {
          if (call.applied === 1) applied.once += 1;
          if (call.applied > 1) applied.more += 1;
          // What a child session does belongs to its parent's turn; no client ever offers it.
          if (vowed !== undefined && turn.cohort !== "") judge(turn, call, { effects: vowed, disturbed }, findings);
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
