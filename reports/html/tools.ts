/**
 * What the reader can work: which runners are shown, and the theme. Promises: without scripts none of it is there, and nothing on the page
 * is hidden. Leaves to others: what the choices do (`browser/filter.js`, `browser/page-state.js`).
 */
import type { Summary } from "../../harness/summary.ts";
import { jsonIsland, type Markup, markup } from "./markup.ts";
import { runnerName } from "./runner-name.ts";

/** Every runner on the page, contestants first, each once. */
function runnersShown(summary: Summary): readonly string[] {
  const took = summary.scenarios.flatMap((scenario) => scenario.results.map(({ runner }) => runner));
  const vowed = summary.promises.map(({ runner }) => runner);
  return [...new Set([...summary.contestants.map(({ name }) => name), ...took, ...vowed])];
}

/** The link that leads past the header, the bar of choices, and where the page says what was hidden. */
export function pageTools(summary: Summary): Markup {
  const runners = runnersShown(summary);
  const boxes = runners.map(
    (runner, index) =>
      markup`<label><input type="checkbox" checked autocomplete="off" data-index="${index}" value="${runner}">${runnerName(summary, runner)}</label>`,
  );
  return markup`<a class="skip" href="#page-content">To the results</a>
<div class="tools" id="tools" role="region" aria-label="View" hidden><div><details><summary>Runners: <span id="runners-shown">all ${runners.length}</span></summary><fieldset><legend>Show</legend><p><button type="button" data-show="all">All</button> <button type="button" data-show="none">None</button></p>${boxes}</fieldset></details><label>Theme <select id="theme" autocomplete="off"><option value="">as the system</option><option value="light">light</option><option value="dark">dark</option></select></label></div></div>
<p class="unseen" id="announcements" role="status"></p>
${jsonIsland("runners", runners)}`;
}

/** Says on screen and on paper that something is hidden. */
export function hiddenNote(): Markup {
  return markup`<p class="meta notable" id="hidden-runners" hidden>Hidden by the filter: <span></span>. <button type="button" data-show="all">Show all runners</button></p>`;
}
