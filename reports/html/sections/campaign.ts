/** Who took part, on which machine, and how to do it again. */
import type { Summary } from "../../../harness/summary.ts";
import { count } from "../../format.ts";
import { blocksNote } from "../../headline.ts";
import { everyTrial } from "../../readings.ts";
import { command } from "../fold.ts";
import { type Content, folded, type Markup, markup } from "../markup.ts";
import { table } from "../table.ts";
import { calibrationSection } from "./calibration.ts";
import { capacitySection } from "./capacity.ts";
import { contestantsSection } from "./contestants.ts";
import { validitySection } from "./validity.ts";

function facts(entries: readonly (readonly [string, Content])[]): Markup {
  return markup`<dl class="facts">${entries.map(([term, value]) => markup`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;
}

const RUNTIMES = {
  processes: "processes of this machine",
  docker: "in containers, one for each start of a process",
  attached: "one that ran already (--attach): nothing of it was started, killed or given cores here",
} as const;

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
    ["runtimes", RUNTIMES[machine.isolation ?? "processes"]],
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
    rows: everyTrial(summary).map(({ trial, runner }) => ({ cells: [trial.id, command(trial.command)], runner })),
  });
  return markup`<section id="repeat"><h2>Do it again</h2><p>The same seed gives the same plan and the same content.</p><p>${command(summary.campaign.command)}</p>${folded("Commands of single trials", trials)}</section>`;
}

export function campaignSections(summary: Summary): Markup {
  return markup`${contestantsSection(summary)}${capacitySection(summary)}${environment(summary)}${calibrationSection(summary)}${validitySection(summary)}${repetition(summary)}`;
}
