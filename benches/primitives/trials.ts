/** Short trials whose CPU per turn is held against the sum of its parts. */
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
 * The scenarios at which parts and terms were chosen, and those that had no say in it. The second one told that memory is dearer to hold
 * beside what others hold, so it has had its say. Scenarios that kill leave no more than three seconds of a young process to look at, and
 * where faults hold up the way to the model (`slow-model`), frames arrive together and cost less than frames that come alone: no part says so.
 */
export const CHOSEN_BY: readonly string[] = ["steady", "gc-pressure"];
export const UNSEEN: readonly string[] = ["cpu-mix", "token-flow"];
const WITHIN_MS = 15 * 60_000;

/** Records and judges them in a folder of its own, which is removed. @param seed of the campaign @throws Error when the trials do not run */
export async function checkTrials(
  runners: readonly Runner[],
  scenarios: readonly string[],
  primitives: Pick<Primitives, "partMs" | "toolMs">,
  seed: string,
): Promise<BudgetCheck[]> {
  const out = mkdtempSync(join(tmpdir(), "agent-derby-bench-"));
  try {
    const words = [...scenarios, ...runners.map(({ name }) => name), "--profile", "smoke", "--seed", seed];
    const cli = [join(sourceRoot, "cli", "main.ts"), "run", ...words, "--no-calibrate", "--out", out];
    // Exit codes tell of verdicts, which are not asked for here; what was not recorded is missed below.
    try {
      execFileSync(process.execPath, cli, { stdio: ["ignore", "ignore", "inherit"], timeout: WITHIN_MS });
    } catch (error) {
      if (typeof (error as { status?: unknown }).status !== "number") throw error;
    }
    const summary = await judgeFolder(join(out, `smoke-${seed}`));
    return summary.scenarios.flatMap(({ scenario, results }) =>
      results.flatMap(({ runner, trials }) => {
        const budget = runners.find(({ name }) => name === runner)?.budget;
        const [trial] = trials;
        const work = trial?.work;
        const sum = budget === undefined || work == null ? null : turnBudget(budget, work, primitives);
        if (sum === null || trial === undefined) return [];
        const [predictedMs, measuredMs] = [round(sum.predictedMs, 2), round(sum.measuredMs, 2)];
        const valid = trial.validity.verdict === "valid";
        return [{ scenario, runner, chosenBy: CHOSEN_BY.includes(scenario), valid, predictedMs, measuredMs }];
      }),
    );
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
