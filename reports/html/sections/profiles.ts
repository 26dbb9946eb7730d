/** Profiles of trials that were recorded under a profiler: what they are, and links to them, from the folder that the report lies in. */
import type { Summary } from "../../../harness/summary.ts";
import { profiledTrials } from "../../profiled.ts";
import { type Markup, markup } from "../markup.ts";

/** Nothing where no profiler looked on. */
export function profilesSection(summary: Summary): Markup | null {
  const trials = profiledTrials(summary);
  if (trials.length === 0) return null;
  const items = trials.map(({ id, says, files }) => {
    const links = files.map(({ path, name }) => markup` · <a href="${path}">${name}</a>`);
    return markup`<li><b>${id}</b>: ${says}${links}</li>`;
  });
  return markup`<section id="profiles"><h2>Profiles</h2><p class="notable">Profiled, never ranked: a profiler costs what it looks at, so these trials take part in nothing that compares or judges. The commands on this page repeat them without it.</p><ul>${items}</ul></section>`;
}
