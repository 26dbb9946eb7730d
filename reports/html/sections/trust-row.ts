/** The first screen's answer to whether the run can be trusted: a word, the facts behind it, and what does not count. */
import type { Summary } from "../../../harness/summary.ts";
import { counted, listed } from "../../format.ts";
import { type TrustAnswer, trustAnswer } from "../../trust-answer.ts";
import { sentence } from "../../trust-note.ts";
import { type Markup, markup, prose } from "../markup.ts";
import { certificateAnchor } from "../trial-table.ts";

/** Trials that are named with their reasons; the others are counted, and named further down. */
const NAMED_MOST = 2;
/** Characters of a reason that stand here; the certificate has all of it. */
const REASON_MOST = 110;

const WORDS: Readonly<Record<TrustAnswer["verdict"], { readonly says: string; readonly tone: string }>> = {
  yes: { says: "Yes.", tone: "good" },
  "in part": { says: "In part.", tone: "notable" },
  no: { says: "No.", tone: "broken" },
};

const CALIBRATION: Readonly<Record<TrustAnswer["calibration"], string>> = {
  passed: "The driver passed its calibration.",
  failed: "The driver failed its calibration, so differences in time say nothing.",
  none: "The driver was not calibrated.",
};

function blocksText(blocks: number): string {
  return blocks === 1 ? "One block, so times are not ranked." : `${blocks} blocks.`;
}

function facts(answer: TrustAnswer): string {
  return [
    `${answer.valid} of ${counted(answer.trials, "trial")} ${answer.trials === 1 ? "counts" : "count"}.`,
    ...(answer.complete ? [] : ["The campaign is not complete."]),
    CALIBRATION[answer.calibration],
    ...(answer.incomparable.length === 0 ? [] : [`Not comparable: ${listed(answer.incomparable)}.`]),
    blocksText(answer.blocks),
  ].join(" ");
}

/** As many whole words as fit. */
function cut(text: string): string {
  const whole = sentence(text);
  return whole.length <= REASON_MOST ? whole : `${whole.slice(0, REASON_MOST).replace(/[\s.,;:(]*\S*$/, "")} …`;
}

function lostItems(summary: Summary, { lost }: TrustAnswer): Markup | null {
  if (lost.length === 0) return null;
  const recorded = new Set(
    summary.scenarios.flatMap(({ results }) => results.flatMap(({ trials }) => trials.map(({ id }) => id))),
  );
  const items = lost.slice(0, NAMED_MOST).map(({ trial, reason }) => {
    const why = recorded.has(trial) ? markup` <a href="#${certificateAnchor(trial)}">why</a>` : null;
    return markup`<li class="long" data-answer="lost" data-trial="${trial}"><b>${trial}</b> ${prose(cut(reason))}${why}</li>`;
  });
  const more = lost.length - items.length;
  const rest = more <= 0 ? null : markup`<li>and <a href="#trust">${counted(more, "more trial")}</a></li>`;
  return markup`<div class="group"><span class="notable">Does not count:</span> <ul>${items}${rest}</ul></div>`;
}

export function trustRow(summary: Summary): Markup {
  const answer = trustAnswer(summary);
  const { says, tone } = WORDS[answer.verdict];
  return markup`<div class="answer" id="answer.trust"><h2>Can this run be trusted?</h2><div><div class="group" data-answer="trust"><b class="${tone}">${says}</b> ${prose(facts(answer))} <a href="#trust">All notes</a></div>${lostItems(summary, answer)}</div></div>`;
}
