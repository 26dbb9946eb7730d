/** What was bought from the model and what of it was bought again, as bars. The tables below it hold the figures. */
import type { ScenarioSummary, Summary, TrialSummary } from "../../../harness/summary.ts";
import { count, counted, dollars } from "../../format.ts";
import { validTrials } from "../../readings.ts";
import { plot, swatch } from "../chart-canvas.ts";
import { type Markup, markup } from "../markup.ts";

const PANELS = [
  { panel: "bought", head: "All calls", says: "LLM calls bought, first purchases and repeats" },
  { panel: "calls", head: "Calls bought again", says: "LLM calls bought again" },
  { panel: "tokens", head: "Tokens bought again, in and out", says: "tokens bought again" },
] as const;

interface Bought {
  readonly runner: string;
  readonly economy: TrialSummary["economy"];
}

const againCalls = ({ provoked, unavoidable, avoidable }: TrialSummary["economy"]): number =>
  provoked.calls + unavoidable.calls + avoidable.calls;

/** "memo: 9,316 calls for $32.92, again 355 of them, avoidable 214 for $0.35". */
function words({ runner, economy }: Bought): string {
  const { bought, avoidable } = economy;
  return `${runner}: ${counted(bought.calls, "call")} for ${dollars(bought.dollars)}, ${count(againCalls(economy))} of them bought again, ${count(avoidable.calls)} avoidably for ${dollars(avoidable.dollars)}`;
}

/** Null where no trial is valid. */
export function economyChart(summary: Summary, scenario: ScenarioSummary, position: number): Markup | null {
  const all = scenario.results.flatMap((result): Bought[] => {
    const [trial] = validTrials(result);
    return trial === undefined ? [] : [{ runner: result.runner, economy: trial.economy }];
  });
  if (all.length === 0) return null;
  const again = all.some(({ economy }) => againCalls(economy) > 0);
  const shown = again ? PANELS : PANELS.slice(0, 1);
  const plots = shown.map(({ panel, head, says }) => {
    const label = `${scenario.scenario}, ${says}. ${all.map(words).join(". ")}.`;
    return markup`<div><p class="plot-head">${head}</p>${plot({ chart: "economy", scenario, position, says: label, data: { panel } })}</div>`;
  });
  const which = summary.campaign.blocks > 1 ? " The first valid block of each runner; the tables hold all." : "";
  const verdict = again ? "" : " Nobody bought anything again.";
  return markup`<figure><figcaption><b>What did it cost in LLM calls and tokens?</b>${verdict}${which} ${swatch("intact", "bought once")}${swatch("offered", "again, provoked by a fault of the model")}${swatch("stall", "again, unavoidable", "back-lines")}${swatch("broken", "again, avoidable", "lines")}</figcaption>
<div class="trio">${plots}</div></figure>`;
}
