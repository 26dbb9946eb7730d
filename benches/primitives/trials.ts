/** Trials of the default profile whose CPU per turn is held against the sum of its parts. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeFolder } from "../../harness/bench.ts";
import type { BudgetCheck, Primitives } from "../../harness/budget/primitives.ts";
import { turnBudget } from "../../harness/budget/turn-budget.ts";
import { sourceRoot } from "../../harness/package-root.ts";
import type { Runner } from "../../harness/runner.ts";
import { round } from "../../harness/statistics/round.ts";

/**
 * The scenarios at which parts and terms were chosen, and those that had no say in it. The second and third told that memory is dearer to
 * hold beside what others hold, and what a token costs that is passed on. Scenarios that kill leave no more than some seconds of a young
 * process to look at, and where faults hold up the way to the model (`slow-model`), frames arrive together and cost less than frames that
 * come alone: no part says so.
 */
const CHOSEN_BY: readonly string[] = ["steady", "gc-pressure", "token-flow"];
const UNSEEN: readonly string[] = ["cpu-mix", "chat-stumbles"];
/** Asked of a check, if nothing else is. */
export const CHECKED: readonly string[] = ["steady", ...UNSEEN];
const PROFILE = "default";
const WITHIN_MS = 30 * 60_000;

/** Who records a trial, and with what. */
export interface CheckSite {
  readonly runners: readonly Runner[];
  readonly scenarios: readonly string[];
  /** Of the campaign. */
  readonly seed: string;
  /** CPU of a streamed answer just now, in milliseconds. */
  readonly yardstick: () => number;
}

/** Records and judges one trial in a folder of its own, which is removed. Null when it was not recorded. */
async function recorded(scenario: string, runner: string, seed: string) {
  const out = mkdtempSync(join(tmpdir(), "agent-derby-bench-"));
  try {
    const words = [scenario, runner, "--profile", PROFILE, "--seed", seed];
    const cli = [join(sourceRoot, "cli", "main.ts"), "run", ...words, "--no-calibrate", "--out", out];
    // Exit codes tell of verdicts, which are not asked for here; what was not recorded is missed below.
    try {
      execFileSync(process.execPath, cli, { stdio: ["ignore", "ignore", "inherit"], timeout: WITHIN_MS });
    } catch (error) {
      if (typeof (error as { status?: unknown }).status !== "number") throw error;
    }
    const { scenarios } = await judgeFolder(join(out, `${PROFILE}-${seed}`));
    return scenarios[0]?.results[0]?.trials[0] ?? null;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** One after the other, the yardstick before and after each. @throws Error when the trials do not run */
export async function checkTrials(
  { runners, scenarios, seed, yardstick }: CheckSite,
  primitives: Pick<Primitives, "partMs" | "toolMs" | "yardstickMs">,
): Promise<BudgetCheck[]> {
  const checks: BudgetCheck[] = [];
  let beforeMs = yardstick();
  for (const scenario of scenarios)
    for (const { name: runner, budget } of runners) {
      const trial = await recorded(scenario, runner, seed);
      const afterMs = yardstick();
      const slowness = (beforeMs + afterMs) / 2 / primitives.yardstickMs;
      beforeMs = afterMs;
      const work = trial?.work;
      const sum = budget === undefined || work == null ? null : turnBudget(budget, work, primitives);
      if (sum === null || trial === null) continue;
      const valid = trial.validity.verdict === "valid";
      checks.push({
        scenario,
        runner,
        chosenBy: CHOSEN_BY.includes(scenario),
        valid,
        slowness: round(slowness, 3),
        predictedMs: round(sum.predictedMs * slowness, 2),
        measuredMs: round(sum.measuredMs, 2),
      });
    }
  return checks;
}
