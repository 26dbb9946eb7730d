/** Which trials count and why: an overview with the harness's own lag, then the certificate of each trial. */
import type { Summary } from "../../../harness/summary.ts";
import type { Quantiles } from "../../../harness/trial.ts";
import { duration, share } from "../../format.ts";
import { everyTrial } from "../../readings.ts";
import { lostByRunner } from "../../trust-trials.ts";
import { type Markup, markup } from "../markup.ts";
import { runnerName } from "../runner-name.ts";
import { type Cell, table } from "../table.ts";
import { certificateAnchor } from "../trial-table.ts";
import { certificateOf } from "./certificates.ts";

function lagCell(quantiles: Quantiles | null, of: "p99" | "p999"): Cell {
  return quantiles === null ? { content: "–", tone: "quiet" } : duration(quantiles[of]);
}

/** What the harness says of its own part in each trial. */
function overview(summary: Summary): Markup {
  const rows = everyTrial(summary).map(({ trial, runner }) => {
    const { verdict, startLagMs, frameLatenessMs, pinned, calmCoreShare, saturated, gateable } = trial.validity;
    const core = calmCoreShare === null ? "–" : `${share(calmCoreShare)}${saturated ? ", saturated" : ""}`;
    const link = markup`<a href="#${certificateAnchor(trial.id)}">${verdict}</a>`;
    return {
      runner,
      cells: [
        trial.id,
        verdict === "valid" ? markup`<span class="kept">${link}</span>` : ({ content: link, tone: "notable" } as const),
        lagCell(startLagMs, "p99"),
        lagCell(startLagMs, "p999"),
        lagCell(frameLatenessMs, "p99"),
        lagCell(frameLatenessMs, "p999"),
        pinned ? "yes" : ({ content: "no", tone: "notable" } as const),
        core,
        gateable ? "yes" : ({ content: "cannot gate", tone: "notable" } as const),
      ],
    };
  });
  return table({
    caption:
      "A trial is void only for causes on the harness's side: its own lag, its own cores. A gate uses trials that are valid, pinned and not saturated. Reasons stand in the certificates.",
    sortable: true,
    columns: [
      { head: "trial", align: "text" },
      { head: "validity", align: "text" },
      { head: "p99", group: "turns started late by" },
      { head: "p99.9", group: "turns started late by" },
      { head: "p99", group: "frames late by" },
      { head: "p99.9", group: "frames late by" },
      { head: "pinned", group: "cores" },
      { head: "runtime's own, calm", group: "cores" },
      { head: "gate", align: "text" },
    ],
    rows,
  });
}

/** Runners whose worst trials were lost show only their better ones. */
function lost(summary: Summary): Markup {
  const lostCell = (n: number): Cell => ({ content: String(n), tone: n === 0 ? "quiet" : "notable" });
  return table({
    caption:
      "Lost trials by runner. Where the rates of two runners are more than 10 points apart, their comparison is inconclusive.",
    sortable: true,
    columns: [
      { head: "runner", align: "text" },
      { head: "trials" },
      { head: "void" },
      { head: "failed isolation" },
      { head: "lost" },
    ],
    rows: [...lostByRunner(summary)].map(([runner, { trials, void: voided, failedIsolation }]) => ({
      cells: [
        runnerName(summary, runner),
        String(trials),
        lostCell(voided),
        lostCell(failedIsolation),
        trials === 0 ? "–" : share((voided + failedIsolation) / trials),
      ],
    })),
  });
}

export function validitySection(summary: Summary): Markup {
  const certificates = everyTrial(summary).map(({ trial, runner }) => certificateOf(trial, runner));
  return markup`<section id="validity"><h2>Validity of each trial</h2>${lost(summary)}${overview(summary)}<h3>Certificates</h3>${certificates}</section>`;
}
