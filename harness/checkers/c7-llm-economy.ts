/** C7: no completion is bought again that the runtime already had. Repeats that the World provoked or that nobody could avoid are counted, not judged. */
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import { interruptionsOf, repeatsOf } from "./repeats.ts";

export const llmEconomy: Checker = {
  id: "C7",
  claim: "No completion is bought again that the runtime already had.",
  check({ index }: CheckInput) {
    const findings = new Findings();
    const interruptions = interruptionsOf(index);
    const repeats = { provoked: 0, unavoidable: 0, avoidable: 0, askedAgain: 0, unasked: 0 };
    for (const session of index.sessions)
      for (const turn of session.turns) {
        for (const { first } of turn.purchases) if (first !== null) findings.exposures += 1;
        for (const { purchase, kind, because, askedAgain } of repeatsOf(turn, interruptions)) {
          repeats[kind] += 1;
          repeats[askedAgain ? "askedAgain" : "unasked"] += 1;
          if (kind !== "avoidable") continue;
          findings.violated({
            witness: "world",
            index: purchase.ask.at,
            session: session.id,
            turn: turn.number,
            says: `Step ${purchase.step} of turn ${turn.number} of ${session.id} was bought again, though ${because}.`,
          });
        }
      }
    const others = `${repeats.unavoidable} unavoidable, ${repeats.provoked} provoked; of all repeats ${repeats.askedAgain} after a client had asked again, ${repeats.unasked} unasked`;
    return findings.conclude({
      kept: `Of ${count(findings.exposures, "completion")} none was bought again without need (${others}).`,
      broken: `${repeats.avoidable} of ${count(findings.exposures, "completion")} had been there already (${others}).`,
      nothing: "No completion was bought.",
    });
  },
};
