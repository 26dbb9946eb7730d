/** The certificate of a trial as lines of text: limits beside their figures, arrivals, our processes, the machine, the cores. */
import type {
  Certificate,
  CoreFigures,
  GuardedFigure,
  HarnessProcessFigures,
} from "../harness/validity/certificate.ts";
import { textTable } from "./table.ts";

const NOT_MEASURED = "–";
const percent = (share: number | null): string =>
  share === null ? NOT_MEASURED : `${Math.round(share * 1000) / 10} %`;
const ms = (value: number | undefined): string =>
  value === undefined ? NOT_MEASURED : `${Math.round(value * 10) / 10}`;

function judged({ kept, means, measured }: GuardedFigure): string {
  if (kept === null) return measured === null ? "not measured" : "too few to judge";
  return kept ? "kept" : `EXCEEDED: ${means}`;
}

const limitRows = (guarded: readonly GuardedFigure[]): string[][] =>
  guarded.map((one) => [
    `The ${one.figure}`,
    one.measured === null ? NOT_MEASURED : `${one.measured} ${one.unit}`,
    `≤ ${one.limit} ${one.unit}`,
    judged(one),
  ]);

function processRow(
  name: string,
  { loopDelayMs, gc, cpuShare, peakSockets, scheduling }: HarnessProcessFigures,
): string[] {
  return [
    name,
    percent(cpuShare),
    [loopDelayMs?.p50, loopDelayMs?.p99, loopDelayMs?.max].map(ms).join(" / "),
    gc === null ? NOT_MEASURED : `${Object.values(gc.counts).reduce((sum, count) => sum + count, 0)}`,
    `${ms(gc?.totalMs)} / ${ms(gc?.longestMs)}`,
    peakSockets === null ? NOT_MEASURED : String(peakSockets),
    scheduling ?? NOT_MEASURED,
  ];
}

function coresRow(name: string, { cores, ownShare, foreignShare, stealShare }: CoreFigures): string[] {
  return [name, cores ?? "all", percent(ownShare), percent(foreignShare), percent(stealShare)];
}

function machineLines({ machine }: Certificate): string[] {
  if (machine === null) return ["Steal, pressure and other processes were not measured."];
  const { harness, runtime, pressure } = machine;
  const rows = [coresRow("harness", harness), ...(runtime === null ? [] : [coresRow("runtime", runtime)])];
  return [
    ...textTable(["cores of", "are", "own use", "others", "steal"], rows).split("\n"),
    pressure === null
      ? "Pressure was not measured."
      : `Somebody waited for CPU in ${percent(pressure.cpu)} of the time, for memory in ${percent(pressure.memory)}, for disks in ${percent(pressure.io)}.`,
  ];
}

function isolationLine({ cores, strays }: Certificate): string {
  if (cores === null) return "Isolation: none, harness and runtime shared all cores, so no gate uses this trial.";
  const split = `harness on ${cores.harness}, runtime on ${cores.runtime}`;
  if (strays.length === 0) return `Isolation: ${split}; nobody was seen on the other side.`;
  const named = strays.map(
    ({ comm, pid, who, seen, looks }) => `${comm} (pid ${pid}, ${who}, ${seen} of ${looks} looks)`,
  );
  return `Isolation: ${split}; off their cores: ${named.join(", ")}.`;
}

/** The certificate in lines, in the order in which a doubt would ask for them. */
export function certificateLines(certificate: Certificate): string[] {
  const { guarded, arrivals, processes } = certificate;
  const { due, unsent, lateFirstAttempts, lateTurns } = arrivals;
  return [
    "Certificate",
    ...textTable(["figure", "measured", "limit", ""], limitRows(guarded)).split("\n"),
    `Of ${due} turns that fell due, ${unsent} were not offered and ${lateFirstAttempts} left late; ${lateTurns} turns passed their deadline.`,
    ...textTable(
      ["process", "CPU", "loop delay ms p50 / p99 / max", "collections", "ms all / longest", "sockets", "scheduled"],
      [
        processRow("driver", processes.driver),
        processRow("World", processes.world),
        processRow("supervisor", processes.supervisor),
      ],
    ).split("\n"),
    ...machineLines(certificate),
    isolationLine(certificate),
  ];
}
