/**
 * How many turns a second each runner takes, and with how many connections it is saturated: a closed loop by autocannon, with ever
 * more connections.
 *
 *     node benches/capacity.ts [RUNNER…] [--connections 1,2,4,…] [--seconds 3] [--json FILE] [--into DIR]
 *
 * A turn is one completion of 20 tokens that come at once, and no tool. The runtime and its database have one core, client and model
 * the other. What is measured is kept for this machine: `run --load PERCENT` sizes its load by it, and new campaigns show it in their
 * reports. `--into` adds it to a campaign that was recorded before; `report DIR` then shows it.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { FlagProblems, integerFlag } from "../cli/flags.ts";
import {
  type CapacityFigures,
  type CapacityStep,
  kneeOf,
  P99_TURNS,
  type RunnerCapacity,
} from "../harness/capacity.ts";
import { conformanceHash } from "../harness/conform/certificate.ts";
import { TrialError } from "../harness/errors.ts";
import { machineFingerprint, storedFigures, storeFigures } from "../harness/machine-figures.ts";
import { Campaign } from "../harness/recordings.ts";
import type { Runner } from "../harness/runner.ts";
import { round } from "../harness/statistics/round.ts";
import { cannonLoad } from "./cannon.ts";
import { capacityTables } from "./capacity-table.ts";
import { runBenchCommand } from "./command.ts";
import { type BenchSite, type Contestant, chosenRunners, measureEach } from "./contestant.ts";
import { completionEvents, startModelAtOnce } from "./model-at-once.ts";
import { Stretches, stretchOf } from "./stretch.ts";
import { TOKENS } from "./turn-load.ts";

const CONNECTIONS = "1,2,4,8,16,32,64,128,256";
const CONNECTIONS_MOST = 4_096;
/** Code that is compiled as it runs is compiled by then. */
const WARM_UP = { connections: 32, lengthMs: 3_000 } as const;

interface Steps {
  readonly connections: readonly number[];
  readonly lengthMs: number;
  readonly warmUpMs: number;
}

/** One step. @throws TrialError when nothing was answered at all, so that more connections would find nothing either */
async function measureStep(
  contestant: Contestant,
  site: BenchSite,
  connections: number,
  lengthMs: number,
): Promise<CapacityStep> {
  const stretches = new Stretches(contestant, site);
  const load = cannonLoad(contestant, connections);
  let maxMs = 0;
  const stretch = await stretchOf(load, site, lengthMs, {
    begin: () => stretches.read(),
    end: (from, tookMs) => {
      maxMs = tookMs.reduce((most, ms) => Math.max(most, ms), 0);
      return stretches.since(from, String(connections), tookMs);
    },
  });
  const { turns, turnsPerSecond, appPercent, storePercent, othersPercent, loadPercent, verdict } = stretch;
  const [firstError] = load.errors;
  if (turns === 0 && firstError !== undefined)
    throw new TrialError(`With ${connections} connections no turn was answered. ${firstError}`);
  return {
    connections,
    turns,
    turnsPerSecond,
    p50Ms: turns === 0 ? null : stretch.p50Ms,
    p99Ms: turns < P99_TURNS ? null : stretch.p99Ms,
    maxMs: turns === 0 ? null : round(maxMs, 2),
    appPercent,
    storePercent,
    othersPercent: Number.isNaN(othersPercent) ? null : othersPercent,
    loadPercent,
    errors: load.errors.length,
    ...(firstError !== undefined && { firstError }),
    verdict,
  };
}

async function measureRunner(contestant: Contestant, site: BenchSite, wanted: Steps): Promise<RunnerCapacity> {
  const { runner } = contestant;
  await measureStep(contestant, site, WARM_UP.connections, wanted.warmUpMs);
  const steps: CapacityStep[] = [];
  for (const connections of wanted.connections)
    steps.push(await measureStep(contestant, site, connections, wanted.lengthMs));
  const recorded = new Date().toISOString().slice(0, 10);
  return { runner: runner.name, hash: conformanceHash(runner), recorded, steps, knee: kneeOf(steps) };
}

/** What was known with what is new in its place. */
function withNew(known: CapacityFigures | null, measured: readonly RunnerCapacity[]): CapacityFigures {
  const others = (known?.runners ?? []).filter(({ runner }) => !measured.some((one) => one.runner === runner));
  const runners = [...others, ...measured].sort((a, b) => (a.runner < b.runner ? -1 : 1));
  return { format: "agent-derby-capacity/1", machine: machineFingerprint(), runners };
}

/** Adds what was measured to a recorded campaign; figures of other machines there make way. */
function addTo(campaign: Campaign, measured: readonly RunnerCapacity[]): void {
  const known = campaign.figures("capacity");
  const fitting = known?.machine === machineFingerprint() ? known : null;
  campaign.write("capacity.json", withNew(fitting, measured));
  console.log(`\nAdded to ${campaign.folder}; "report ${campaign.folder}" shows it.`);
}

function connectionsFlag(problems: FlagProblems, given: string): number[] {
  const counts = given.split(",").map((text) => integerFlag(problems, "--connections", text, 1, CONNECTIONS_MOST) ?? 0);
  if (counts.some((count, index) => count <= (counts[index - 1] ?? 0)))
    problems.add(`--connections takes rising numbers, as in ${CONNECTIONS}.`);
  return counts;
}

async function measureAll(runners: readonly Runner[], steps: Steps): Promise<RunnerCapacity[]> {
  const events = completionEvents(TOKENS);
  const model = await startModelAtOnce(() => events);
  try {
    return await measureEach(runners, model.port, (contestant, site) => measureRunner(contestant, site, steps));
  } finally {
    await model.close();
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      connections: { type: "string", default: CONNECTIONS },
      seconds: { type: "string", default: "3" },
      json: { type: "string" },
      into: { type: "string" },
    },
  });
  const problems = new FlagProblems();
  const connections = connectionsFlag(problems, values.connections);
  const lengthMs = (integerFlag(problems, "--seconds", values.seconds, 1, 600) ?? 0) * 1000;
  problems.finish();
  const campaign = values.into === undefined ? null : Campaign.open(values.into);
  const runners = await chosenRunners(positionals);
  const warmUpMs = Math.min(lengthMs, WARM_UP.lengthMs);
  const measured = await measureAll(runners, { connections, lengthMs, warmUpMs });
  if (measured.length === 0) return;
  console.log(capacityTables(measured));
  storeFigures("capacity", withNew(storedFigures("capacity"), measured));
  if (campaign !== null) addTo(campaign, measured);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(withNew(null, measured), null, 2)}\n`);
}

await runBenchCommand(main);
