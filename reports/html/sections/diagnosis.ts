/** What most late turns of each runner were waiting for, in a sentence with a link to the table it rests on; or why nothing can be said. */
import type { RunnerResult, ScenarioSummary, Summary } from "../../../harness/summary.ts";
import { diagnosisOf } from "../../diagnosis.ts";
import { validTrials } from "../../readings.ts";
import { anchor, type Markup, markup, prose } from "../markup.ts";
import { runnerName } from "../runner-name.ts";

/** Where the table of late turns by cause stands. */
export const waitingAnchor = (scenario: string): string => anchor("waiting", scenario);

/** The sentence with its evidence; null where the evidence carries none. */
export function diagnosisMarkup(scenario: ScenarioSummary, result: RunnerResult): Markup | null {
  const diagnosis = diagnosisOf(scenario, result);
  if (!diagnosis.found) return null;
  return markup`${prose(diagnosis.says)} (<a href="#${waitingAnchor(scenario.scenario)}">evidence</a>)`;
}

export function diagnosisSection(summary: Summary, scenario: ScenarioSummary): Markup | null {
  const judged = scenario.results.filter((result) => validTrials(result).length > 0);
  if (judged.length === 0) return null;
  const items = judged.map((result) => {
    const diagnosis = diagnosisOf(scenario, result);
    const id = anchor("diagnosis", scenario.scenario, result.runner);
    const says = diagnosis.found
      ? diagnosisMarkup(scenario, result)
      : markup`<span class="quiet">no diagnosis: ${prose(diagnosis.why)}</span>`;
    return markup`<li id="${id}" data-runner="${result.runner}">${runnerName(summary, result.runner)}: ${says}.</li>`;
  });
  return markup`<h3 id="${anchor("diagnosis", scenario.scenario)}">What made turns late</h3><ul class="plain diagnoses">${items}</ul>`;
}
