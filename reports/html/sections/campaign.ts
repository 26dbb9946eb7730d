/** Who took part, on which machine, and how to do it again. */
import type { ContestantSummary, Summary } from "../../../harness/summary.ts";
import type { Quantiles } from "../../../harness/trial.ts";
import { count, duration, share } from "../../format.ts";
import { blocksNote } from "../../headline.ts";
import { everyTrial } from "../../readings.ts";
import { type Content, folded, type Markup, markup } from "../markup.ts";
import { runnerName } from "../runner-name.ts";
import { type Cell, table } from "../table.ts";

/** A home page as a link where it is one; any other text, such as a script in disguise, stays text. */
function homeLink(home: string): Content {
  return /^https?:\/\//i.test(home)
    ? markup`<a href="${home}" rel="noopener noreferrer">${home.replace(/^https?:\/\//i, "")}</a>`
    : home;
}

function promisesOf(contestant: ContestantSummary): string {
  const entries = Object.entries(contestant.promises).filter(([, value]) => value !== false);
  return entries.map(([name, value]) => (value === true ? name : `${name}: ${value}`)).join(", ") || "nothing";
}

function contestants(summary: Summary): Markup {
  const heads = ["runner", "runtime", "language", "home", "promises", "deviations from the contract", "conformance"];
  return markup`<section id="contestants"><h2>Contestants</h2>${table({
    caption: "Across languages a difference is one of whole stacks, not of runtimes alone.",
    columns: heads.map((head) => ({ head, align: "text" })),
    rows: summary.contestants.map((contestant) => ({
      cells: [
        runnerName(summary, contestant.name),
        contestant.runtime,
        contestant.language,
        homeLink(contestant.home),
        promisesOf(contestant),
        contestant.deviations.length === 0 ? { content: "none", tone: "quiet" } : contestant.deviations.join(" "),
        contestant.certificate,
      ],
    })),
  })}</section>`;
}

function facts(entries: readonly (readonly [string, Content])[]): Markup {
  return markup`<dl class="facts">${entries.map(([term, value]) => markup`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;
}

function environment(summary: Summary): Markup {
  const { environment: machine, campaign, prices } = summary;
  const settings = Object.entries(machine.postgres).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return markup`<section id="environment"><h2>Environment</h2>${facts([
    [
      "machine",
      `${machine.cpuModel}, ${machine.cores} cores, ${count(machine.memoryMb)} MB, ${count(machine.openFiles)} open files`,
    ],
    ["system", `${machine.os} ${machine.kernel}`],
    ["cores", machine.pinning],
    ["versions", `agent-derby ${machine.agentDerby}, Node ${machine.node}`],
    ["Postgres", settings.length === 0 ? "not used" : settings.map(([name, value]) => `${name} = ${value}`).join(", ")],
    [
      "durability",
      "tested against the death of processes as the scenarios name them; against loss of power only the settings above speak",
    ],
    ["prices", `$${prices.input} per million tokens in, $${prices.output} out`],
    [
      "campaign",
      `${campaign.id}, profile ${campaign.profile}, seed ${campaign.seed}, ${blocksNote(summary)}, recorded ${campaign.recorded}`,
    ],
    ["reductions", campaign.reductions.length === 0 ? "none" : campaign.reductions.join(" ")],
  ])}</section>`;
}

function lagCell(quantiles: Quantiles | null, of: "p99" | "p999"): Cell {
  return quantiles === null ? { content: "–", tone: "quiet" } : duration(quantiles[of]);
}

/** What the harness says of its own part in each trial. */
function validity(summary: Summary): Markup {
  const rows = everyTrial(summary).map(({ trial }) => {
    const { verdict, startLagMs, frameLatenessMs, pinned, calmCoreShare, saturated, reasons } = trial.validity;
    const core = calmCoreShare === null ? "–" : `${share(calmCoreShare)}${saturated ? ", saturated" : ""}`;
    return {
      cells: [
        trial.id,
        verdict === "valid"
          ? markup`<span class="kept">valid</span>`
          : ({ content: verdict, tone: "notable" } as const),
        lagCell(startLagMs, "p99"),
        lagCell(startLagMs, "p999"),
        lagCell(frameLatenessMs, "p99"),
        lagCell(frameLatenessMs, "p999"),
        pinned ? "yes" : "no",
        core,
        reasons.join("; "),
      ],
    };
  });
  return table({
    caption: "A trial is void only for causes on the harness's side: its own lag, its own cores.",
    columns: [
      { head: "trial", align: "text" },
      { head: "validity", align: "text" },
      { head: "p99", group: "turns started late by" },
      { head: "p99.9", group: "turns started late by" },
      { head: "p99", group: "frames late by" },
      { head: "p99.9", group: "frames late by" },
      { head: "pinned", group: "cores" },
      { head: "runtime's share of its own, calm", group: "cores" },
      { head: "because", align: "text" },
    ],
    rows,
  });
}

function repetition(summary: Summary): Markup {
  const trials = table({
    caption: "One trial alone",
    columns: ["trial", "command"].map((head) => ({ head, align: "text" })),
    rows: everyTrial(summary).map(({ trial }) => ({ cells: [trial.id, markup`<code>${trial.command}</code>`] })),
  });
  return markup`<section id="repeat"><h2>Do it again</h2><p>The same seed gives the same plan and the same content.</p><pre><code>${summary.campaign.command}</code></pre>${folded("Commands of single trials", trials)}</section>`;
}

export function campaignSections(summary: Summary): Markup {
  return markup`${contestants(summary)}${environment(summary)}<section id="validity"><h2>Validity of each trial</h2>${validity(summary)}</section>${repetition(summary)}`;
}
