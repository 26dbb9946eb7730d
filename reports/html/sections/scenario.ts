/** One scenario: its question, then its runners side by side. */
import type { RunnerResult, ScenarioSummary, Summary } from "../../../harness/summary.ts";
import { count, decimal } from "../../format.ts";
import { localWorkSentence } from "../../local-work.ts";
import { whyNoFigures } from "../../readings.ts";
import { anchor, type Markup, markup } from "../markup.ts";
import { certificateAnchor } from "../trial-table.ts";
import { budgetSection } from "./budget.ts";
import { countTables } from "./count-tables.ts";
import { diagnosisSection } from "./diagnosis.ts";
import { lanesSection } from "./lanes.ts";
import { latencyTables } from "./latency-tables.ts";
import { overBlocksSection } from "./over-blocks.ts";
import { recoverySection } from "./recovery.ts";
import { sessionsSection } from "./sessions.ts";
import { stepsSection } from "./steps.ts";
import { streamingSection } from "./streaming.ts";
import { timelineSection } from "./timeline.ts";
import { verdictsSection } from "./verdicts.ts";
import { waitingSection } from "./waiting.ts";

/** The load, which is the same for every runner of a scenario. */
function load(scenario: ScenarioSummary): Markup | null {
  const planned = scenario.results.flatMap((result) => result.trials)[0]?.load;
  if (planned === undefined) return null;
  return markup`<p class="meta">Load: ${count(planned.liveSessions)} live sessions, ${decimal(planned.inFlight)} turns in flight, ${decimal(planned.streaming)} streaming, ${decimal(planned.turnsPerSecond)} turns/s, ${count(planned.framesPerSecond)} frames/s. Faults: ${scenario.faults.length === 0 ? "none" : scenario.faults.join("; ")}.</p>`;
}

/** Where calls take equal time, what that is on each runner. */
function localWork(scenario: ScenarioSummary): Markup | null {
  const says = localWorkSentence(scenario);
  return says === null ? null : markup`<p class="meta">${says}</p>`;
}

/** Links to the certificates of trials that do not count. */
function why({ trials }: RunnerResult): Markup | null {
  const links = trials.map(({ id }) => markup` <a href="#${certificateAnchor(id)}">${id}</a>`);
  return links.length === 0 ? null : markup`Certificate:${links}`;
}

function absent(scenario: ScenarioSummary): Markup | null {
  const items = scenario.results.flatMap((result) => {
    const reason = whyNoFigures(result);
    return reason === null ? [] : [markup`<li><b>${result.runner}</b>: no figures, ${reason}. ${why(result)}</li>`];
  });
  return items.length === 0 ? null : markup`<ul class="evidence">${items}</ul>`;
}

function incomparable({ voids }: ScenarioSummary): Markup | null {
  return voids.reason === null ? null : markup`<p class="notable">Not comparable. ${voids.reason}</p>`;
}

export function scenarioSection(summary: Summary, scenario: ScenarioSummary, position: number): Markup {
  return markup`<section id="${anchor("scenario", scenario.scenario)}"><h2>${scenario.scenario}</h2><p class="question">${scenario.asks}</p>
${load(scenario)}${localWork(scenario)}${absent(scenario)}${incomparable(scenario)}
${diagnosisSection(summary, scenario)}
${stepsSection(summary, scenario)}
${recoverySection(summary, scenario, position)}
${timelineSection(summary, scenario, position)}
${latencyTables(summary, scenario, position)}
${streamingSection(summary, scenario)}
${waitingSection(summary, scenario)}
${sessionsSection(summary, scenario)}
${overBlocksSection(summary, scenario)}
${countTables(summary, scenario, position)}
${budgetSection(summary, scenario)}
${lanesSection(summary, scenario)}
${verdictsSection(summary, scenario)}</section>`;
}
