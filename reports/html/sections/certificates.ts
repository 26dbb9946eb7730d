/** The certificate of each trial, folded: every figure that says whether it may be believed, beside its limit, and the cause where one was passed. */

import type { TrialSummary } from "../../../harness/summary.ts";
import type { GcHealth, Quantiles } from "../../../harness/trial.ts";
import type {
  Certificate,
  CoreFigures,
  GuardedFigure,
  HarnessProcessFigures,
} from "../../../harness/validity/certificate.ts";
import { count, counted, duration, NOTHING, share } from "../../format.ts";
import { command, foldedOf } from "../fold.ts";
import { type Markup, markup } from "../markup.ts";
import { type Cell, table } from "../table.ts";
import { certificateAnchor } from "../trial-table.ts";

const absent: Cell = { content: NOTHING, tone: "quiet" };
const shareCell = (value: number | null): Cell => (value === null ? absent : share(value));
/** To a hundredth: what passed its limit by little must not look like the limit. */
const written = (value: number, unit: GuardedFigure["unit"]): string => `${Number(value.toFixed(2))} ${unit}`;

function judgedCell({ kept, means, measured, limit }: GuardedFigure): Cell {
  if (measured === null) return { content: "not measured", tone: "quiet" };
  if (kept === null && measured > limit) return { content: "over it, by too few to judge", tone: "notable" };
  if (kept === null) return { content: "too few to judge", tone: "quiet" };
  return kept ? markup`<span class="kept">kept</span>` : { content: `exceeded: ${means}`, tone: "notable" };
}

function limits({ guarded }: Certificate): Markup {
  return table({
    caption: markup`<b>Limits</b>. A figure of too few turns is shown and not judged.`,
    columns: [{ head: "figure", align: "text" }, { head: "measured" }, { head: "limit" }, { head: "", align: "text" }],
    rows: guarded.map((one) => ({
      cells: [
        one.figure,
        one.measured === null ? absent : written(one.measured, one.unit),
        `≤ ${written(one.limit, one.unit)}`,
        judgedCell(one),
      ],
    })),
  });
}

const delayCell = (delay: Quantiles | null, of: "p50" | "p99" | "max"): Cell =>
  delay === null ? absent : duration(delay[of]);
const gcCell = (gc: GcHealth | null, of: (gc: GcHealth) => string): Cell => (gc === null ? absent : of(gc));

function processes({ processes: ours }: Certificate): Markup {
  const row = (name: string, { cpuShare, loopDelayMs, gc, peakSockets, scheduling }: HarnessProcessFigures) => ({
    cells: [
      name,
      shareCell(cpuShare),
      delayCell(loopDelayMs, "p50"),
      delayCell(loopDelayMs, "p99"),
      delayCell(loopDelayMs, "max"),
      gcCell(gc, ({ counts }) => `${count(counts.major)} / ${count(counts.minor)}`),
      gcCell(gc, ({ totalMs }) => duration(totalMs)),
      gcCell(gc, ({ longestMs }) => duration(longestMs)),
      peakSockets === null ? absent : count(peakSockets),
      scheduling ?? absent,
    ],
  });
  const [delay, gc] = ["an event waits for the loop", "garbage collections"];
  return table({
    caption: markup`<b>The harness's own processes</b>. CPU in calm and fault, the rest over the whole trial.`,
    columns: [
      { head: "process", align: "text" },
      { head: "CPU, of one core" },
      { head: "p50", group: delay },
      { head: "p99", group: delay },
      { head: "max", group: delay },
      { head: "major / minor", group: gc },
      { head: "in all", group: gc },
      { head: "longest", group: gc },
      { head: "sockets, at most" },
      { head: "scheduled", align: "text" },
    ],
    rows: [row("driver", ours.driver), row("World", ours.world), row("supervisor", ours.supervisor)],
  });
}

function machine({ machine: found }: Certificate): Markup {
  if (found === null) return markup`<p>Steal, pressure and other programs were not measured.</p>`;
  const { harness, runtime, pressure } = found;
  const row = (name: string, { cores, ownShare, foreignShare, stealShare }: CoreFigures) => ({
    cells: [name, cores ?? "all", share(ownShare), share(foreignShare), share(stealShare)],
  });
  const waited =
    pressure === null
      ? "Pressure was not measured."
      : `Somebody on the machine waited for CPU in ${share(pressure.cpu)} of the time, for memory in ${share(pressure.memory)}, for disks in ${share(pressure.io)}.`;
  return markup`${table({
    caption: markup`<b>The machine</b> in calm and fault: who had the cores. A few percent of others are noise of the counters.`,
    columns: [
      { head: runtime === null ? "cores" : "cores of the", align: "text" },
      { head: "are" },
      { head: "own use" },
      { head: "other programs" },
      { head: "steal" },
    ],
    rows: runtime === null ? [row("all", harness)] : [row("harness", harness), row("runtime", runtime)],
  })}<p>${waited}</p>`;
}

function arrivals({ arrivals: { due, unsent, lateFirstAttempts, lateTurns, distance } }: Certificate): Markup {
  const behind = distance === null ? "" : ` At most ${share(distance)} of all turns were off the plan at once.`;
  return markup`<p><b>Arrivals.</b> Of ${counted(due, "turn")} that fell due in calm and fault, ${count(unsent)} were not offered and ${count(lateFirstAttempts)} left late; ${counted(lateTurns, "turn")} passed their deadline, which is the runtime's affair.${behind}</p>`;
}

function isolation({ cores, strays }: Certificate): Markup {
  if (cores === null)
    return markup`<p class="notable">Isolation: none. Harness and runtime shared all cores, so no gate uses this trial.</p>`;
  const split = `harness on ${cores.harness}, runtime on ${cores.runtime}`;
  if (strays.length === 0) return markup`<p><b>Isolation.</b> ${split}; nobody was seen on the other side.</p>`;
  const seen = strays.map(
    ({ comm, pid, who, cores: where, seen: times, ran, looks }) =>
      markup`<li>${comm} (pid ${pid}) of the ${who} might run on ${where} in ${times} of ${looks} looks, and had run there in ${ran}</li>`,
  );
  return markup`<p class="notable">Isolation: ${split}; off their cores:</p><ul class="evidence">${seen}</ul>`;
}

/** A live page has to be served by somebody, and that was the supervisor. */
function watched({ watched: pages }: Certificate): Markup | null {
  if (pages === undefined) return null;
  return markup`<p><b>Watched.</b> A live page was served meanwhile, from the harness's cores, and at most ${counted(pages, "page")} ${pages === 1 ? "was" : "were"} open at once; what it cost is in the supervisor's figures.</p>`;
}

/** What a reader who doubts the trial would ask, in that order. */
export function certificateOf({ id, validity, command: repeat }: TrialSummary, runner: string): Markup {
  const { verdict, reasons, certificate, saturated, gateable } = validity;
  const passed = reasons.map((reason) => markup`<li>${reason}</li>`);
  const because = passed.length === 0 ? null : markup`<ul class="evidence">${passed}</ul>`;
  const notes = [verdict, ...(saturated ? ["saturated"] : []), ...(gateable ? [] : ["cannot gate"])];
  return foldedOf(
    { runner },
    markup`<b>${id}</b>: ${notes.join(", ")}`,
    markup`<div id="${certificateAnchor(id)}">${because}${limits(certificate)}${arrivals(certificate)}${isolation(certificate)}${machine(certificate)}${processes(certificate)}${watched(certificate)}<p class="aside">Repeat this trial: ${command(repeat)}</p></div>`,
  );
}
