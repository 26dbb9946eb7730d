/**
 * The budget of a turn: how much CPU time its parts should take, each measured alone, beside what the turn took. Pure arithmetic;
 * counts are the trial's own, prices the machine's, and which parts there are the runner's word.
 */
import type { TrialWork } from "../summarize/work.ts";
import { type Budget, type CostlyTool, PARTS, type Part, PER, type Per, TOOL_UNITS } from "./parts.ts";
import type { Primitives } from "./primitives.ts";

/** One part. */
export interface BudgetLine {
  readonly part: Part | CostlyTool;
  /** How many of it an acknowledged turn took. */
  readonly perTurn: number;
  readonly eachMs: number;
  readonly ms: number;
}

/** CPU time of the runtime's own processes per acknowledged turn, its database left out. */
export interface TurnBudget {
  readonly lines: readonly BudgetLine[];
  readonly predictedMs: number;
  readonly measuredMs: number;
}

/** How many of a part the trial needed. */
function countOf(terms: Readonly<Partial<Record<Per, number>>>, work: TrialWork): number {
  return (Object.keys(PER) as Per[]).reduce((sum, per) => sum + (terms[per] ?? 0) * work[PER[per]], 0);
}

/** Null where no turn was acknowledged or no CPU time was read. */
export function turnBudget(
  budget: Budget,
  work: TrialWork,
  { partMs, toolMs }: Pick<Primitives, "partMs" | "toolMs">,
): TurnBudget | null {
  if (work.turns === 0 || work.appCpuMs === null) return null;
  const line = (part: Part | CostlyTool, count: number, eachMs: number): BudgetLine => {
    const perTurn = count / work.turns;
    return { part, perTurn, eachMs, ms: perTurn * eachMs };
  };
  const parts = (Object.keys(PARTS) as Part[]).flatMap((part) => {
    const terms = budget[part];
    return terms === undefined ? [] : [line(part, countOf(terms, work), partMs[part])];
  });
  const tools = (Object.keys(TOOL_UNITS) as CostlyTool[]).flatMap((tool) => {
    const units = work.localUnits[tool];
    return units === undefined ? [] : [line(tool, units, toolMs[tool])];
  });
  const lines = [...parts, ...tools];
  const predictedMs = lines.reduce((sum, { ms }) => sum + ms, 0);
  return { lines, predictedMs, measuredMs: work.appCpuMs / work.turns };
}
