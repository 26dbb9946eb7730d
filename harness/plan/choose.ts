/** What a campaign consists of: the scenarios and runners that were named, or those that run when none is. */
import { UsageError, unknownName } from "../errors.ts";
import { sortOut } from "../installed.ts";
import type { PlanSurroundings } from "../plan.ts";
import type { Profile } from "../profiles.ts";
import type { Runner } from "../runner.ts";
import { scenarioNames } from "../scenario-check.ts";

/** What was chosen. */
export interface Choice {
  /** Names or files. */
  readonly scenarios: readonly string[];
  readonly runners: readonly Runner[];
  /** A sentence about each runner that would have run, were it installed. */
  readonly leftOut: readonly string[];
}

/** Those that were named, none of which may be missing, or all contestants that are installed. */
async function ready(named: readonly Runner[], around: PlanSurroundings): Promise<Omit<Choice, "scenarios">> {
  const wanted = named.length > 0 ? named : around.contestants;
  const { ready: runners, missing } = await sortOut(wanted, around.installed, around.missing);
  if (named.length > 0 && missing.length > 0) throw new UsageError(missing);
  if (runners.length === 0)
    throw new UsageError(missing.length > 0 ? missing : "There is no runner to run: the runners folder is empty.");
  return { runners, leftOut: missing };
}

/**
 * Splits the positional filters into scenarios and runners.
 * @throws UsageError for names that are neither, and for runners that are named and not installed
 */
export async function choose(filters: readonly string[], around: PlanSurroundings, profile: Profile): Promise<Choice> {
  const existing = scenarioNames(around.scenarioFolder);
  const scenarios: string[] = [];
  const named: Runner[] = [];
  const problems: string[] = [];
  for (const filter of filters) {
    const runner = around.findRunner(filter);
    if (existing.includes(filter) || /\.(ts|js|json)$/.test(filter)) scenarios.push(filter);
    else if (runner !== undefined) named.push(runner);
    else
      problems.push(
        unknownName("scenario or runner", filter, [...existing, ...around.contestants.map(({ name }) => name)]),
      );
  }
  if (problems.length > 0) throw new UsageError(problems);
  const everything = profile.scenarios === "all" ? existing : [...profile.scenarios];
  return { scenarios: scenarios.length > 0 ? scenarios : everything, ...(await ready(named, around)) };
}
