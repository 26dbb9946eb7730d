/** What the runtime used: memory, CPU, collections, restarts. Memory and CPU come from samples of /proc, ten a second. */
import type { HistoryIndex, PhaseSpan } from "../checkers/history-index.ts";
import { phaseAt, spanOf } from "../checkers/trial-facts.ts";
import { PHASES, type TrialEvent } from "../history.ts";
import type { GcByPhase } from "../observation.ts";
import { round, roundOrNull } from "../statistics/round.ts";
import { medianOf } from "../statistics/tail-quantiles.ts";
import type { TrialSummary } from "../summary.ts";

type Sample = Extract<TrialEvent, { readonly e: "sample" }>;

const MB = 1024 * 1024;
const GC_KINDS: readonly GcByPhase["kind"][] = ["major", "minor", "incremental", "weak", "local"];
/** With fewer major collections in the fault phase, a scenario about collecting has not collected. */
const MAJORS_LEAST = 5;

const samplesIn = (trial: readonly TrialEvent[], fromMs: number, toMs: number): Sample[] =>
  trial.filter((event): event is Sample => event.e === "sample" && event.t >= fromMs && event.t < toMs);

/** CPU milliseconds and length of the calm phase as far as samples cover it; null with fewer than two. */
function calmCpu(trial: readonly TrialEvent[], calm: PhaseSpan | null) {
  const samples = calm === null ? [] : samplesIn(trial, calm.fromMs, calm.toMs);
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.t <= first.t) return null;
  return {
    appMs: last.appCpuMs - first.appCpuMs,
    storeMs: last.storeCpuMs - first.storeCpuMs,
    fromMs: first.t,
    toMs: last.t,
  };
}

/** CPU time of the runtime and its database in calm over the time its cores offered; null without samples. */
export function calmCoreShareOf(index: HistoryIndex, trial: readonly TrialEvent[], cores: number): number | null {
  const cpu = calmCpu(trial, spanOf(index.phases, "calm"));
  return cpu === null ? null : round((cpu.appMs + cpu.storeMs) / ((cpu.toMs - cpu.fromMs) * Math.max(1, cores)), 3);
}

function acknowledgedBetween(index: HistoryIndex, fromMs: number, toMs: number): number {
  let acknowledged = 0;
  for (const { turns } of index.sessions)
    for (const { acknowledged: ok } of turns)
      if (ok !== null && ok.event.t > fromMs && ok.event.t <= toMs) acknowledged += 1;
  return acknowledged;
}

function liveAt(index: HistoryIndex, ms: number): number {
  return index.sessions.filter(({ arrivedMs, leftMs }) => arrivedMs !== null && arrivedMs <= ms && (leftMs ?? ms) >= ms)
    .length;
}

/** Memory per live session and CPU per acknowledged turn, in calm. Idle is before the load began. */
export function usageOf(index: HistoryIndex, trial: readonly TrialEvent[]): TrialSummary["usage"] {
  const calm = spanOf(index.phases, "calm");
  const rssMb = (samples: readonly Sample[]): number | null =>
    medianOf(samples.map(({ appRssBytes }) => appRssBytes / MB));
  // Before it is ready a process is not idle but starting.
  const readyMs = trial.findLast(({ e, t }) => e === "ready" && t <= index.loadMs)?.t ?? Number.NEGATIVE_INFINITY;
  const idle = rssMb(samplesIn(trial, readyMs, index.loadMs));
  const busy = calm === null ? null : rssMb(samplesIn(trial, calm.fromMs, calm.toMs));
  const live = calm === null ? 0 : liveAt(index, (calm.fromMs + calm.toMs) / 2);
  const cpu = calmCpu(trial, calm);
  const answers = cpu === null ? 0 : acknowledgedBetween(index, cpu.fromMs, cpu.toMs);
  const perTurn = (ms: number | undefined): number | null =>
    ms === undefined || answers === 0 ? null : round(ms / answers, 2);
  return {
    idleRssMb: roundOrNull(idle, 1),
    calmRssMb: roundOrNull(busy, 1),
    kbPerSession: idle === null || busy === null || live === 0 ? null : round(((busy - idle) * 1024) / live, 1),
    appCpuMsPerTurn: perTurn(cpu?.appMs),
    storeCpuMsPerTurn: perTurn(cpu?.storeMs),
  };
}

/** Collections in the fault phase; null where the runtime reports none at all. */
export function gcOf(index: HistoryIndex, trial: readonly TrialEvent[], isTheQuestion: boolean): TrialSummary["gc"] {
  const all = trial.filter((event) => event.e === "gc");
  if (all.length === 0) return null;
  const inFault = all.filter(({ t }) => phaseAt(index.phases, t) === "fault");
  const majors = inFault.filter(({ kind }) => kind === "major").length;
  // A runtime that collects session by session is told of its long collections alone.
  const locals = inFault.filter(({ kind }) => kind === "local").length;
  return {
    majors,
    minors: inFault.filter(({ kind }) => kind === "minor").length,
    longestMs: round(
      inFault.reduce((longest, { ms }) => Math.max(longest, ms), 0),
      2,
    ),
    exercised: isTheQuestion ? majors + locals >= MAJORS_LEAST : null,
    byPhase: gcByPhase(index, all),
  };
}

/** Number, total and longest of the collections of each kind in each phase; rows without any are left out. */
function gcByPhase(index: HistoryIndex, collections: readonly Extract<TrialEvent, { e: "gc" }>[]): GcByPhase[] {
  const rows = new Map<string, { count: number; totalMs: number; longestMs: number }>();
  for (const { t, kind, ms } of collections) {
    const key = `${phaseAt(index.phases, t) ?? ""} ${kind}`;
    const row = rows.get(key) ?? { count: 0, totalMs: 0, longestMs: 0 };
    rows.set(key, { count: row.count + 1, totalMs: row.totalMs + ms, longestMs: Math.max(row.longestMs, ms) });
  }
  return PHASES.flatMap((phase) =>
    GC_KINDS.flatMap((kind) => {
      const row = rows.get(`${phase} ${kind}`);
      if (row === undefined) return [];
      return { phase, kind, count: row.count, totalMs: round(row.totalMs, 1), longestMs: round(row.longestMs, 2) };
    }),
  );
}

/** Ends of processes before the end of the trial: at our hands, and by themselves. */
export function restartsOf(index: HistoryIndex, trial: readonly TrialEvent[]): TrialSummary["restarts"] {
  const stopMs = spanOf(index.phases, "end")?.fromMs ?? Number.POSITIVE_INFINITY;
  const exits = trial.filter((event) => event.e === "exit" && event.t < stopMs);
  const byFault = exits.filter((exit) => exit.e === "exit" && exit.expected).length;
  return { byFault, unexpected: exits.length - byFault };
}
