/**
 * Answers as groups of runners: a lead, then each runner with what is particular to it. Promises: each runner's answer can be found by
 * `data-answer` and `data-runner`.
 */
import type { Summary } from "../../../harness/summary.ts";
import { anchor, type Markup, markup, prose } from "../markup.ts";
import { runnerKey } from "../runner-name.ts";

/** One runner under a question, with what is particular to it. */
export interface Told {
  readonly runner: string;
  readonly says: string;
}

/** Runners with one answer. */
export interface Group {
  readonly lead: string;
  readonly tone: "good" | "notable" | "quiet";
  readonly told: readonly Told[];
}

function chip(summary: Summary, answer: string, { runner, says }: Told): Markup {
  const rest = says === "" ? null : markup` ${prose(says)}`;
  return markup`<li data-answer="${answer}" data-runner="${runner}">${runnerKey(summary, runner)}<b>${runner}</b>${rest}</li>`;
}

/** Groups without a runner are left out. */
export function groupLines(summary: Summary, answer: string, groups: readonly Group[]): readonly Markup[] {
  return groups
    .filter(({ told }) => told.length > 0)
    .map(
      ({ lead, tone, told }) =>
        markup`<div class="group"><span class="${tone}">${lead}</span> <ul>${told.map((one) => chip(summary, answer, one))}</ul></div>`,
    );
}

/** One question with its answers. */
export function question(summary: Summary, answer: string, asks: string, groups: readonly Group[]): Markup {
  return markup`<div class="answer" id="${anchor("answer", answer)}"><h2>${asks}</h2><div>${groupLines(summary, answer, groups)}</div></div>`;
}
