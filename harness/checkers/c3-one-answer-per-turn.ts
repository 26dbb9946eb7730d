/** C3: a turn has one answer. Every 200 and every read of it shows the same bytes, and no read lists it twice. */
import { answersOf } from "./answers.ts";
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";

export const oneAnswerPerTurn: Checker = {
  id: "C3",
  claim: "A turn has one answer, the same whenever it is asked for or read.",
  check({ index }: CheckInput) {
    const findings = new Findings();
    for (const session of index.sessions)
      for (const [number, answers] of answersOf(session)) {
        const [first, ...later] = answers;
        if (first === undefined || later.length === 0) continue;
        findings.exposures += 1;
        const reads = new Set(first.how === "read" ? [first.at] : []);
        for (const answer of later) {
          const twice = answer.how === "read" && reads.has(answer.at);
          if (answer.how === "read") reads.add(answer.at);
          if (!twice && answer.output === first.output) continue;
          const says = twice
            ? `A read of ${session.id} lists turn ${number} twice.`
            : `Turn ${number} of ${session.id} has the answers ${first.output} and ${answer.output}.`;
          findings.violated({ witness: "driver", index: answer.at, session: session.id, turn: number, says });
          break;
        }
      }
    return findings.conclude({
      kept: `All ${count(findings.exposures, "turn")} that were answered or read more than once gave the same answer.`,
      broken: `${findings.violations} of ${count(findings.exposures, "turn")} have more than one answer.`,
      nothing: "No turn was answered or read more than once, so nothing could differ.",
    });
  },
};
