/**
 * Step faults in words and cells: what a fault costs at each step of a turn, for the sessions that were held there. Promises: the same
 * names and figures in every report; a sample that is too small shows its size and nothing else.
 */
import type { StepSummary } from "../harness/summarize/steps.ts";
import type { ScenarioSummary } from "../harness/summary.ts";
import { acrossBlocks, count, dollars, durationOr, NEVER, NOT_ENOUGH, NOTHING } from "./format.ts";
import { type HeadlineCell, type HeadlineRow, nothing, plain, row } from "./headline-row.ts";
import { validTrials } from "./readings.ts";

const NAMES: Readonly<Record<StepSummary["at"], (step: StepSummary) => string>> = {
  delivered: () => "request delivered",
  asked: ({ step }) => `model asked, step ${step}`,
  first: ({ step }) => `first token, step ${step}`,
  last: ({ step }) => `last token, step ${step}`,
  tool: ({ tool }) => `tool asked: ${tool}`,
  applied: ({ tool }) => `effect applied: ${tool}`,
  told: ({ tool }) => `tool answered: ${tool}`,
  next: ({ step }) => `model asked, step ${step + 1}`,
  answered: () => "answer sent, client without it",
};

/** A step as people read it. */
export const stepName = (step: StepSummary): string => NAMES[step.at](step);

/** What a user loses: turns, what they and the completions bought again had cost, effects applied twice. */
interface Loss {
  readonly turns: number;
  readonly tokens: number;
  readonly dollars: number;
  readonly doubled: number;
}

/** By reads where the runtime offers them, else by what the model was shown. */
export function lossOf({ lostByRead, forgotten, repeats, doubled }: StepSummary): Loss {
  const paid = [forgotten, repeats.unavoidable, repeats.avoidable];
  return {
    turns: Math.max(lostByRead ?? 0, forgotten.turns),
    tokens: paid.reduce((sum, one) => sum + one.inputTokens + one.outputTokens, 0),
    dollars: paid.reduce((sum, one) => sum + one.dollars, 0),
    doubled: doubled.keyed + doubled.plain,
  };
}

/** Why a step has no figures, in a few words; null where it has. */
export function whyNoStep({ missed, held, needed }: StepSummary): string | null {
  if (missed !== null) return `missed: ${missed}`;
  return held >= needed ? null : `${NOT_ENOUGH}: ${held} were held, ${needed} are needed`;
}

/** All steps of a scenario that any valid trial met, in their order. */
function stepsOf(scenario: ScenarioSummary): readonly StepSummary[] {
  const all = scenario.results.flatMap((result) => validTrials(result).flatMap(({ steps }) => steps));
  return [...new Map(all.toReversed().map((step) => [step.fault, step])).values()].toReversed();
}

/** What rows of steps list; the tables say more. */
const LISTED = "turns / $ / doubled";

function lossCell(losses: readonly Loss[]): HeadlineCell {
  const figures = [
    acrossBlocks(
      losses.map(({ turns }) => turns),
      count,
    ),
    acrossBlocks(
      losses.map((loss) => loss.dollars),
      dollars,
    ),
    acrossBlocks(
      losses.map(({ doubled }) => doubled),
      count,
    ),
  ];
  const harmless = losses.every((loss) => loss.turns + loss.dollars + loss.doubled === 0);
  return { text: figures.join(" / "), tone: harmless ? "quiet" : "notable" };
}

/** One row per step, under one that says what they list: what the sample lost there. Empty where the scenario has no step faults. */
export function stepRows(scenario: ScenarioSummary): readonly HeadlineRow[] {
  const steps = stepsOf(scenario);
  const kinds = [...new Set(steps.map(({ kind }) => kind))].join(", ");
  const rows = steps.map((step) =>
    row(`- ${stepName(step)}`, scenario, (trials) => {
      const own = trials.flatMap((trial) => trial.steps.filter(({ fault }) => fault === step.fault));
      const enough = own.filter((one) => whyNoStep(one) === null);
      if (own.length === 0) return nothing;
      if (enough.length > 0) return lossCell(enough.map(lossOf));
      const held = acrossBlocks(
        own.map((one) => one.held),
        count,
      );
      return { text: `${NOT_ENOUGH} (n ${held})`, tone: "quiet" };
    }),
  );
  return rows.length === 0 ? [] : [row(`lost by ${kinds} at each step`, scenario, () => plain(LISTED)), ...rows];
}

/** Columns of the figures of a step, for tables with one row per step. */
export const STEP_COLUMNS: readonly { readonly head: string; readonly group?: string }[] = [
  { head: "held" },
  { head: "elsewhere" },
  { head: "lost by read", group: "turns" },
  { head: "forgotten", group: "turns" },
  { head: "unavoidable", group: "bought again" },
  { head: "avoidable", group: "bought again" },
  { head: "tokens", group: "lost" },
  { head: "$", group: "lost" },
  { head: "keyed", group: "doubled" },
  { head: "plain", group: "doubled" },
  { head: "amnesiac", group: "recovery" },
  { head: "never", group: "recovery" },
  { head: "median", group: "recovery" },
  { head: "p90", group: "recovery" },
  { head: "longest", group: "recovery" },
];

/** One figure of a step; harm is a count that should be 0. */
export interface StepFigure {
  readonly text: string;
  readonly harm: boolean;
}

/** The figures of a step under `STEP_COLUMNS`; null where its sample says nothing. */
export function stepFigures(step: StepSummary): readonly StepFigure[] | null {
  if (whyNoStep(step) !== null) return null;
  const { held, elsewhere, lostByRead, forgotten, repeats, doubled, recovery } = step;
  const loss = lossOf(step);
  const fact = (text: string): StepFigure => ({ text, harm: false });
  const harm = (value: number, write = count): StepFigure => ({ text: write(value), harm: value > 0 });
  return [
    fact(count(held)),
    fact(count(elsewhere)),
    lostByRead === null ? fact(NOTHING) : harm(lostByRead),
    harm(forgotten.turns),
    fact(count(repeats.unavoidable.calls)),
    harm(repeats.avoidable.calls),
    harm(loss.tokens),
    harm(loss.dollars, dollars),
    harm(doubled.keyed),
    harm(doubled.plain),
    harm(recovery.amnesiac),
    harm(recovery.never),
    ...[recovery.medianMs, recovery.p90Ms, recovery.maxMs].map((ms) => fact(durationOr(ms, NEVER))),
  ];
}
