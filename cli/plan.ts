/** `plan`: what a run would do, without doing it. */
import type { Command } from "commander";
import { driverFaultsOf } from "../harness/driver-faults.ts";
import type { CampaignPlan, PlannedFault, TrialPlan } from "../harness/trial.ts";
import { count, counted } from "../reports/format.ts";
import { addPlanOptions, benchOptions, type RunFlags } from "./run-options.ts";
import { roughTime, textTable } from "./table.ts";

/** When a fault fires that waits for no step, in words. */
function whenOf({ afterAcknowledged, clockMs }: PlannedFault): string {
  if (clockMs !== undefined) return `${roughTime(clockMs)} into the fault phase (for looking, not for comparing)`;
  return `after ${count(afterAcknowledged ?? 0)} turns`;
}

/** All faults in their order; those at steps in one phrase per kind. */
function faultPhrases(faults: readonly PlannedFault[]): string[] {
  const others = faults.filter(({ atStep }) => atStep === undefined);
  const stepped = Map.groupBy(
    faults.filter(({ atStep }) => atStep !== undefined),
    ({ kind }) => kind,
  );
  return [
    ...others.map((fault) => `${fault.kind} ${whenOf(fault)}`),
    ...[...stepped].map(([kind, own]) => {
      const points = own.map(({ atStep }) => atStep?.at).join(", ");
      const members = Math.max(...own.map(({ atStep }) => atStep?.members.length ?? 0));
      return `${kind} at ${counted(own.length, "step")} (${points}) with ${counted(members, "session")} held at each`;
    }),
  ];
}

function phasesOf({ phases, faults, definition }: TrialPlan): string {
  const { warmupMs, calmMs, faultMs, quietMs } = phases;
  const lengths = `${roughTime(warmupMs)} warm-up, ${roughTime(calmMs)} calm, ${roughTime(faultMs)} fault, ${roughTime(quietMs)} quiet`;
  const points = [
    ...driverFaultsOf(definition).map(({ kind, cohort }) => `${kind} to ${cohort}`),
    ...faultPhrases(faults),
  ];
  return points.length === 0 ? `${lengths}; no faults` : `${lengths}; ${points.join(", ")}`;
}

/** A plan as people read it: the order of the trials, their load, their phases. @param offered which shares of capacity that is, in sentences */
export function renderPlan(plan: CampaignPlan, offered: readonly string[] = []): string {
  const headings = ["trial", "live", "in flight", "streaming", "turns/s", "frames/s", "sockets", "memory", "expected"];
  const rows = plan.trials.map(({ id, load }) => [
    id,
    ...[load.liveSessions, load.inFlight, load.streaming, load.turnsPerSecond, load.framesPerSecond, load.sockets].map(
      count,
    ),
    `${count(load.memoryMb)} MB`,
    roughTime(load.durationMs),
  ]);
  const twins = plan.trials.filter(({ twinOf }) => twinOf !== undefined).length;
  const compared = plan.trials.filter(({ twinOf }) => twinOf === undefined);
  const phases = new Map(compared.map((trial) => [trial.scenario, phasesOf(trial)]));
  const totalMs = plan.trials.reduce((sum, { load }) => sum + load.durationMs, 0);
  return [
    textTable(headings, rows),
    "",
    ...[...phases].map(([scenario, text]) => `${scenario}: ${text}`),
    ...(twins === 0
      ? []
      : [`${twins} calm twins: the same trial without any fault, compared turn by turn, in no ranking.`]),
    ...offered,
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
      const { offeredSentences } = await import("../harness/plan/capacity-load.ts");
      const { surroundings } = await import("../harness/record/surroundings.ts");
      const site = surroundings(options);
      const plan = await planCampaign({ ...options, seed: options.seed ?? site.seed }, site.plan);
      const names = new Set(plan.trials.map(({ runner }) => runner));
      const capacities = [...names].flatMap((name) => site.plan.capacity(site.runner(name)) ?? []);
      const offered = offeredSentences(plan, capacities);
      process.stdout.write(`${flags.json === true ? JSON.stringify(plan, null, 2) : renderPlan(plan, offered)}\n`);
    });
}
