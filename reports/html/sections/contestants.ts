/** Who took part: what each runner runs on and vows, and folded below its settings, deviations and trials with their commands. */
import type { ContestantSummary, Summary } from "../../../harness/summary.ts";
import { counted } from "../../format.ts";
import { everyTrial } from "../../readings.ts";
import { command, foldedOf } from "../fold.ts";
import { type Content, type Markup, markup } from "../markup.ts";
import { contestantAnchor, promiseAnchor, verdictsAnchor } from "../places.ts";
import { runnerName } from "../runner-name.ts";
import { type Cell, table } from "../table.ts";
import { certificateAnchor } from "../trial-table.ts";

/** A home page as a link where it is one; any other text, such as a script in disguise, stays text. */
function homeLink(home: string): Content {
  return /^https?:\/\//i.test(home)
    ? markup`<a href="${home}" rel="noopener noreferrer">${home.replace(/^https?:\/\//i, "")}</a>`
    : home;
}

/** What was vowed, each with what is more than yes. */
function vows(contestant: ContestantSummary): readonly (readonly [string, string])[] {
  return Object.entries(contestant.promises)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => [name, value === true ? name : `${name}: ${value}`]);
}

function overview(summary: Summary): Markup {
  const heads = [
    "runner",
    "runtime",
    "language",
    "engine",
    "home",
    "promises",
    "deviations from the contract",
    "conformance",
  ];
  return table({
    caption: "Across languages a difference is one of whole stacks, not of runtimes alone.",
    sortable: true,
    columns: heads.map((head) => ({ head, align: "text" })),
    rows: summary.contestants.map((contestant) => {
      const { name, runtime, language, version, home, deviations, certificate } = contestant;
      const quiet = (content: string): Cell => ({ content, tone: "quiet" });
      return {
        cells: [
          markup`<a href="#${contestantAnchor(name)}">${runnerName(summary, name)}</a>`,
          runtime,
          language,
          version ?? quiet("unknown"),
          homeLink(home),
          vows(contestant)
            .map(([, vow]) => vow)
            .join(", ") || "nothing",
          deviations.length === 0 ? quiet("none") : counted(deviations.length, "deviation"),
          certificate,
        ],
      };
    }),
  });
}

/** "beam:tuned" is a variant of the runner "beam". */
function variantOf(name: string): string {
  const at = name.indexOf(":");
  return at < 0 ? "the runner as it comes" : `${name.slice(at + 1)} of ${name.slice(0, at)}`;
}

function vowLinks(summary: Summary, contestant: ContestantSummary): Content {
  const links = vows(contestant).map(([promise, vow]) => {
    const judged = summary.promises.some((row) => row.runner === contestant.name && row.promise === promise);
    return markup`<li>${judged ? markup`<a href="#${promiseAnchor(contestant.name, promise)}">${vow}</a>` : vow}</li>`;
  });
  return links.length === 0 ? "nothing" : markup`<ul class="plain">${links}</ul>`;
}

function defaults({ name, recovery = [] }: ContestantSummary): Markup {
  if (recovery.length === 0) return markup`<p>It does not state its defaults.</p>`;
  return table({
    caption: markup`<b>Defaults that decide recovery</b>, as ${name} states them; not measured`,
    columns: ["default", "value"].map((head) => ({ head, align: "text" })),
    rows: recovery.map(({ what, value }) => ({ cells: [what, value] })),
  });
}

function trials(summary: Summary, runner: string): Markup {
  const own = everyTrial(summary).filter((one) => one.runner === runner);
  if (own.length === 0) return markup`<p>No trial was recorded.</p>`;
  return table({
    sortable: true,
    caption: markup`<b>Trials</b>, each with the command that repeats it alone`,
    columns: ["trial", "scenario", "validity", "command"].map((head) => ({ head, align: "text" })),
    rows: own.map(({ scenario, trial: { id, validity, command: repeat } }) => ({
      cells: [
        validity.verdict === "valid" ? markup`<a href="#${verdictsAnchor(id)}">${id}</a>` : id,
        scenario.scenario,
        markup`<a href="#${certificateAnchor(id)}">${validity.verdict}</a>`,
        command(repeat),
      ],
    })),
  });
}

function details(summary: Summary, contestant: ContestantSummary): Markup {
  const { name, runtime, language, version, home, deviations, certificate } = contestant;
  const facts: readonly (readonly [string, Content])[] = [
    ["runtime", `${runtime} (${language})`],
    ["engine", version ?? "unknown"],
    ["variant", variantOf(name)],
    ["home", homeLink(home)],
    ["conformance", certificate],
    ["promises", vowLinks(summary, contestant)],
    [
      "deviations",
      deviations.length === 0
        ? "none"
        : markup`<ul class="evidence">${deviations.map((one) => markup`<li>${one}</li>`)}</ul>`,
    ],
  ];
  return foldedOf(
    { id: contestantAnchor(name), runner: name },
    markup`${runnerName(summary, name)}: settings, deviations and trials`,
    markup`<dl class="facts">${facts.map(([term, value]) => markup`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`,
    defaults(contestant),
    trials(summary, name),
  );
}

export function contestantsSection(summary: Summary): Markup {
  return markup`<section id="contestants"><h2>Contestants</h2>${overview(summary)}${summary.contestants.map((one) => details(summary, one))}</section>`;
}
