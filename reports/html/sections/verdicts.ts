/** What the checkers say of each trial: true, false with evidence, or unknown with its reason. */
import type { Verdict } from "../../../harness/checkers/checker.ts";
import type { ScenarioSummary, Summary, TrialSummary } from "../../../harness/summary.ts";
import { count, counted } from "../../format.ts";
import { command, foldedOf } from "../fold.ts";
import { folded, type Markup, markup } from "../markup.ts";
import { verdictsAnchor } from "../places.ts";
import { type Cell, table } from "../table.ts";
import { eachTrial } from "../trial-table.ts";
import { hasLane, laneAnchor } from "./lanes.ts";

function resultCell(verdict: Verdict): Cell {
  if (verdict.result === "unknown") return { content: "unknown", tone: "quiet" };
  return verdict.result ? markup`<span class="kept">true</span>` : { content: "false", tone: "notable" };
}

/** Leads to the session itself, where it is drawn. */
function seenClosely(trial: TrialSummary, session = ""): Markup | null {
  return hasLane(trial, session)
    ? markup` <a href="#${laneAnchor(trial.id, session)}">${session} seen closely</a>`
    : null;
}

function found(verdict: Verdict, trial: TrialSummary): Markup {
  const { evidence, violations } = verdict;
  if (evidence.length === 0) return markup`${verdict.reason}`;
  const items = evidence.map(
    (event) =>
      markup`<li>${event.says} <span class="aside">${event.witness} event ${count(event.index)}</span>${seenClosely(trial, event.session)}</li>`,
  );
  const label =
    evidence.length < violations
      ? `${count(evidence.length)} of ${counted(violations, "violation")}`
      : counted(violations, "violation");
  return markup`${verdict.reason}${folded(label, markup`<ul class="evidence">${items}</ul>`)}`;
}

/** "2 false, 1 unknown, 7 true". */
function tally(verdicts: readonly Verdict[]): string {
  const results = [false, "unknown", true] as const;
  const parts = results.map((result) => ({
    result,
    n: verdicts.filter((verdict) => verdict.result === result).length,
  }));
  return (
    parts
      .filter(({ n }) => n > 0)
      .map(({ result, n }) => `${n} ${result}`)
      .join(", ") || "none"
  );
}

export function verdictsSection(summary: Summary, scenario: ScenarioSummary): Markup {
  const parts = eachTrial(summary, scenario)
    .filter(({ trial }) => trial.validity.verdict === "valid")
    .map(({ trial, runner }) => {
      const block = summary.campaign.blocks > 1 ? `, block ${trial.block}` : "";
      return foldedOf(
        { id: verdictsAnchor(trial.id), runner },
        markup`<b>${runner}${block}</b>: ${tally(trial.verdicts)}`,
        table({
          caption: "True: it could have been violated so many times and was not. Unknown never passes.",
          columns: [
            { head: "checker", align: "text" },
            { head: "claim", align: "text" },
            { head: "result", align: "text" },
            { head: "exposures" },
            { head: "violations" },
            { head: "found", align: "text" },
          ],
          rows: trial.verdicts.map((verdict) => ({
            cells: [
              verdict.checker,
              verdict.claim,
              resultCell(verdict),
              count(verdict.exposures),
              count(verdict.violations),
              found(verdict, trial),
            ],
          })),
        }),
        markup`<p class="aside">Repeat this trial: ${command(trial.command)}</p>`,
      );
    });
  return markup`<h3>What the checkers found</h3>${parts.length === 0 ? markup`<p>No valid trial to judge.</p>` : parts}`;
}
