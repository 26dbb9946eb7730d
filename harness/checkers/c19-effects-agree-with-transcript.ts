/**
 * C19: the effect that the world outside has is the one that the conversation tells of. Each acknowledged answer is followed
 * back, request by request, to the completions that it stands on; an effect must come from one of these, not from a
 * completion that was bought before and then forgotten.
 */
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import type { Purchase, TurnRecord } from "./history-index.ts";
import { appliedByCall } from "./logical-calls.ts";

/** The purchase of each earlier step in the transcript of the acknowledged answer; null where the requests do not say. */
function transcriptOf(turn: TurnRecord): Map<number, number> | null {
  const answer = turn.acknowledged?.event.h;
  let current: Purchase | undefined = turn.purchases.findLast(
    ({ said }) => said?.event.end === "done" && said.event.h === answer,
  );
  if (answer === undefined || current === undefined) return null;
  const purchases = new Map<number, number>();
  for (let step = current.step; step > 1; step--) {
    const built: number | undefined = current.ask.event.of;
    current = turn.purchases.findLast((one) => one.step === step - 1 && one.number === built);
    if (built === undefined || current === undefined) return null;
    purchases.set(step - 1, built);
  }
  return purchases;
}

function judge(turn: TurnRecord, findings: Findings): void {
  if (turn.acknowledged === null || turn.effects.length === 0) return;
  const applied = appliedByCall(turn);
  if (applied.length === 0) return;
  const transcript = transcriptOf(turn);
  if (transcript === null) {
    findings.undecided("a turn with effects whose requests do not say on which completion they stand");
    return;
  }
  for (const effects of applied) {
    const [first] = effects;
    const told = first === undefined ? undefined : transcript.get(first.event.k);
    if (first === undefined || told === undefined) continue;
    findings.exposures += 1;
    if (effects.some(({ event }) => event.p === told)) continue;
    const purchases = effects.map(({ event }) => event.p).join(", ");
    const says = `Step ${first.event.k} of turn ${turn.number} of ${turn.session}: applied was purchase ${purchases}, the transcript tells of purchase ${told}.`;
    findings.violated({ witness: "world", index: first.at, session: turn.session, turn: turn.number, says });
  }
}

export const effectsAgreeWithTranscript: Checker = {
  id: "C19",
  claim: "The effect that was applied is the one in the transcript.",
  check({ index }: CheckInput) {
    const findings = new Findings();
    for (const session of index.sessions) for (const turn of session.turns) judge(turn, findings);
    return findings.conclude({
      kept: `All ${count(findings.exposures, "effect")} of acknowledged turns are those of the transcript.`,
      broken: `${findings.violations} of ${count(findings.exposures, "effect")} are not those of the transcript.`,
      nothing: "No acknowledged turn had an effect.",
    });
  },
};
