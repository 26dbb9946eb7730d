/** Candidates that did not come as far as a trial: they did not start, or do not keep the contract. No figure speaks of them. */
import type { Summary } from "../summary.ts";
import { type GateLine, NO_NUMBER } from "./line.ts";

/** One line for each runner that was refused, with the reason; a machine that lacks something ends a campaign before it begins. */
export function admissionLines({ scenarios }: Summary): GateLine[] {
  const refused = new Map<string, string>();
  for (const { results } of scenarios)
    for (const { runner, trials } of results)
      for (const { validity } of trials)
        if (validity.verdict === "refused" && !refused.has(runner)) refused.set(runner, validity.reasons.join(" "));
  return [...refused].map(([runner, why]) => ({
    rule: "admission",
    what: "takes part",
    runner,
    scenario: null,
    ...NO_NUMBER,
    answer: "regression",
    says: `It was refused. ${why}`,
  }));
}
