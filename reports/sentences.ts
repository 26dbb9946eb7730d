/**
 * The verdict on one runner in one scenario, as a sentence a person would say. Promises: every number in it stands in the summary,
 * damage is named before praise, and a trial that is not valid yields its reason and no figure.
 */
import type { Recovery, RunnerResult, ScenarioSummary, Summary, TrialSummary } from "../harness/summary.ts";
import { acrossBlocks, count, dollars, duration, listed, share } from "./format.ts";
import {
  brokenIn,
  COMPARED,
  cohortName,
  latencyOf,
  phaseName,
  shownCohorts,
  validTrials,
  whyNoFigures,
} from "./readings.ts";

type Trials = readonly TrialSummary[];

/** A figure over the blocks, as "12" or "12 to 15"; null when it is zero in all of them. */
function some(trials: Trials, of: (trial: TrialSummary) => number): string | null {
  const values = trials.map(of);
  return values.every((value) => value === 0) ? null : acrossBlocks(values, count);
}

/** "1 turn", "12 turns", "1 to 3 turns". */
function many(figure: string, singular: string, plural = `${singular}s`): string {
  return `${figure} ${figure === "1" ? singular : plural}`;
}

/** "was ready again 0.4 s after the kill". Null where nothing was killed, or where nobody saw it come back. */
function readiness(trials: Trials): string | null {
  const faults = trials.flatMap((trial) => trial.timeline.faults);
  const delays = faults.flatMap((fault) => (fault.readyS === null ? [] : [(fault.readyS - fault.atS) * 1000]));
  if (delays.length === 0) return null;
  const kinds = [...new Set(faults.map((fault) => fault.kind))];
  const what = kinds.length === 1 ? (kinds[0] ?? "") : "fault";
  const which = faults.length === trials.length ? `the ${what}` : `each ${what}`;
  const missing = faults.length - delays.length;
  const not = missing === 0 ? "" : `, and was not seen ready again after ${missing} of ${faults.length}`;
  return `was ready again ${acrossBlocks(delays, duration)} after ${which}${not}`;
}

/** What was forgotten, or that nothing was; silent about it where nothing was broken and nothing forgotten. */
function memory(trials: Trials, afterFault: boolean): { readonly says: string; readonly bad: boolean } | null {
  const forgotten = some(trials, (trial) => trial.memory.sessionsForgotten);
  const lost = some(trials, (trial) => trial.memory.lostByRead ?? 0);
  const parts: string[] = [];
  if (forgotten !== null) parts.push(`had forgotten ${many(forgotten, "conversation")}`);
  if (lost !== null) parts.push(`no longer showed ${many(lost, "acknowledged turn")}`);
  if (parts.length > 0) return { says: parts.join(" and "), bad: true };
  return afterFault ? { says: "forgot nothing", bad: false } : null;
}

function sumOf(rows: readonly Recovery[], of: (row: Recovery) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}

/** How the sessions that the fault hit went on. */
function recovery(trials: Trials): string | null {
  const touched = some(trials, (trial) => sumOf(trial.recovery, (row) => row.touched));
  if (touched === null) return null;
  const rows = trials.flatMap((trial) => trial.recovery).filter((row) => row.recovered > 0);
  const median = acrossBlocks(
    rows.map((row) => row.medianMs),
    duration,
    "",
  );
  const longest = acrossBlocks(
    rows.map((row) => row.maxMs),
    duration,
    "",
  );
  const amnesiac = some(trials, (trial) => sumOf(trial.recovery, (row) => row.amnesiac));
  const never = some(trials, (trial) => sumOf(trial.recovery, (row) => row.never));
  const recovered = some(trials, (trial) => sumOf(trial.recovery, (row) => row.recovered));
  const known = [median === "" ? [] : `median ${median}`, longest === "" ? [] : `longest ${longest}`].flat();
  const times = known.length === 0 ? "" : ` (${known.join(", ")})`;
  if (amnesiac === null && never === null) return `all ${touched} sessions hit went on${times}`;
  const parts = [
    recovered === null ? "none went on with its memory" : `${recovered} went on with their memory${times}`,
  ];
  if (amnesiac !== null) parts.push(`${amnesiac} without it`);
  if (never !== null) parts.push(`${never} never`);
  return `of ${touched} sessions hit, ${listed(parts)}`;
}

function spending(trials: Trials): string | null {
  const calls = some(trials, (trial) => trial.economy.avoidable.calls);
  if (calls === null) return null;
  const cost = acrossBlocks(
    trials.map((trial) => trial.economy.avoidable.dollars),
    dollars,
  );
  return `bought ${many(calls, "completion")} twice without need (${cost})`;
}

function effects(trials: Trials): string | null {
  const keyed = some(trials, (trial) => trial.effects.keyed.doubled);
  const plain = some(trials, (trial) => trial.effects.plain.doubled);
  const parts = [
    keyed === null ? [] : [many(keyed, "keyed effect")],
    plain === null ? [] : [many(plain, "plain effect")],
  ].flat();
  return parts.length === 0 ? null : `doubled ${listed(parts)}`;
}

function missingEffects(trials: Trials): string | null {
  const missing = some(trials, (trial) => trial.effects.keyed.missing + trial.effects.plain.missing);
  return missing === null ? null : `acknowledged turns of which ${many(missing, "effect")} never happened`;
}

function silence(trials: Trials): string | null {
  const silent = trials.map((trial) => trial.silent).filter((value) => value !== null);
  if (silent.every((value) => value.interrupted === 0)) return null;
  const resumed = silent.every((value) => value.resumed === 0)
    ? "none"
    : acrossBlocks(
        silent.map((value) => value.resumed),
        count,
      );
  return `resumed ${resumed} of ${acrossBlocks(
    silent.map((value) => value.interrupted),
    count,
  )} silent sessions unasked`;
}

/** From the tail inwards: where it has too few samples, the sentence says less, about more of them. */
const QUANTILES = [
  ["p99", "overhead p99"],
  ["p90", "overhead p90"],
  ["p50", "median overhead"],
] as const;

/** Where there are too few turns for any quantile the longest is still known, and no ground for more. */
function longestOnly(scenario: ScenarioSummary, trials: Trials, cohort: string): string[] {
  return COMPARED.flatMap((phase) => {
    const longest = trials.map((trial) => latencyOf(trial, cohort, phase)?.overheadMs.max ?? null);
    if (longest.every((value) => value === null)) return [];
    const when = `${phase === "fault" ? "under" : "in"} ${phaseName(scenario, phase)}`;
    return [
      `longest overhead of ${cohortName(scenario, cohort)} ${when} was ${acrossBlocks(longest, duration)} (not enough turns for a quantile)`,
    ];
  });
}

/** The waits of each cohort that the scenario asks about, calm and under stress; left to the tables where recovery tells more. */
function overhead(scenario: ScenarioSummary, trials: Trials): string[] {
  if (trials.some((trial) => trial.recovery.some((row) => row.touched > 0))) return [];
  return shownCohorts(scenario).flatMap((cohort) => {
    const figures = (phase: "calm" | "fault", quantile: "p50" | "p90" | "p99" | "max") =>
      trials.map((trial) => latencyOf(trial, cohort, phase)?.overheadMs[quantile] ?? null);
    const told = (phase: "calm" | "fault") =>
      QUANTILES.find(([quantile]) => figures(phase, quantile).some((value) => value !== null));
    const stressed = told("fault");
    const [quantile, name] = stressed ?? told("calm") ?? [];
    if (quantile === undefined) return longestOnly(scenario, trials, cohort);
    const whose = `${name} of ${cohortName(scenario, cohort)}`;
    const before = acrossBlocks(figures("calm", quantile), duration, "unknown");
    if (stressed === undefined)
      return [`${whose} was ${before} (longest ${acrossBlocks(figures("calm", "max"), duration)})`];
    const during = acrossBlocks(figures("fault", quantile), duration);
    const longest = acrossBlocks(figures("fault", "max"), duration);
    return [`${whose} was ${before} in calm and ${during} under ${phaseName(scenario, "fault")} (longest ${longest})`];
  });
}

function warnings(trials: Trials): string[] {
  const restarts = some(trials, (trial) => trial.restarts.unexpected);
  const busiest = acrossBlocks(
    trials.map((trial) => trial.validity.calmCoreShare),
    share,
    "too much",
  );
  return [
    ...(restarts === null ? [] : [`died on its own ${many(restarts, "time")}`]),
    ...(trials.some((trial) => trial.gc?.exercised === false) ? ["GC not exercised"] : []),
    ...(trials.some((trial) => trial.validity.saturated)
      ? [`saturated (${busiest} of its core in calm), so not comparable`]
      : []),
  ];
}

/**
 * One verdict sentence, without the runner's name and without a full stop.
 * @example "was ready again 0.40 s after the kill, but had forgotten 1,832 conversations; bought 214 completions twice without need ($0.35)"
 */
export function verdictSentence(summary: Summary, scenario: ScenarioSummary, result: RunnerResult): string {
  const reason = whyNoFigures(result);
  if (reason !== null) return `no verdict: ${reason}`;
  const trials = validTrials(result);
  const ready = readiness(trials);
  const kept = memory(trials, scenario.faults.length > 0);
  const opening =
    kept === null ? ready : ready === null ? kept.says : `${ready}${kept.bad ? ", but " : " and "}${kept.says}`;
  const broken = brokenIn(summary, result.runner, trials).map((row) => row.promise);
  const clauses = [
    opening,
    recovery(trials),
    spending(trials),
    effects(trials),
    missingEffects(trials),
    silence(trials),
    ...overhead(scenario, trials),
    ...warnings(trials),
    broken.length === 0 ? null : `broke its promise of ${listed(broken)}`,
  ];
  return clauses.filter((clause) => clause !== null).join("; ") || "no turn of those asked about was answered";
}
