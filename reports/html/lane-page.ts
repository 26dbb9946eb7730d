/** A lane alone as a page of its own: one file that fetches nothing. Promises: the same capsule gives the same bytes. */
import type { Capsule } from "../../harness/capsule.ts";
import { damageWords } from "../lane-words.ts";
import { styles } from "./browser-files.ts";
import { type Markup, markup, prose } from "./markup.ts";
import { POLICY } from "./render.ts";
import { laneFigure, laneKey, lanePatterns } from "./sections/lanes.ts";

/** What a page of a lane is made of. */
export type LanePage = Pick<Capsule, "trial" | "checker" | "session" | "verdict" | "runner" | "replay" | "lane">;

function drawing({ lane, session }: LanePage): Markup {
  if (lane === undefined || lane === null)
    return markup`<p>${session === null ? "The evidence names no session, so there is none to draw." : "This capsule was written by an older version, which drew no lanes; write it anew with report."}</p>`;
  const caption = markup`<b>Session ${lane.session}</b> of ${lane.cohort}: ${prose(damageWords(lane))}.`;
  return markup`<figure class="lane-figure">${laneFigure(lane, caption)}</figure>${laneKey()}`;
}

/** The page. @param story the capsule's events as lines, as `explain` prints them */
export function renderLanePage(capsule: LanePage, story: readonly string[]): string {
  const { trial, checker, verdict, runner, replay } = capsule;
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>Agent Derby: ${checker} in ${trial}</title>${styles(["page.css", "lanes.css"])}</head>
<body>${lanePatterns()}<header><h1>${checker} is broken</h1>
<p class="question">${verdict.claim}</p>
<p class="meta">Trial ${trial} of ${runner.name}. ${verdict.reason}</p></header>
<main>${drawing(capsule)}
<h2>The story</h2><pre><code>${story.join("\n")}</code></pre>
<p>Repeat the trial with <code>${replay}</code></p></main>
</body></html>
`;
  return page.text;
}
