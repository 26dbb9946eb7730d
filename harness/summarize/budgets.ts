/**
 * The budget of a turn and the distance from the limit, for every valid trial of a campaign beside which the parts of turns were measured.
 * Pure; nothing where they were not.
 */
import { type OverheadFloor, overheadFloor } from "../budget/floor.ts";
import type { Primitives } from "../budget/primitives.ts";
import { type TurnBudget, turnBudget } from "../budget/turn-budget.ts";
import type { ContestantSummary, ScenarioSummary, TrialSummary } from "../summary.ts";

/** One valid trial held against what its machine can do. */
export interface BudgetSummary {
  readonly scenario: string;
  readonly runner: string;
  readonly trial: string;
  /** Null where the runner does not say what its turns are made of, or was changed since. */
  readonly turn: TurnBudget | null;
  readonly floor: OverheadFloor;
  /** The same if an acknowledged turn had to be on disk. */
  readonly floorIfKeptMs: number;
  /** The cohort whose overhead stands beside the floor, and its median in calm. */
  readonly cohort: string;
  readonly overheadP50Ms: number | null;
}

function budgetOf(
  trial: TrialSummary,
  { scenario, headlineCohorts, bystanders }: ScenarioSummary,
  contestant: ContestantSummary,
  primitives: Primitives,
): BudgetSummary[] {
  const { name: runner, budget, promises } = contestant;
  const { work } = trial;
  const keeps = promises["durable-turns"] !== undefined;
  const floor = work == null ? null : overheadFloor(work, keeps, primitives);
  if (work == null || floor === null) return [];
  const cohort = [...headlineCohorts, ...bystanders].find((one) =>
    trial.latency.some((row) => row.cohort === one && row.phase === "calm" && row.overheadMs.p50 !== null),
  );
  const calm = trial.latency.find((row) => row.cohort === cohort && row.phase === "calm");
  const measured = primitives.runners.some((one) => one.runner === runner);
  return [
    {
      scenario,
      runner,
      trial: trial.id,
      turn: budget === undefined || !measured ? null : turnBudget(budget, work, primitives),
      floor,
      floorIfKeptMs: floor.roundTripsMs + primitives.commitMs,
      cohort: cohort ?? "",
      overheadP50Ms: calm?.overheadMs.p50 ?? null,
    },
  ];
}

/** In the order of scenarios and runners. */
export function budgetsOf(
  primitives: Primitives | null,
  scenarios: readonly ScenarioSummary[],
  contestants: readonly ContestantSummary[],
): { readonly primitives?: Primitives; readonly budgets?: readonly BudgetSummary[] } {
  if (primitives === null) return {};
  const budgets = scenarios.flatMap((scenario) =>
    scenario.results.flatMap(({ runner, trials }) => {
      const contestant = contestants.find(({ name }) => name === runner);
      const valid = trials.filter(({ validity }) => validity.verdict === "valid");
      return contestant === undefined
        ? []
        : valid.flatMap((trial) => budgetOf(trial, scenario, contestant, primitives));
    }),
  );
  return { primitives, budgets };
}
