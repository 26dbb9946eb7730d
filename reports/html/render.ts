/**
 * The HTML report: one file that opens from disk, fetches nothing and keeps its data inside. Promises: a pure function of the summary,
 * so that the same summary gives the same bytes; no text of a runner or scenario can become markup. Leaves to others: every number.
 */
import type { Summary } from "../../harness/summary.ts";
import { script, styles } from "./browser-files.ts";
import { chartLibrary } from "./chart-library.ts";
import { DARK, DASHES, LIGHT, MARKERS } from "./look.ts";
import { anchor, jsonIsland, Markup, markup } from "./markup.ts";
import { runnerKeys } from "./runner-name.ts";
import { campaignSections } from "./sections/campaign.ts";
import { claimsSection } from "./sections/claims.ts";
import { firstScreen } from "./sections/first-screen.ts";
import { glossary } from "./sections/glossary.ts";
import { lanePatterns } from "./sections/lanes.ts";
import { languagesSection } from "./sections/languages.ts";
import { profilesSection } from "./sections/profiles.ts";
import { promisesSection } from "./sections/promises.ts";
import { scenarioSection } from "./sections/scenario.ts";
import { hiddenNote, pageTools } from "./tools.ts";

/** Forbids the browser to fetch anything, whatever the page holds. */
export const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** Files of `browser/`, in the order in which they are needed. */
const STYLES = ["page.css", "answers.css", "tools.css", "charts.css", "lanes.css"];
/** Those that draw, the frame first, then a file per subject. */
export const CHART_SCRIPTS = [
  "chart-frame.js",
  "charts.js",
  "down-sampling.js",
  "timeline.js",
  "heat-map.js",
  "recovery.js",
  "spectrum.js",
  "intervals.js",
  "economy.js",
  "capacity.js",
];
const SCRIPTS = ["page-state.js", "sort.js", "filter.js", "links.js", ...CHART_SCRIPTS];

function navigation(summary: Summary): Markup {
  const scenarios = summary.scenarios.map(
    ({ scenario }) => markup`<a href="#${anchor("scenario", scenario)}">${scenario}</a>`,
  );
  return markup`<nav aria-label="Sections"><a href="#matrix">Matrix</a>${summary.claims === undefined ? null : markup`<a href="#claims">Claims</a>`}<a href="#promises">Promises</a>${scenarios}<a href="#contestants">Contestants</a>${summary.capacity === undefined ? null : markup`<a href="#capacity">Capacity</a>`}<a href="#environment">Environment</a><a href="#validity">Validity</a><a href="#reading">How to read this</a></nav>`;
}

function header(summary: Summary): Markup {
  const { campaign, environment } = summary;
  return markup`<header><h1>Agent Derby</h1>
<p class="question">Which agent runtime keeps its tail short and its promises when things break?</p>
<p class="meta">Profile ${campaign.profile} · seed ${campaign.seed} · ${campaign.blocks === 1 ? "one block" : `${campaign.blocks} blocks`} · recorded ${campaign.recorded} · ${environment.cpuModel}, ${environment.cores} cores · agent-derby ${environment.agentDerby}</p>
${navigation(summary)}</header>`;
}

/** The whole page. */
export function renderHtml(summary: Summary): string {
  const look = { light: LIGHT, dark: DARK, dashes: DASHES, markers: MARKERS };
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>Agent Derby: ${summary.campaign.id}</title>${styles(STYLES)}</head>
<body>${runnerKeys(summary)}${lanePatterns()}${pageTools(summary)}${header(summary)}
<main id="page-content">${hiddenNote()}${profilesSection(summary)}${firstScreen(summary)}
${claimsSection(summary)}
${languagesSection(summary)}
${promisesSection(summary)}
${summary.scenarios.map((scenario, index) => scenarioSection(summary, scenario, index))}
${campaignSections(summary)}
${glossary()}</main>
<footer>Everything on this page comes from summary.json, which it carries whole; the recordings behind it lie beside it.</footer>
${jsonIsland("summary", summary)}
${jsonIsland("look", look)}
<script>${new Markup(chartLibrary())}</script>
${SCRIPTS.map(script)}
</body></html>
`;
  return page.text;
}
