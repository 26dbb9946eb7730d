/**
 * The headline figures of a scenario, one row per figure and one cell per runner: the matrix of the HTML report, of Markdown and of the
 * terminal. Promises: the same words and numbers everywhere, in the order of the summary; nothing is ranked.
 */
import type {
  EffectCount,
  Recovery,
  RunnerResult,
  ScenarioSummary,
  Summary,
  TrialSummary,
} from "../harness/summary.ts";
import { acrossBlocks, count, counted, dollars, duration, NEVER, NOTHING } from "./format.ts";
import {
  brokenIn,
  cohortName,
  latencyOf,
  phaseName,
  recoveryCohorts,
  recoveryOf,
  shownCohorts,
  validTrials,
} from "./readings.ts";

export interface HeadlineCell {
  readonly text: string;
  /** quiet: zero or nothing; notable: some damage; broken: a promise was broken. */
  readonly tone: "plain" | "quiet" | "notable" | "broken";
}

export interface HeadlineRow {
  readonly label: string;
  /** One cell per runner, in the order of `scenario.results`. */
  readonly cells: readonly HeadlineCell[];
}

type Trials = readonly TrialSummary[];

const nothing: HeadlineCell = { text: NOTHING, tone: "quiet" };
const plain = (text: string): HeadlineCell => ({ text, tone: "plain" });

/** A count of damage: quiet when none of the blocks has any. */
function damage(
  trials: Trials,
  of: (trial: TrialSummary) => number,
  write: (value: number) => string = count,
): HeadlineCell {
  const values = trials.map(of);
  return { text: acrossBlocks(values, write), tone: values.every((value) => value === 0) ? "quiet" : "notable" };
}

/** A row of cells; runners without a valid trial get a dash instead of figures that say nothing about them. */
function row(
  label: string,
  scenario: ScenarioSummary,
  cell: (trials: Trials, result: RunnerResult) => HeadlineCell,
): HeadlineRow {
  return {
    label,
    cells: scenario.results.map((result) => {
      const trials = validTrials(result);
      return trials.length === 0 ? nothing : cell(trials, result);
    }),
  };
}

/** Two figures to a row: the middle, and the tail, whose p99 may have too few samples while its largest value is always known. */
const OVERHEAD_PAIRS = [
  ["p50", "p90"],
  ["p99", "max"],
] as const;

function overheadRows(scenario: ScenarioSummary): HeadlineRow[] {
  const cohorts = shownCohorts(scenario);
  const phases = ["calm", "fault"] as const;
  return cohorts.flatMap((cohort) =>
    phases.flatMap((phase) =>
      OVERHEAD_PAIRS.map((pair) => {
        const whose = cohorts.length > 1 ? ` of ${cohortName(scenario, cohort)}` : "";
        return row(`overhead${whose}, ${phaseName(scenario, phase)}: ${pair.join(" / ")}`, scenario, (trials) => {
          const rows = trials.map((trial) => latencyOf(trial, cohort, phase)?.overheadMs);
          if (rows.every((quantiles) => quantiles === undefined || quantiles.n === 0)) return nothing;
          const figures = pair.map((quantile) =>
            acrossBlocks(
              rows.map((quantiles) => quantiles?.[quantile] ?? null),
              duration,
            ),
          );
          return plain(figures.join(" / "));
        });
      }),
    ),
  );
}

function recoveryRows(scenario: ScenarioSummary): HeadlineRow[] {
  const cohorts = recoveryCohorts(scenario);
  return cohorts.flatMap((cohort) => {
    const whose = cohorts.length > 1 ? ` of ${cohort}` : "";
    const of = (trials: Trials) =>
      trials.map((trial) => recoveryOf(trial, cohort)).filter((value) => value !== undefined);
    return [
      row(`recovery${whose}: median / longest`, scenario, (trials) => {
        const rows = of(trials).filter((recovery) => recovery.touched > 0);
        if (rows.every((recovery) => recovery.recovered === 0))
          return { text: "none recovered", tone: rows.length > 0 ? "notable" : "quiet" };
        const median = acrossBlocks(
          rows.map((recovery) => recovery.medianMs),
          duration,
          NEVER,
        );
        return plain(
          `${median} / ${acrossBlocks(
            rows.map((recovery) => recovery.maxMs),
            duration,
            NEVER,
          )}`,
        );
      }),
      row(`hit${whose}: recovered / amnesiac / never`, scenario, (trials) => {
        const rows = of(trials);
        const figure = (value: (recovery: Recovery) => number) => acrossBlocks(rows.map(value), count, "0");
        const parts = [figure((one) => one.recovered), figure((one) => one.amnesiac), figure((one) => one.never)];
        const harmed = rows.some((recovery) => recovery.never + recovery.amnesiac > 0);
        return { text: parts.join(" / "), tone: harmed ? "notable" : "plain" };
      }),
    ];
  });
}

function effectsCell(trials: Trials, figure: (effects: EffectCount) => number): HeadlineCell {
  const keyed = damage(trials, (trial) => figure(trial.effects.keyed));
  const plainEffects = damage(trials, (trial) => figure(trial.effects.plain));
  const tone = keyed.tone === "quiet" && plainEffects.tone === "quiet" ? "quiet" : "notable";
  return { text: `${keyed.text} / ${plainEffects.text}`, tone };
}

function silentRow(scenario: ScenarioSummary): HeadlineRow[] {
  const offered = scenario.results.some((result) => validTrials(result).some((trial) => trial.silent !== null));
  if (!offered) return [];
  return [
    row("silent sessions resumed unasked", scenario, (trials) => {
      const silent = trials.map((trial) => trial.silent).filter((value) => value !== null);
      if (silent.every((value) => value.interrupted === 0)) return nothing;
      const resumed = acrossBlocks(
        silent.map((value) => value.resumed),
        count,
      );
      return plain(
        `${resumed} of ${acrossBlocks(
          silent.map((value) => value.interrupted),
          count,
        )}`,
      );
    }),
  ];
}

function gcRow(scenario: ScenarioSummary): HeadlineRow[] {
  const asked = scenario.results.some((result) =>
    validTrials(result).some((trial) => (trial.gc?.exercised ?? null) !== null),
  );
  if (!asked) return [];
  return [
    row("major collections", scenario, (trials) => {
      const seen = trials.map((trial) => trial.gc).filter((gc) => gc !== null);
      if (seen.length === 0) return { text: "not observed", tone: "quiet" };
      const majors = acrossBlocks(
        seen.map((gc) => gc.majors),
        count,
      );
      return seen.some((gc) => gc.exercised === false)
        ? { text: `${majors}: GC not exercised`, tone: "notable" }
        : plain(majors);
    }),
  ];
}

function trustCell(summary: Summary, result: RunnerResult): HeadlineCell {
  const trials = validTrials(result);
  const first = result.trials[0];
  if (trials.length === 0) return { text: first?.validity.verdict ?? "missing", tone: "notable" };
  const notes = [
    trials.length === result.trials.length ? "valid" : `${trials.length} of ${result.trials.length} valid`,
  ];
  if (trials.some((trial) => trial.validity.saturated)) notes.push("saturated");
  if (trials.some((trial) => !trial.validity.pinned)) notes.push("not pinned");
  if (summary.campaign.blocks === 1) notes.push("one block");
  return {
    text: notes.join(", "),
    tone: notes.some((note) => note !== "valid" && note !== "one block") ? "notable" : "quiet",
  };
}

function brokenCell(summary: Summary, result: RunnerResult, trials: Trials): HeadlineCell {
  const broken = brokenIn(summary, result.runner, trials);
  if (broken.length === 0) return { text: "none", tone: "quiet" };
  return { text: broken.map((promise) => promise.promise).join(", "), tone: "broken" };
}

/** All headline rows of a scenario. Rows that mean nothing in it (no recovery, no silent sessions, no GC asked for) are left out. */
export function headlineRows(summary: Summary, scenario: ScenarioSummary): readonly HeadlineRow[] {
  return [
    ...overheadRows(scenario),
    row("turns intact / offered", scenario, (trials) =>
      plain(
        `${acrossBlocks(
          trials.map((trial) => trial.goodput.intact),
          count,
        )} / ${acrossBlocks(
          trials.map((trial) => trial.goodput.offered),
          count,
        )}`,
      ),
    ),
    row("turns amnesiac", scenario, (trials) => damage(trials, (trial) => trial.goodput.amnesiac)),
    row("conversations forgotten", scenario, (trials) => {
      const forgotten = damage(trials, (trial) => trial.memory.sessionsForgotten);
      return {
        ...forgotten,
        text: `${forgotten.text} of ${acrossBlocks(
          trials.map((trial) => trial.memory.sessions),
          count,
        )}`,
      };
    }),
    row("bought twice, avoidable", scenario, (trials) => {
      const calls = damage(trials, (trial) => trial.economy.avoidable.calls);
      if (calls.tone === "quiet") return calls;
      return {
        ...calls,
        text: `${calls.text} (${acrossBlocks(
          trials.map((trial) => trial.economy.avoidable.dollars),
          dollars,
        )})`,
      };
    }),
    row("effects doubled: keyed / plain", scenario, (trials) => effectsCell(trials, (effects) => effects.doubled)),
    row("effects missing: keyed / plain", scenario, (trials) => effectsCell(trials, (effects) => effects.missing)),
    ...recoveryRows(scenario),
    ...silentRow(scenario),
    row("unexpected restarts", scenario, (trials) => damage(trials, (trial) => trial.restarts.unexpected)),
    ...gcRow(scenario),
    row("promises broken here", scenario, (trials, result) => brokenCell(summary, result, trials)),
    { label: "trust", cells: scenario.results.map((result) => trustCell(summary, result)) },
  ];
}

/** "3 trials, one block" and the like, for captions. */
export function blocksNote(summary: Summary): string {
  const { blocks } = summary.campaign;
  return blocks === 1 ? "one block: point values" : `lowest to highest of ${counted(blocks, "block")}`;
}
