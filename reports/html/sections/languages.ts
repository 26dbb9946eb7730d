/** What differs within a language beside what differs across: one row per question, one column per language. */
import type { Summary } from "../../../harness/summary.ts";
import { duration, NOT_ENOUGH } from "../../format.ts";
import { type LanguageTail, languagesOf, tailsByLanguage } from "../../languages.ts";
import { anchor, type Markup, markup } from "../markup.ts";
import { runnerName } from "../runner-name.ts";
import { type Cell, table } from "../table.ts";

function cell(summary: Summary, tail: LanguageTail | null): Cell {
  if (tail === null) return { content: NOT_ENOUGH, tone: "quiet" };
  const { runners, lowMs, highMs } = tail;
  const range = runners.length === 1 ? duration(lowMs) : markup`<b>${duration(lowMs)} to ${duration(highMs)}</b>`;
  return markup`${range}<ul class="evidence">${runners.map(
    ({ runner, valueMs }) => markup`<li>${runnerName(summary, runner)} ${duration(valueMs)}</li>`,
  )}</ul>`;
}

/** Null where all contestants share one language. */
export function languagesSection(summary: Summary): Markup | null {
  const tails = tailsByLanguage(summary);
  if (tails.length === 0) return null;
  const text = { align: "text" } as const;
  const rows = tails.map(({ scenario, cohort, phase, quantile, languages }) => ({
    cells: [
      markup`overhead ${quantile} of ${cohort} in <a href="#${anchor("scenario", scenario)}">${scenario}</a>, ${phase}`,
      ...languages.map((language) => cell(summary, language)),
    ],
  }));
  return markup`<section id="languages"><h2>Within a language, and across</h2><p>Within a column runtimes differ, and what they promise. From column to column whole stacks do: engine, libraries, arithmetic. Ranges are of the runners that took part, not intervals.</p>
${table({ caption: "Tails by language.", columns: ["asked", ...languagesOf(summary)].map((head) => ({ head, ...text })), rows })}</section>`;
}
