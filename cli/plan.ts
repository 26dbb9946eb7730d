/** `plan`: what a run would do, without doing it. */
import type { Command } from "commander";
import type { CampaignPlan, TrialPlan } from "../harness/trial.ts";
import { count } from "../reports/format.ts";
import { addPlanOptions, benchOptions, type RunFlags } from "./run-options.ts";
import { roughTime, textTable } from "./table.ts";

function phasesOf({ phases, faults }: TrialPlan): string {
  const { warmupMs, calmMs, faultMs, quietMs } = phases;
  const lengths = `${roughTime(warmupMs)} warm-up, ${roughTime(calmMs)} calm, ${roughTime(faultMs)} fault, ${roughTime(quietMs)} quiet`;
  const points = faults.map(({ kind, afterAcknowledged }) => `${kind} after ${count(afterAcknowledged)} turns`);
  return points.length === 0 ? `${lengths}; no faults` : `${lengths}; ${points.join(", ")}`;
}

/** A plan as people read it: the order of the trials, their load, their phases. */
export function renderPlan(plan: CampaignPlan): string {
  const headings = ["trial", "live", "in flight", "streaming", "turns/s", "frames/s", "sockets", "memory", "expected"];
  const rows = plan.trials.map(({ id, load }) => [
    id,
    ...[load.liveSessions, load.inFlight, load.streaming, load.turnsPerSecond, load.framesPerSecond, load.sockets].map(
      count,
    ),
    `${count(load.memoryMb)} MB`,
    roughTime(load.durationMs),
  ]);
  const phases = new Map(plan.trials.map((trial) => [trial.scenario, phasesOf(trial)]));
  const totalMs = plan.trials.reduce((sum, { load }) => sum + load.durationMs, 0);
  return [
    textTable(headings, rows),
    "",
    ...[...phases].map(([scenario, text]) => `${scenario}: ${text}`),
    ...plan.reductions.map((reduction) => `Reduced: ${reduction}`),
    "",
    `${plan.trials.length} trials, about ${roughTime(totalMs)}. Run them with: ${plan.command}`,
  ].join("\n");
}

export function addPlanCommand(program: Command): void {
  addPlanOptions(program.command("plan").description("print the trials of a run, their load and their length"))
    .option("--json", "print the plan as JSON, every drawn value included")
    .action(async (filters: string[], flags: RunFlags & { readonly json?: boolean }) => {
      const options = benchOptions(filters, flags);
      const { planCampaign } = await import("../harness/plan.ts");
      const { surroundings } = await import("../harness/record/surroundings.ts");
      const site = surroundings(options);
      const plan = await planCampaign({ ...options, seed: options.seed ?? site.seed }, site.plan);
      process.stdout.write(`${flags.json === true ? JSON.stringify(plan, null, 2) : renderPlan(plan)}\n`);
    });
}
