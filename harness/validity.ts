/**
 * Validity: whether a trial says anything about the runtime, with the certificate by which anybody can check that. A trial is void only
 * for causes on the harness's side. Where the two sides could not be kept apart nobody is to blame: its isolation failed.
 */
import type { Validity } from "./summary.ts";
import type { Profiled, TrialOutcome } from "./trial.ts";
import { causesOf } from "./validity/causes.ts";
import type { GuardedFigure, StrayProcess } from "./validity/certificate.ts";
import type { Evidence } from "./validity/evidence.ts";
import { guardedFigures } from "./validity/limits.ts";

function passedLimit({ figure, unit, measured, limit }: GuardedFigure): string {
  return `The ${figure} was ${measured} ${unit}; the limit is ${limit} ${unit}.`;
}

/** "Process "node" (pid 7) of the runtime could run on core 0, the harness's, in 9 of 9 looks, and did so in 4." */
function strayed({ who, pid, comm, cores, seen, ran, looks }: StrayProcess): string {
  const [own, other] = who === "runtime" ? ["runtime", "harness"] : ["harness", "runtime"];
  const did = ran === 0 ? "was not caught there" : `ran there last in ${ran}`;
  return `Process "${comm}" (pid ${pid}) of the ${own} could run on core${cores.includes(",") ? "s" : ""} ${cores}, the ${other}'s, in ${seen} of ${looks} looks, and ${did}.`;
}

function missing({ startLagMs, frameLatenessMs }: Evidence): string[] {
  return [
    ...(startLagMs === null ? ["The driver offered nothing, so its lag is unknown."] : []),
    ...(frameLatenessMs === null ? ["The World wrote no frame, so its lateness is unknown."] : []),
  ];
}

const neverRanked = ({ by }: Profiled): string =>
  `It was recorded under the profiler ${by}, which costs what it looks at: it shows where time goes, and is never ranked.`;

function verdictOf(
  outcome: TrialOutcome,
  evidence: Evidence,
  guarded: readonly GuardedFigure[],
): Pick<Validity, "verdict" | "reasons"> {
  if (outcome.status !== "recorded")
    return {
      verdict: outcome.status,
      reasons: [outcome.reason ?? `The trial is ${outcome.status}; no reason was recorded.`],
    };
  const unknown = missing(evidence);
  const passed = guarded.filter(({ kept, means }) => kept === false && means === "void");
  const ours = evidence.strays.filter(({ who }) => who === "harness").map(strayed);
  const theirs = evidence.strays.filter(({ who }) => who === "runtime").map(strayed);
  const lags = passed.map(passedLimit);
  // Whatever its limits say: no trial that was looked into is held against one that was not.
  if (outcome.profiled !== undefined)
    return { verdict: "profiled", reasons: [neverRanked(outcome.profiled), ...theirs, ...ours, ...lags] };
  // Whatever the lags are: a runtime that shares the harness's core has another machine than its rivals.
  if (theirs.length > 0) return { verdict: "failed isolation", reasons: [...theirs, ...lags] };
  if (unknown.length > 0 || ours.length > 0) return { verdict: "void", reasons: [...unknown, ...ours, ...lags] };
  if (passed.length === 0) return { verdict: "valid", reasons: [] };
  if (outcome.cores !== null) return { verdict: "void", reasons: [...lags, ...causesOf(evidence, passed)] };
  const shared = "Cores could not be kept apart, so the runtime may have run on the harness's.";
  return { verdict: "failed isolation", reasons: [...lags, shared] };
}

/** Judges one trial and writes its certificate. */
export function validityOf(outcome: TrialOutcome, evidence: Evidence): Validity {
  const guarded = guardedFigures(evidence);
  const { startLagMs, frameLatenessMs, calmCoreShare, arrivals, processes, machine, strays } = evidence;
  const judged = verdictOf(outcome, evidence, guarded);
  const saturated = guarded.some(({ kept, means }) => kept === false && means === "saturated");
  const pinned = outcome.cores !== null;
  return {
    ...judged,
    startLagMs,
    frameLatenessMs,
    pinned,
    calmCoreShare,
    saturated,
    gateable: pinned && judged.verdict === "valid" && !saturated,
    certificate: {
      guarded,
      arrivals,
      processes,
      machine,
      strays,
      cores: outcome.cores,
      ...(outcome.watched !== undefined && { watched: outcome.watched }),
    },
  };
}
