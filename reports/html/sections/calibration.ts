/** What the driver made of servers whose every answer is known beforehand: each figure beside the truth and the error it may have. */
import type { CalibrationRow, CalibrationRun, CalibrationTable } from "../../../harness/calibration.ts";
import type { Summary } from "../../../harness/summary.ts";
import { count, duration, NOTHING } from "../../format.ts";
import { type Markup, markup } from "../markup.ts";
import { type Cell, table } from "../table.ts";

const FIGURES = ["p50", "p99", "max"] as const;

/** To a tenth of a millisecond: errors are smaller than what `duration` tells apart. */
const exact = (ms: number): string => String(Number(ms.toFixed(1)));

/** "102.4 of 100 ms +2.4 ± 1": measured, the truth, the error and how large it may be. */
function figureCell(row: CalibrationRow | undefined): Cell {
  if (row === undefined) return { content: NOTHING, tone: "quiet" };
  const error = `${row.errorMs > 0 ? "+" : ""}${exact(row.errorMs)}`;
  const emphasis = row.passed ? error : markup`<span class="notable">${error}</span>`;
  return markup`<span class="aside">${exact(row.measuredMs)} of ${exact(row.trueMs)} ms</span> ${emphasis} <span class="aside">± ${exact(row.limitMs)}</span>`;
}

function verdictCell({ passed, unanswered, rows }: CalibrationTable): Cell {
  if (passed) return markup`<span class="kept">right</span>`;
  const whose = new Set(rows.flatMap(({ fault }) => fault ?? []));
  const parts = [
    ...(unanswered > 0 ? [`${count(unanswered)} unanswered`] : []),
    ...(whose.has("driver") ? ["off"] : []),
    ...(whose.has("server") ? ["server late"] : []),
  ];
  return { content: parts.join(", ") || "off", tone: "notable" };
}

function runTable({ tables, beforeTrial, recorded, pinned, problem }: CalibrationRun): Markup {
  const when = beforeTrial === null ? "" : ` before ${beforeTrial}`;
  const cores = pinned ? "" : " Harness and server shared their cores.";
  return table({
    caption: markup`Recorded ${recorded}${when}.${cores} Measured against what an ideal client would have seen, by arithmetic; a server whose table is off is measured once more, and counts as right if either try is.${problem === null ? null : markup` <b>Not carried out to its end: ${problem}</b>`}`,
    columns: [
      { head: "server", align: "text" },
      { head: "try" },
      { head: "turns" },
      { head: "", align: "text" },
      ...FIGURES.map((head) => ({ head, group: "measured of true, error in ms, and how large it may be" })),
      { head: "server late by" },
    ],
    rows: tables.map((one) => ({
      cells: [
        one.server,
        String(one.attempt),
        count(one.turns),
        verdictCell(one),
        ...FIGURES.map((wanted) => figureCell(one.rows.find(({ figure }) => figure === wanted))),
        duration(one.serverLateMs.max),
      ],
    })),
  });
}

export function calibrationSection({ calibration }: Summary): Markup {
  const body =
    calibration === null
      ? markup`<p>The driver was not held against known answers before these trials.</p>`
      : calibration.runs.map(runTable);
  return markup`<section id="calibration"><h2>Calibration of the driver</h2>${body}</section>`;
}
