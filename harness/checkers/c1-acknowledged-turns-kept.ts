/** C1: what a client was told is kept. How that is seen, by the final reads or without them, stands in `kept-turns.ts`. */
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import { keptTurns } from "./kept-turns.ts";

export const acknowledgedTurnsKept: Checker = {
  id: "C1",
  claim: "Every acknowledged turn is kept.",
  check({ index, promises }: CheckInput) {
    const findings = new Findings();
    const readable = promises.readable === true;
    for (const session of index.sessions) {
      if (!session.turns.some(({ told }) => told !== null)) continue;
      const kept = keptTurns(index, session, readable);
      if (typeof kept === "string") {
        findings.undecided(kept);
        continue;
      }
      findings.exposures += kept.due.length;
      for (const { evidence } of kept.lost) findings.violated(evidence);
    }
    const by = readable ? "final reads" : "the last model request of each session";
    return findings.conclude({
      kept: `All ${count(findings.exposures, "acknowledged turn")} are there, by ${by}.`,
      broken: `${findings.violations} of ${count(findings.exposures, "acknowledged turn")} are gone, by ${by}.`,
      nothing: "No turn was acknowledged.",
    });
  },
};
