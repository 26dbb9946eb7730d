/**
 * C15: what the client got is what the World said: an output equals a final answer that was written to its end for this very
 * turn, and local tools return what their arguments demand. A turn cut off before any final answer is
 * the matter of C2.
 */
import { answersOf, isOutput, soldAnswers } from "./answers.ts";
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import type { SessionRecord } from "./history-index.ts";

function judgeOutputs(session: SessionRecord, findings: Findings): void {
  for (const [number, answers] of answersOf(session)) {
    const turn = session.turn.get(number);
    // An answer of a turn that was never accepted is a phantom, the matter of C2 as well.
    if (turn === undefined || turn.outcome === "fail" || turn.outcome === "unasked") continue;
    const sold = soldAnswers(turn);
    const bought = turn.purchases.some(({ first }) => first !== null);
    if (bought && sold.length === 0) continue;
    for (const answer of answers.filter(isOutput)) {
      findings.exposures += 1;
      if (sold.includes(answer.output)) continue;
      const says = bought
        ? `Turn ${number} of ${session.id} was answered with ${answer.output}, but sold was ${sold.join(" or ")}.`
        : `Turn ${number} of ${session.id} was answered without asking the model.`;
      findings.violated({ witness: "driver", index: answer.at, session: session.id, turn: number, says });
    }
  }
}

function judgeLocals(session: SessionRecord, findings: Findings): void {
  for (const turn of session.turns)
    for (const { at, event } of turn.locals) {
      findings.exposures += 1;
      if (event.ok) continue;
      const says = `${event.tool} in turn ${turn.number} of ${session.id} returned a wrong result.`;
      findings.violated({ witness: "world", index: at, session: session.id, turn: turn.number, says });
    }
}

export const answersMatchSold: Checker = {
  id: "C15",
  claim: "Answers are what the model said, and local tools return what they must.",
  check({ index }: CheckInput) {
    const findings = new Findings();
    for (const session of index.sessions) {
      judgeOutputs(session, findings);
      judgeLocals(session, findings);
    }
    return findings.conclude({
      kept: `All ${count(findings.exposures, "output")} and results are right.`,
      broken: `${findings.violations} of ${count(findings.exposures, "output")} and results are wrong.`,
      nothing: "Nothing was answered.",
    });
  },
};
