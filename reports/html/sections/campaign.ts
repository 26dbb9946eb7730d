/** Who took part, on which machine, and how to do it again. */
import type { ContestantSummary, Summary } from "../../../harness/summary.ts";
import { count } from "../../format.ts";
import { blocksNote } from "../../headline.ts";
import { everyTrial } from "../../readings.ts";
import { type Content, folded, type Markup, markup } from "../markup.ts";
import { runnerName } from "../runner-name.ts";
import { table } from "../table.ts";
import { calibrationSection } from "./calibration.ts";
import { validitySection } from "./validity.ts";

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

function repetition(summary: Summary): Markup {
  const trials = table({
    caption: "One trial alone",
    columns: ["trial", "command"].map((head) => ({ head, align: "text" })),
    rows: everyTrial(summary).map(({ trial }) => ({ cells: [trial.id, markup`<code>${trial.command}</code>`] })),
  });
  return markup`<section id="repeat"><h2>Do it again</h2><p>The same seed gives the same plan and the same content.</p><pre><code>${summary.campaign.command}</code></pre>${folded("Commands of single trials", trials)}</section>`;
}

export function campaignSections(summary: Summary): Markup {
  return markup`${contestants(summary)}${environment(summary)}${calibrationSection(summary)}${validitySection(summary)}${repetition(summary)}`;
}
