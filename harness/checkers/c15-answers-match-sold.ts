/**
 * C15: what the client got is what the World said: an output equals a final answer that was written to its end for this very
 * turn, a stream showed the text that its result then gives, and local tools return what their arguments demand. A turn cut off
 * before any final answer is the matter of C2.
 */
import { answersOf, isOutput, soldAnswers } from "./answers.ts";
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import { maybeAccepted, type SessionRecord } from "./history-index.ts";

function judgeOutputs(session: SessionRecord, findings: Findings): void {
  for (const [number, answers] of answersOf(session)) {
    const turn = session.turn.get(number);
    // An answer of a turn that was never accepted is a phantom, the matter of C2 as well.
    if (turn === undefined || !maybeAccepted(turn)) continue;
    const sold = soldAnswers(turn);
    const bought = turn.purchases.some(({ first }) => first !== null);
    if (bought && sold.length === 0) continue;
    for (const answer of answers) {
      if (!isOutput(answer)) continue;
      findings.exposures += 1;
      if (sold.includes(answer.output)) continue;
      const says = bought
        ? `Turn ${number} of ${session.id} was answered with ${answer.output}, but sold was ${sold.join(" or ")}.`
        : `Turn ${number} of ${session.id} was answered without asking the model.`;
      findings.violated({ witness: "driver", index: answer.at, session: session.id, turn: number, says });
    }
  }
}

/** The text of a stream is its output. Who asked for a turn before may have joined it late, and then have seen its end alone, or none. */
function judgeStreams(session: SessionRecord, findings: Findings): void {
  for (const turn of session.turns)
    for (const attempt of turn.attempts) {
      const { ended } = attempt;
      if (ended?.event.e !== "ok" || ended.event.stream === undefined) continue;
      const { text } = ended.event.stream;
      findings.exposures += 1;
      const mayJoin = attempt !== turn.attempts[0] || turn.others.length > 0;
      if (text === "whole" || text === "none" || (text === "end" && mayJoin)) continue;
      const shown = text === "end" ? "only the end of" : "another text than";
      const says = `The stream of turn ${turn.number} of ${session.id} showed ${shown} the answer that it ended with.`;
      findings.violated({ witness: "driver", index: ended.at, session: session.id, turn: turn.number, says });
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
      judgeStreams(session, findings);
      judgeLocals(session, findings);
    }
    return findings.conclude({
      kept: `All ${count(findings.exposures, "output")} and results are right.`,
      broken: `${findings.violations} of ${count(findings.exposures, "output")} and results are wrong.`,
      nothing: "Nothing was answered.",
    });
  },
};
