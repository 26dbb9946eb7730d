/**
 * What late turns were waiting for, in words and in one sentence. Promises: every late turn is charged once, those without a named cause
 * are counted too, and where nobody looked inside a runtime that is said. Leaves to others: the charging (it stands in the summary).
 */
import type { Attribution, Cause } from "../harness/observation.ts";
import type { RunnerResult, ScenarioSummary, TrialSummary } from "../harness/summary.ts";
import { acrossBlocks, count, duration, listed, share } from "./format.ts";
import { COMPARED, cohortName, phaseName, shownCohorts, validTrials } from "./readings.ts";

/** Each cause as the head of a column, and as what a turn "waited for". */
export const CAUSE_WORDS: Readonly<Record<Cause, { readonly head: string; readonly for: string }>> = {
  down: { head: "down", for: "the runtime to come back" },
  "major-gc": { head: "major GC", for: "a major collection" },
  "minor-gc": { head: "minor GC", for: "a minor collection" },
  "other-gc": { head: "other GC", for: "another collection" },
  core: { head: "no core", for: "a core" },
  stall: { head: "stalled loop", for: "a stalled event loop" },
  silence: { head: "silent process", for: "a process that gave no sign" },
  busy: { head: "busy loop", for: "a busy event loop" },
};

/** All causes, the most telling first. */
export const CAUSES_TOLD = Object.keys(CAUSE_WORDS) as readonly Cause[];

/** Late turns of one cohort in one phase, over all valid blocks. */
export interface LateTurns {
  readonly cohort: string;
  readonly phase: Attribution["phase"];
  readonly turns: number;
  readonly late: number;
  readonly causes: ReadonlyMap<Cause, number>;
  readonly unnamed: number;
  /** Overhead from which on a turn counted as late, one per block. */
  readonly lateFromMs: readonly number[];
}

/** Blocks added up: they are counts of turns. */
export function lateTurns(rows: readonly Attribution[]): LateTurns[] {
  const groups = Map.groupBy(rows, ({ cohort, phase }) => JSON.stringify([cohort, phase]));
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const causes = new Map<Cause, number>();
    for (const { cause, turns } of same.flatMap((row) => row.causes))
      causes.set(cause, (causes.get(cause) ?? 0) + turns);
    const sum = (of: (row: Attribution) => number) => same.reduce((total, row) => total + of(row), 0);
    const late = sum((row) => row.late);
    const named = [...causes.values()].reduce((total, turns) => total + turns, 0);
    return [
      {
        cohort: first.cohort,
        phase: first.phase,
        turns: sum((row) => row.turns),
        late,
        causes,
        unnamed: late - named,
        lateFromMs: same.map((row) => row.lateFromMs),
      },
    ];
  });
}

/** Whether anybody looked at the runtime beyond what the kernel counts. */
export function wasObserved({ observation }: TrialSummary): boolean {
  return observation.inside || observation.watched > 0;
}

function reasons({ causes, unnamed, late }: LateTurns, observed: boolean): string {
  const named = [...causes]
    .sort(([, a], [, b]) => b - a)
    .map(([cause, turns]) => [turns, CAUSE_WORDS[cause].for] as const);
  const waited = named.map(([turns, what], index) =>
    index === 0
      ? `${turns < late ? count(turns) : late === 1 ? "it" : "all"} waited for ${what}`
      : `${count(turns)} for ${what}`,
  );
  const looked = observed ? "" : " (nobody looked inside the runtime)";
  if (unnamed === late) return `no cause is known${looked}`;
  const rest = unnamed === 0 ? "" : `; no cause is known of ${count(unnamed)}${looked}`;
  return `${listed(waited)}${rest}`;
}

/**
 * One sentence for each cohort and phase, without the runner's name and without the last full stop; null where no turn of the cohorts asked about was late.
 * @example "212 of 1,800 turns of chatty under fault were late (overhead above 62 ms; 94 % with a named cause): 190 waited for the runtime to come back and 9 for a core; no cause is known of 13"
 */
export function waitingSentence(scenario: ScenarioSummary, result: RunnerResult): string | null {
  const trials = validTrials(result);
  const shown = shownCohorts(scenario);
  const rows = lateTurns(trials.flatMap((trial) => trial.attribution)).filter(
    ({ cohort, phase, late }) => late > 0 && shown.includes(cohort) && COMPARED.some((one) => one === phase),
  );
  if (rows.length === 0) return null;
  const observed = trials.every(wasObserved);
  return rows
    .map((row) => {
      const when = `${row.phase === "fault" ? "under" : "in"} ${phaseName(scenario, row.phase)}`;
      const named = `${share(1 - row.unnamed / row.late)} with a named cause`;
      const limit = `overhead above ${acrossBlocks(row.lateFromMs, duration)}`;
      const whose = cohortName(scenario, row.cohort);
      return `${count(row.late)} of ${count(row.turns)} turns of ${whose} ${when} ${row.late === 1 ? "was" : "were"} late (${limit}; ${named}): ${reasons(row, observed)}`;
    })
    .join(". ");
}
