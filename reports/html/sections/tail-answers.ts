/** Who has the shortest tail, in sentences: bands of runners that cannot be told apart, or why nobody is compared. */
import type { Summary } from "../../../harness/summary.ts";
import { duration, NOT_ENOUGH } from "../../format.ts";
import type { Tail, TailOfRunner } from "../../tails.ts";
import { anchor, type Markup, markup } from "../markup.ts";
import { type Group, groupLines, type Told } from "./answer-groups.ts";

/** "38 to 42 ms": the unit once where both have it. */
function spread(low: string, high: string): string {
  const unit = / \S+$/.exec(high)?.[0] ?? "";
  return `${low.endsWith(unit) ? low.slice(0, low.length - unit.length) : low} to ${high}`;
}

/** "40 ms (38 to 42 ms)": a tail with its interval, or why there is none. */
function tailText({ valueMs, interval, why }: TailOfRunner): string {
  if (valueMs === null) return why ?? NOT_ENOUGH;
  const within = interval === null ? "" : ` (${spread(duration(interval.low), duration(interval.high))})`;
  return `${duration(valueMs)}${within}${why === null ? "" : `, ${why}`}`;
}

const told = (rows: readonly TailOfRunner[]): Told[] =>
  rows.map((row) => ({ runner: row.runner, says: tailText(row) }));

function tailGroups({ runners, bands, unranked }: Tail): Group[] {
  if (unranked !== null)
    return [{ lead: `${unranked.charAt(0).toUpperCase()}${unranked.slice(1)}.`, tone: "quiet", told: told(runners) }];
  const band = (wanted: number) => runners.filter((row) => row.band === wanted);
  const groups = Array.from({ length: bands }, (_, index): Group => {
    const own = band(index + 1);
    const equal = own.length > 1 ? " (equal: intervals overlap)" : "";
    const lead =
      bands === 1 ? "No difference shown (intervals overlap):" : index === 0 ? `Shortest${equal}:` : `Then${equal}:`;
    return { lead, tone: index === 0 && bands > 1 ? "good" : "quiet", told: told(own) };
  });
  return [...groups, { lead: "Not ranked:", tone: "quiet", told: told(runners.filter((row) => row.band === null)) }];
}

/** Where the answer on one tail stands. */
const tailAnchor = ({ scenario, cohort }: Tail): string => anchor("answer", "tail", scenario, cohort);

/** Tails side by side, in bands where intervals tell them apart. */
export function tailRow(summary: Summary, tails: readonly Tail[]): Markup | null {
  if (tails.length === 0) return null;
  const parts = tails.map((tail) => {
    const { scenario, cohort, phase, quantile } = tail;
    const link = markup`<a href="#${anchor("scenario", scenario)}">${scenario}</a>`;
    return markup`<div class="tail" id="${tailAnchor(tail)}"><span class="aside">Overhead ${quantile} of ${cohort} in ${link}, ${phase}.</span> ${groupLines(summary, "tail", tailGroups(tail))}</div>`;
  });
  return markup`<div class="answer" id="${anchor("answer", "tail")}"><h2>Who has the shortest tail?</h2><div>${parts}</div></div>`;
}
