/**
 * C2: nothing is shown that was not asked for and finished. A phantom is a turn in a read that was never offered, or all of
 * whose attempts were certainly refused; a half turn is an output though no final answer had been written to its end.
 */
import { type Answer, answersOf, isOutput, soldAnswers } from "./answers.ts";
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import type { TurnRecord } from "./history-index.ts";

/** What a line of the driver can stand on: no attempt before it, none but refused ones, or one that may have been accepted. */
function attemptedBefore({ attempts, others }: TurnRecord, at: number): "never" | "in vain" | "maybe" {
  let attempted: "never" | "in vain" = "never";
  for (const list of [attempts, others])
    for (const { invoked, ended } of list) {
      if (invoked.at >= at) continue;
      if (ended?.event.e !== "fail" || ended.at >= at) return "maybe";
      attempted = "in vain";
    }
  return attempted;
}

/** Bought and never written to its end. A turn for which nothing was ever bought is none: what it answers is the matter of C15. */
const isHalf = (turn: TurnRecord): boolean =>
  turn.purchases.some(({ first }) => first !== null) && soldAnswers(turn).length === 0;

/** What makes an answer a phantom or half of one; null when it is neither. @param half whether the turn is half a one */
function faultOf(turn: TurnRecord | undefined, number: number, answer: Answer, half: boolean): string | null {
  const attempted = turn === undefined ? "never" : attemptedBefore(turn, answer.at);
  if (attempted === "never") return `shows turn ${number}, which was never offered`;
  if (attempted === "in vain") return `shows turn ${number}, all of whose attempts had been refused`;
  return half && isOutput(answer)
    ? `holds an output of turn ${number}, though no final answer of it was written to its end`
    : null;
}

export const noPhantomOrHalfTurn: Checker = {
  id: "C2",
  claim: "No turn is shown that was never accepted or never finished.",
  check({ index }: CheckInput) {
    const findings = new Findings();
    for (const session of index.sessions)
      for (const [number, answers] of answersOf(session)) {
        const turn = session.turn.get(number);
        const half = turn !== undefined && isHalf(turn);
        for (const answer of answers) {
          findings.exposures += 1;
          const fault = faultOf(turn, number, answer, half);
          if (fault === null) continue;
          const says = `${answer.how === "read" ? "A read" : "A 200"} of ${session.id} ${fault}.`;
          findings.violated({ witness: "driver", index: answer.at, session: session.id, turn: number, says });
        }
      }
    return findings.conclude({
      kept: `All ${count(findings.exposures, "answer")} belong to turns that were offered and finished.`,
      broken: `${findings.violations} of ${count(findings.exposures, "answer")} are phantoms or halves.`,
      nothing: "No turn was answered.",
    });
  },
};
