/**
 * The headline figures of a scenario, one row per figure and one cell per runner: the matrix of the HTML report, of Markdown and of the
 * terminal. Promises: the same words and numbers everywhere, in the order of the summary; nothing is ranked.
 */
import type { EffectCount, Recovery, RunnerResult, ScenarioSummary, Summary } from "../harness/summary.ts";
import { acrossBlocks, count, counted, dollars, duration, NEVER, NOTHING } from "./format.ts";
import { damage, type HeadlineCell, type HeadlineRow, nothing, plain, row, type Trials } from "./headline-row.ts";
import { overheadRows, stallRow, streamingRows } from "./headline-waits.ts";
import { brokenIn, phaseName, recoveryCohorts, recoveryOf, validTrials } from "./readings.ts";
import { stepRows } from "./steps.ts";

/** One row per restart delay, where faults differ in it. */
function restartRows(scenario: ScenarioSummary, cohort: string, whose: string): HeadlineRow[] {
  const of = (trials: Trials) => trials.flatMap((trial) => recoveryOf(trial, cohort)?.byRestart ?? []);
  const all = scenario.results.flatMap((result) => of(validTrials(result)));
  const delays = [...new Set(all.map(({ restartAfterMs }) => restartAfterMs))].sort((a, b) => a - b);
  return delays.map((delayMs) =>
    row(`- started again after ${duration(delayMs)}${whose}`, scenario, (trials) => {
      const own = of(trials).filter(({ restartAfterMs }) => restartAfterMs === delayMs);
      if (own.length === 0) return nothing;
      const across = (value: (one: (typeof own)[number]) => number | null): string =>
        acrossBlocks(own.map(value), duration, NEVER);
      return plain(`${across((one) => one.medianMs)} / ${across((one) => one.maxMs)}`);
    }),
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
      ...restartRows(scenario, cohort, whose),
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
    row(`major collections, ${phaseName(scenario, "fault")}`, scenario, (trials) => {
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
  if (trials.some((trial) => !trial.validity.pinned)) notes.push("not pinned, cannot gate");
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

/** Figures of what happened; those that mean nothing in this scenario (no recovery, no silent sessions, no GC asked for) are left out. */
function figureRows(summary: Summary, scenario: ScenarioSummary): readonly HeadlineRow[] {
  return [
    ...overheadRows(scenario),
    ...streamingRows(scenario),
    stallRow(scenario),
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
    ...stepRows(scenario),
    ...recoveryRows(scenario),
    ...silentRow(scenario),
    row("unexpected restarts", scenario, (trials) => damage(trials, (trial) => trial.restarts.unexpected)),
    ...gcRow(scenario),
    row("promises broken here", scenario, (trials, result) => brokenCell(summary, result, trials)),
  ];
}

/** All headline rows of a scenario, the one on trust last. A row without a figure for anybody is left out. */
export function headlineRows(summary: Summary, scenario: ScenarioSummary): readonly HeadlineRow[] {
  return [
    ...figureRows(summary, scenario).filter(({ cells }) => cells.some(({ text }) => text !== NOTHING)),
    { label: "trust", cells: scenario.results.map((result) => trustCell(summary, result)) },
  ];
}

/** "3 trials, one block" and the like, for captions. */
export function blocksNote(summary: Summary): string {
  const { blocks } = summary.campaign;
  return blocks === 1 ? "one block: point values" : `lowest to highest of ${counted(blocks, "block")}`;
}
