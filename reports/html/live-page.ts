/**
 * The live page: what a campaign is doing now, as its server tells it (`cli/watch/`). Promises: one self-contained page that asks nobody
 * but its own server; nothing of a runner or scenario is in it, all of that comes as events and is written as text. It shows first
 * looks and says so: what counts is the report.
 */
import { script, styles } from "./browser-files.ts";
import { type Markup, markup } from "./markup.ts";

/** Forbids the browser to ask anybody but the server that the page came from. */
export const LIVE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** Files of `browser/`, in the order in which they are needed. */
const STYLES = ["page.css", "live.css"];
const SCRIPTS = ["live-state.js", "live-charts.js", "live.js"];

/** The line of a series beside its name. */
function key(color: string, dash: string): Markup {
  return markup`<svg class="key" viewBox="0 0 28 10" aria-hidden="true"><path d="M0 5H28" fill="none" stroke="var(--${color})" stroke-width="2" stroke-dasharray="${dash}"/></svg>`;
}

function figure(id: string, caption: Markup): Markup {
  return markup`<figure><figcaption>${caption}</figcaption><div class="plot"><canvas id="${id}" role="img" aria-label="Nothing yet."></canvas></div></figure>`;
}

/** One figure of the last second. */
function tile(id: string, name: string): Markup {
  return markup`<div><dt>${name}</dt><dd id="${id}">–</dd></div>`;
}

const TILES = [
  ["live", "live sessions"],
  ["pending", "turns pending"],
  ["offered", "offered / s"],
  ["answered", "answered / s"],
  ["failed", "failed / s"],
  ["setbacks", "attempts lost / s"],
  ["p50", "overhead p50"],
  ["max", "overhead max"],
] as const;

function charts(): Markup {
  return markup`<section id="charts" aria-label="Charts"><div class="pair">
${figure(
  "goodput",
  markup`<b>Does it keep up?</b> Turns per second: ${key("offered", "4 3")}offered ${key("intact", "")}answered ${key("broken", "2 2")}failed. Answered below offered: a queue grows. Full lines across are faults, dashed ones say that the runtime is whole again.`,
)}
${figure(
  "standing",
  markup`<b>Who is waiting?</b> At the end of each second: ${key("pending", "")}turns pending ${key("offered", "4 3")}live sessions, on the right-hand axis.`,
)}</div>
${figure(
  "heat",
  markup`<b>How long beyond the script?</b> Overhead of the turns answered in each second, on a log axis; the stronger the colour, the more turns. A second band far above the first is a tail that an average hides. Time for which a step fault held a turn is still in it.`,
)}
<details id="numbers"><summary>The last 60 seconds as numbers</summary><div class="scroll"><table class="dense"><thead><tr><th>second</th><th>live</th><th>pending</th><th>offered</th><th>answered</th><th>failed</th><th>attempts lost</th><th>late</th><th>overhead p50</th><th>max</th></tr></thead><tbody id="seconds"></tbody></table></div></details></section>`;
}

/** The whole page; the same for every campaign. */
export function renderLivePage(): string {
  const tiles = TILES.map(([id, name]) => tile(id, name));
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${LIVE_POLICY}">
<title>Agent Derby, live</title><link rel="icon" href="data:,">${styles(STYLES)}</head>
<body><header><h1>Agent Derby, live</h1>
<p class="meta" id="campaign"></p>
<p id="status" role="status" aria-live="polite">Waiting for the campaign.</p>
<p class="note" id="connection" role="alert"></p></header>
<main><p class="note" id="clock"></p><p id="asks"></p><dl class="tiles" aria-label="The last second">${tiles}</dl>
${charts()}
<section aria-label="Faults"><h2>Faults of this trial</h2><div class="scroll"><table><thead><tr><th class="text">fault</th><th class="text">to</th><th>fired</th><th>landed after</th><th>whole again after</th><th class="text">proof</th></tr></thead><tbody id="faults"></tbody></table></div>
<p class="note" id="processes"></p></section>
<section aria-label="Trials"><h2>Trials</h2><div class="scroll"><table><thead><tr><th class="text">trial</th><th class="text">runner</th><th>block</th><th class="text">state</th><th class="text">certificate</th></tr></thead><tbody id="trials"></tbody></table></div></section></main>
<footer>First looks, not results: whether an answer came from a runtime that had forgotten its conversation, and whether a promise was kept, is judged from the recordings. This page is served from the harness's cores; the certificate of each trial says that it was watched.</footer>
${SCRIPTS.map(script)}
</body></html>
`;
  return page.text;
}
