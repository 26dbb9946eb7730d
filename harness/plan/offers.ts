/** Whether a scenario means anything to a runner: what it asks for is there, and what its faults strike exists. */
import { type FaultNeeds, nemesisOf } from "../nemeses/nemesis.ts";
import type { Runner } from "../runner.ts";
import type { Scenario, ScenarioFault } from "../scenario.ts";

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
