/** Whether a scenario means anything to a runner: what it asks for is there, and what its faults strike exists. */
import { UsageError } from "../errors.ts";
import { type FaultNeeds, nemesisOf } from "../nemeses/nemesis.ts";
import type { PlanSurroundings } from "../plan.ts";
import type { Runner } from "../runner.ts";
import type { Scenario, ScenarioFault } from "../scenario.ts";
import { loadScenario, scenarioNames } from "../scenario-check.ts";

function needsOf({ kind, role = "app", with: given = {} }: ScenarioFault): FaultNeeds {
  return nemesisOf(kind).needs?.({ id: "", kind, role, restartAfterMs: 0, with: given }) ?? {};
}

/** What a fault lacks at a runner, as the end of a sentence about it; null when it can strike. */
function missingFor(fault: ScenarioFault, runner: Runner): string | null {
  const { kind, role = "app" } = fault;
  const { database, proxies, copies = 1 } = needsOf(fault);
  const struck = runner.processes.filter((process) => process.role === role);
  const most = Math.min(...struck.map(({ replicas = 1 }) => replicas));
  if ((database !== undefined || proxies?.includes("database")) && !runner.needs?.includes("postgres"))
    return `uses no Postgres for ${kind} to strike`;
  if (database === undefined && proxies === undefined && struck.length === 0)
    return `has no process of role ${role} for ${kind} to strike`;
  if (copies > most) return `allows ${most} of its processes of role ${role} at a time where ${kind} wants ${copies}`;
  return null;
}

/** Why a runner is left out of a scenario, as the end of a sentence about it ("lacks crash"); null when it is not. */
export function whyLeftOut(scenario: Scenario, runner: Runner): string | null {
  const lacking = (scenario.needs?.localTools ?? []).filter((tool) => !runner.localTools?.includes(tool));
  if (lacking.length > 0) return `lacks ${lacking.join(", ")}`;
  for (const fault of scenario.faults ?? []) {
    const missing = missingFor(fault, runner);
    if (missing !== null) return missing;
  }
  return null;
}

/** Why a scenario cannot be tried on a runtime that was not started here, as the end of a sentence about it; null when it can. */
export function whyNotAttached({ faults = [], needs }: Pick<Scenario, "faults" | "needs">): string | null {
  const kinds = [...new Set(faults.map(({ kind }) => kind))];
  if (kinds.length > 0) return `strikes what was not started here (${kinds.join(", ")})`;
  return needs?.localTools?.includes("crash") === true ? "crashes what nobody here would start again" : null;
}

/** @throws UsageError unless there is one runner, and only scenarios whose faults are those of the model and of tools */
export async function requireForAttached(
  scenarios: readonly string[],
  runners: readonly Runner[],
  { scenarioFolder, faultKinds }: Pick<PlanSurroundings, "scenarioFolder" | "faultKinds">,
): Promise<void> {
  const load = (name: string): Promise<Scenario> => loadScenario(name, scenarioFolder, faultKinds);
  const problems: string[] = [];
  if (runners.length !== 1)
    problems.push(
      `--attach takes one runner, whose runner.json says how turns are asked for, not ${runners.length}: ${runners.map(({ name }) => name).join(", ")}.`,
    );
  for (const name of scenarios) {
    const why = whyNotAttached(await load(name));
    if (why !== null) problems.push(`Scenario ${name} ${why}, so it cannot be tried with --attach.`);
  }
  if (problems.length === 0) return;
  const [runner] = runners;
  const able: string[] = [];
  for (const name of scenarioNames(scenarioFolder)) {
    const scenario = await load(name);
    if (whyNotAttached(scenario) === null && (runner === undefined || whyLeftOut(scenario, runner) === null))
      able.push(name);
  }
  throw new UsageError([...problems, `Scenarios that can: ${able.join(", ")}.`]);
}
