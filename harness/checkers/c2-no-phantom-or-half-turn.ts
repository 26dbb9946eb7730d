/**
 * C2: nothing is shown that was not asked for and finished. A phantom is a turn in a read that was never offered, or all of
 * whose attempts were certainly refused; a half turn is an output though no final answer had been written to its end.
 */
import { type Answer, answersOf, isOutput, soldAnswers } from "./answers.ts";
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import type { TurnRecord } from "./history-index.ts";

/** What makes an answer a phantom or half of one; null when it is neither. */
function faultOf(turn: TurnRecord | undefined, number: number, answer: Answer): string | null {
  const attempts = turn === undefined ? [] : [...turn.attempts, ...turn.others];
  const before = attempts.filter(({ invoked }) => invoked.at < answer.at);
  if (turn === undefined || before.length === 0) return `shows turn ${number}, which was never offered`;
  const refused = before.every(({ ended }) => ended?.event.e === "fail" && ended.at < answer.at);
  if (refused) return `shows turn ${number}, all of whose attempts had been refused`;
  // A turn for which nothing was ever bought is no half turn: what it answers is the matter of C15.
  const bought = turn.purchases.some(({ first }) => first !== null);
  const half = isOutput(answer) && bought && soldAnswers(turn).length === 0;
  return half ? `holds an output of turn ${number}, though no final answer of it was written to its end` : null;
}

export const noPhantomOrHalfTurn: Checker = {
  id: "C2",
  claim: "No turn is shown that was never accepted or never finished.",
  check({ index }: CheckInput) {
    const findings = new Findings();
    for (const session of index.sessions)
      for (const [number, answers] of answersOf(session))
        for (const answer of answers) {
          findings.exposures += 1;
          const fault = faultOf(session.turn.get(number), number, answer);
          if (fault === null) continue;
          const says = `${answer.how === "read" ? "A read" : "A 200"} of ${session.id} ${fault}.`;
          findings.violated({ witness: "driver", index: answer.at, session: session.id, turn: number, says });
        }
    return findings.conclude({
      kept: `All ${count(findings.exposures, "answer")} belong to turns that were offered and finished.`,
      broken: `${findings.violations} of ${count(findings.exposures, "answer")} are phantoms or halves.`,
      nothing: "No turn was answered.",
    });
  },
};
