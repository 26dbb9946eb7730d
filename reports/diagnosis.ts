/**
 * One diagnosis per runner and scenario: what most of its late turns were waiting for. Promises: a sentence only where the evidence of
 * every valid block carries it, and otherwise the reason why there is none. Leaves to others: the charging of turns to causes, which
 * stands in the summary, and the table of it (waiting.ts).
 */
import type { Cause, GcKind } from "../harness/observation.ts";
import type { RunnerResult, ScenarioSummary, TrialSummary } from "../harness/summary.ts";
import { acrossBlocks, count, counted, duration, listed, share } from "./format.ts";
import { COMPARED, cohortName, phaseName, shownCohorts, validTrials, whyNoFigures } from "./readings.ts";
import { wasObserved } from "./waiting.ts";

/** With fewer late turns one more or less moves a share by more than 5 points, and a single pause may have made them all. */
const LATE_LEAST = 20;
/** More late turns than all other causes and all that nobody could name have together. */
const SHARE_ABOVE = 0.5;

/** What is said of a runner in a scenario: a diagnosis, or why there is none. Without the runner's name and without a full stop. */
export type Diagnosis =
  | { readonly found: true; readonly cause: Cause; readonly says: string }
  | { readonly found: false; readonly why: string };

/** What late turns did, as it goes on after "90 % of the late turns". */
const CAUSE_SAYS: Readonly<Record<Cause, string>> = {
  down: "waited for the runtime to come back",
  "major-gc": "overlap major collections of 10 ms or longer",
  "minor-gc": "overlap minor collections (scavenges) of 10 ms or longer",
  "other-gc": "overlap other collections of 10 ms or longer",
  core: "waited for a core: the runtime was ready to run and the kernel did not let it",
  stall: "overlap stalls of 20 ms or longer in its event loop",
  silence: "overlap silences of its processes that nothing else explains",
  busy: "fell into seconds in which its event loop was all but saturated",
};

type Phase = (typeof COMPARED)[number];

/** Late turns of the cohorts asked about in one trial and phase. */
interface LateInTrial {
  readonly trial: TrialSummary;
  readonly late: number;
  readonly byCause: ReadonlyMap<Cause, number>;
}

function lateIn(trial: TrialSummary, cohorts: readonly string[], phase: Phase): LateInTrial {
  const rows = trial.attribution.filter((row) => row.phase === phase && cohorts.includes(row.cohort));
  const byCause = new Map<Cause, number>();
  for (const { cause, turns } of rows.flatMap(({ causes }) => causes))
    byCause.set(cause, (byCause.get(cause) ?? 0) + turns);
  return { trial, late: rows.reduce((sum, { late }) => sum + late, 0), byCause };
}

const shareOf = ({ late, byCause }: LateInTrial, cause: Cause): number =>
  late === 0 ? 0 : (byCause.get(cause) ?? 0) / late;

/** The cause that has most late turns of all blocks together; null where none has any. */
function largestCause(blocks: readonly LateInTrial[]): Cause | null {
  const totals = new Map<Cause, number>();
  for (const [cause, turns] of blocks.flatMap(({ byCause }) => [...byCause]))
    totals.set(cause, (totals.get(cause) ?? 0) + turns);
  let best: Cause | null = null;
  for (const [cause, turns] of totals) if (best === null || turns > (totals.get(best) ?? 0)) best = cause;
  return best;
}

const GC_KINDS: Readonly<Partial<Record<Cause, readonly GcKind[]>>> = {
  "major-gc": ["major"],
  "minor-gc": ["minor"],
  "other-gc": ["incremental", "weak"],
};

/** "9 major collections, longest 412 ms". */
function collections(trials: readonly TrialSummary[], cause: Cause, phase: Phase): string[] {
  const kinds = GC_KINDS[cause];
  if (kinds === undefined) return [];
  const rows = trials.flatMap(
    ({ gc }) => gc?.byPhase.filter((row) => row.phase === phase && kinds.some((kind) => kind === row.kind)) ?? [],
  );
  if (rows.length === 0) return [];
  const longest = Math.max(...rows.map(({ longestMs }) => longestMs));
  const all = rows.reduce((sum, row) => sum + row.count, 0);
  return [`${counted(all, "such collection")} of any length, the longest ${duration(longest)}`];
}

/** "the process was ready again 0.40 s after it ended". */
function standstills(trials: readonly TrialSummary[], cause: Cause): string[] {
  if (cause !== "down") return [];
  const delays = trials.flatMap(({ timeline }) =>
    timeline.faults.flatMap(({ atS, readyS }) => (readyS === null ? [] : [(readyS - atS) * 1000])),
  );
  const unexpected = trials.reduce((sum, { restarts }) => sum + restarts.unexpected, 0);
  return [
    ...(delays.length === 0 ? [] : [`it was ready again ${acrossBlocks(delays, duration)} after each fault`]),
    ...(unexpected === 0 ? [] : [`it died on its own ${counted(unexpected, "time")}`]),
  ];
}

/** Counters of core time tick at 100 Hz, so a smaller share of others is noise. */
const FOREIGN_ABOVE = 0.05;

/** "other programs used up to 51 % of its cores": then the runtime was not alone to blame, and perhaps not at all. */
function intruders(trials: readonly TrialSummary[], cause: Cause): string[] {
  const foreign = trials.map(({ validity: { certificate } }) => {
    const { machine } = certificate;
    return (machine?.runtime ?? machine?.harness)?.foreignShare ?? 0;
  });
  const most = Math.max(...foreign);
  return cause === "down" || most <= FOREIGN_ABOVE ? [] : [`other programs used up to ${share(most)} of its cores`];
}

/** "in calm it used 82 % of its core". */
function load(trials: readonly TrialSummary[], cause: Cause): string[] {
  const told = cause === "core" || cause === "busy" || trials.some(({ validity }) => validity.saturated);
  const shares = trials.flatMap(({ validity }) => validity.calmCoreShare ?? []);
  return !told || shares.length === 0 ? [] : [`in calm it used ${acrossBlocks(shares, share)} of its core`];
}

/** A share that is not all never reads as all. */
const roundedDown = (value: number): string => share(value < 1 ? Math.min(value, 0.99) : value);

function sentenceOf(scenario: ScenarioSummary, blocks: readonly LateInTrial[], cause: Cause, phase: Phase): string {
  const trials = blocks.map(({ trial }) => trial);
  const part = acrossBlocks(
    blocks.map((block) => shareOf(block, cause)),
    roundedDown,
  );
  const late = acrossBlocks(
    blocks.map((block) => block.late),
    count,
  );
  const whose = listed(shownCohorts(scenario).map((cohort) => cohortName(scenario, cohort)));
  const when = `${phase === "fault" ? "under" : "in"} ${phaseName(scenario, phase)}`;
  const each = blocks.length > 1 ? ` in each of ${blocks.length} blocks` : "";
  const evidence = [
    ...collections(trials, cause, phase),
    ...standstills(trials, cause),
    ...load(trials, cause),
    ...intruders(trials, cause),
  ];
  const beside = evidence.length === 0 ? "" : ` (${evidence.join("; ")})`;
  return `${part} of the ${late} late turns of ${whose} ${when}${each} ${CAUSE_SAYS[cause]}${beside}`;
}

/** Why no cause is named, from late turns that are many enough. */
function noSingleCause(blocks: readonly LateInTrial[], cause: Cause | null): string {
  const late = acrossBlocks(
    blocks.map((block) => block.late),
    count,
  );
  if (cause === null && !blocks.every(({ trial }) => wasObserved(trial)))
    return `nobody looked inside, so no cause is known of ${late} late turns`;
  const most = cause === null ? 0 : Math.max(...blocks.map((block) => shareOf(block, cause)));
  const each = blocks.length > 1 ? " in every block" : "";
  const largest = cause === null ? "" : `: what most turns waited for has at most ${share(most)}`;
  return `no single cause accounts for more than half of ${late} late turns${each}${largest}`;
}

/** @param phase under fault or load if enough turns were late there in every block, else calm */
function diagnosisIn(scenario: ScenarioSummary, trials: readonly TrialSummary[], phase: Phase): Diagnosis | null {
  const blocks = trials.map((trial) => lateIn(trial, shownCohorts(scenario), phase));
  if (blocks.some(({ late }) => late < LATE_LEAST)) return null;
  const cause = largestCause(blocks);
  if (cause === null || blocks.some((block) => shareOf(block, cause) <= SHARE_ABOVE))
    return { found: false, why: noSingleCause(blocks, cause) };
  return { found: true, cause, says: sentenceOf(scenario, blocks, cause, phase) };
}

/**
 * The diagnosis of one runner in one scenario.
 * @example "90 % of the 212 late turns of chatty under fault waited for the runtime to come back (it was ready again 1.20 s after each fault)"
 */
export function diagnosisOf(scenario: ScenarioSummary, result: RunnerResult): Diagnosis {
  const reason = whyNoFigures(result);
  if (reason !== null) return { found: false, why: reason };
  const trials = validTrials(result);
  for (const phase of [...COMPARED].reverse()) {
    const told = diagnosisIn(scenario, trials, phase);
    if (told !== null) return told;
  }
  const late = trials.map((trial) =>
    Math.max(...COMPARED.map((phase) => lateIn(trial, shownCohorts(scenario), phase).late)),
  );
  if (Math.max(...late) === 0) return { found: false, why: "no turn was late" };
  const needed = `${LATE_LEAST} are needed${trials.length > 1 ? " in every block" : ""}`;
  return { found: false, why: `too few turns were late (${acrossBlocks(late, count)}; ${needed})` };
}
