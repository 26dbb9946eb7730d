/**
 * Evidence: everything measured about a trial that its validity is judged by, from its recording alone. What a recording does not hold
 * (another system, an older version) is null and never guessed.
 */
import type { HistoryIndex } from "../checkers/history-index.ts";
import { spanOf } from "../checkers/trial-facts.ts";
import type { TrialEvent } from "../history.ts";
import { parseCores } from "../processes/cores.ts";
import { round } from "../statistics/round.ts";
import type { HarnessProcessName, Quantiles, TrialOutcome, TrialPlan } from "../trial.ts";
import { arrivalsOf } from "./arrivals.ts";
import type { ArrivalCheck, Certificate, CoreFigures, HarnessProcessFigures, StrayProcess } from "./certificate.ts";

type MachineEvent = Extract<TrialEvent, { readonly e: "machine" }>;
type SampleEvent = Extract<TrialEvent, { readonly e: "sample" }>;
type MachineFigures = Certificate["machine"];

/** What a verdict is made of. */
export interface Evidence {
  readonly startLagMs: Quantiles | null;
  readonly frameLatenessMs: Quantiles | null;
  readonly calmCoreShare: number | null;
  readonly arrivals: ArrivalCheck;
  readonly processes: Certificate["processes"];
  readonly machine: MachineFigures;
  /** Share of the runtime's cores that strangers and the hypervisor had; null where unknown, or where strangers are a fault of the plan. */
  readonly runtimeLostShare: number | null;
  readonly strays: readonly StrayProcess[];
}

/** First and last of some cumulative counters. */
interface Span<Event> {
  readonly first: Event;
  readonly last: Event;
  readonly lengthMs: number;
}

function spanned<Event extends { readonly t: number }>(events: readonly Event[]): Span<Event> | null {
  const [first, last] = [events[0], events.at(-1)];
  if (first === undefined || last === undefined || last.t <= first.t) return null;
  return { first, last, lengthMs: last.t - first.t };
}

/** Faults that are strangers on the runtime's cores: what these use is meant to be lost. */
const STRANGERS: ReadonlySet<string> = new Set(["burn-beside"]);

function lostShare(plan: TrialPlan, machine: MachineFigures): number | null {
  if (machine === null || machine.runtime === null || plan.faults.some(({ kind }) => STRANGERS.has(kind))) return null;
  return share(machine.runtime.foreignShare + machine.runtime.stealShare);
}

/** Growth of a counter over a span, per millisecond; never negative. */
function rate<Event>({ first, last, lengthMs }: Span<Event>, counter: (event: Event) => number): number {
  return Math.max(0, (counter(last) - counter(first)) / lengthMs);
}

const share = (value: number): number => round(Math.max(0, value), 4);

/** Shares of one side's cores. @param known rate of CPU time of those who belong there */
function coreFigures(
  span: Span<MachineEvent>,
  side: "harness" | "runtime",
  cores: string | null,
  count: number,
  known: number,
): CoreFigures {
  const busy = rate(span, (event) => event[side]?.busyMs ?? 0);
  return {
    cores,
    ownShare: share(known / count),
    foreignShare: share((busy - known) / count),
    stealShare: share(rate(span, (event) => event[side]?.stealMs ?? 0) / count),
  };
}

function pressureShares(span: Span<MachineEvent>): NonNullable<MachineFigures>["pressure"] {
  if (span.first.pressure === null || span.last.pressure === null) return null;
  const of = (what: "cpuMs" | "memoryMs" | "ioMs"): number =>
    share(rate(span, ({ pressure }) => pressure?.[what] ?? 0));
  return { cpu: of("cpuMs"), memory: of("memoryMs"), io: of("ioMs") };
}

const NAMES = ["driver", "world", "supervisor"] as const satisfies readonly HarnessProcessName[];
const ownMs = ({ cpuMs, restCpuMs }: MachineEvent): number => NAMES.reduce((sum, name) => sum + cpuMs[name], restCpuMs);

function machineFigures(
  machine: Span<MachineEvent> | null,
  samples: Span<SampleEvent> | null,
  split: TrialOutcome["cores"],
  allCores: number,
): MachineFigures {
  if (machine === null) return null;
  const own = rate(machine, ownMs);
  const runtime = samples === null ? 0 : rate(samples, ({ appCpuMs, storeCpuMs }) => appCpuMs + storeCpuMs);
  const count = (list: string): number => Math.max(1, parseCores(list).length);
  return {
    harness:
      split === null
        ? coreFigures(machine, "harness", null, allCores, own + runtime)
        : coreFigures(machine, "harness", split.harness, count(split.harness), own),
    runtime: split === null ? null : coreFigures(machine, "runtime", split.runtime, count(split.runtime), runtime),
    pressure: pressureShares(machine),
  };
}

function processFigures(
  span: Span<MachineEvent> | null,
  looks: readonly MachineEvent[],
  health: TrialOutcome["health"],
): Certificate["processes"] {
  const figures = (name: HarnessProcessName): HarnessProcessFigures => ({
    loopDelayMs: health.processes?.[name].loopDelayMs ?? null,
    gc: health.processes?.[name].gc ?? null,
    cpuShare:
      span === null ? (health.processes?.[name].cpuShare ?? null) : share(rate(span, ({ cpuMs }) => cpuMs[name])),
    peakSockets: looks.length === 0 ? null : Math.max(...looks.map(({ sockets }) => sockets[name])),
    scheduling: health.processes?.[name].scheduling ?? null,
  });
  return { driver: figures("driver"), world: figures("world"), supervisor: figures("supervisor") };
}

/** Processes that were seen off their cores in the measured phases, the most seen first. */
function straysOf(events: readonly TrialEvent[], looks: number): StrayProcess[] {
  const strays = new Map<string, StrayProcess>();
  for (const event of events) {
    if (event.e !== "stray") continue;
    const { who, pid, comm, cores, ran } = event;
    const known = strays.get(`${who} ${pid}`);
    strays.set(`${who} ${pid}`, {
      who,
      pid,
      comm,
      cores,
      seen: (known?.seen ?? 0) + 1,
      ran: (known?.ran ?? 0) + (ran ? 1 : 0),
      looks,
    });
  }
  return [...strays.values()].sort((a, b) => b.seen - a.seen || a.pid - b.pid);
}

/**
 * Gathers the evidence of one trial.
 * @param startLagMs,calmCoreShare as computed for the summary
 * @param allCores cores of the machine, for trials that were not pinned
 */
export function evidenceOf(
  plan: TrialPlan,
  index: HistoryIndex,
  trial: readonly TrialEvent[],
  outcome: TrialOutcome,
  {
    startLagMs,
    calmCoreShare,
    allCores,
  }: Pick<Evidence, "startLagMs" | "calmCoreShare"> & { readonly allCores: number },
): Evidence {
  const fromMs = spanOf(index.phases, "calm")?.fromMs ?? Number.POSITIVE_INFINITY;
  const toMs = spanOf(index.phases, "heal")?.fromMs ?? index.endMs;
  const measured = trial.filter(({ t }) => t >= fromMs && t < toMs);
  const looks = trial.filter((event) => event.e === "machine");
  const machine = spanned(measured.filter((event) => event.e === "machine"));
  const samples = spanned(measured.filter((event) => event.e === "sample"));
  const figures = machineFigures(machine, samples, outcome.cores, allCores);
  return {
    startLagMs,
    frameLatenessMs: outcome.health.frameLatenessMs,
    calmCoreShare,
    arrivals: arrivalsOf(plan, index),
    processes: processFigures(machine, looks, outcome.health),
    machine: figures,
    runtimeLostShare: lostShare(plan, figures),
    strays: straysOf(measured, measured.filter(({ e }) => e === "machine").length),
  };
}
