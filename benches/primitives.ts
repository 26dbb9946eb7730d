/**
 * What the parts of a turn cost on this machine, each measured for itself, and whether their sum is what a turn costs.
 *
 *     node benches/primitives.ts [--check] [--rounds 2] [--scenarios steady,cpu-mix,chat-stumbles] [--json FILE] [--into DIR]
 *
 * Every part has a process of its own, started, observed and pinned as a runtime is, which reads as many streams of the model as one does in
 * a trial of the default profile and by turns does more of that part: a loop that never sleeps would find everything too cheap, and a
 * process that does nothing else too dear. What is computation alone is measured by tinybench. `--check` records trials in the same session
 * and holds their CPU per turn against the sum of the parts that each runner's `budget` names; more than 20 % off at a scenario that had no
 * say in choosing the parts is a miss, and exit code 1. Who shares a machine makes the same work dearer by up to a half for minutes: the
 * same streams are read before and after every trial, and its sum is told for what they cost then. A round takes 20 minutes; the means of
 * two are told. It wants an idle machine.
 * What is measured is kept for this machine; new campaigns show it in their reports, `--into` adds it to a recorded one.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { EXIT } from "../cli/exit-codes.ts";
import { FlagProblems, integerFlag } from "../cli/flags.ts";
import { textTable } from "../cli/table.ts";
import { type CostlyTool, PARTS, type Part, TOOL_UNITS } from "../harness/budget/parts.ts";
import { type BudgetCheck, type Primitive, type Primitives, WITHIN } from "../harness/budget/primitives.ts";
import { conformanceHash } from "../harness/conform/certificate.ts";
import { machineFingerprint, storeFigures } from "../harness/machine-figures.ts";
import { parseCores, planCores } from "../harness/processes/cores.ts";
import { entryPoint } from "../harness/processes/entry.ts";
import { Campaign } from "../harness/recordings.ts";
import type { Runner } from "../harness/runner.ts";
import { contestants } from "../harness/runner-check.ts";
import { round } from "../harness/statistics/round.ts";
import { runBenchCommand } from "./command.ts";
import type { PartCosts } from "./primitives/costs.ts";
import { AGE, type Age } from "./primitives/part-runner.ts";
import { meanChecks, meanPrimitives } from "./primitives/rounds.ts";
import { CHECKED, checkTrials } from "./primitives/trials.ts";

/** Rounds of a check. */
const CHECK_ROUNDS = 2;

interface Computed {
  readonly toolMs: Record<CostlyTool, number>;
  readonly smallUs: readonly (readonly [what: string, us: number])[];
}

/** Runs one of the measuring processes and reads what it wrote. */
function measured<Result>(path: string, args: readonly string[], core: number | null): Result {
  const node = [process.execPath, "--max-old-space-size=2048", entryPoint(import.meta.url, path), ...args];
  const [file = "", ...words] = core === null ? node : ["taskset", "-c", String(core), ...node];
  return JSON.parse(execFileSync(file, words, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })) as Result;
}

function measureAll(runners: readonly Runner[], { warmUpMs, lengthMs }: Age): Primitives {
  const cores = planCores();
  const core = cores === null ? null : (parseCores(cores.runtime)[0] ?? null);
  const { toolMs, smallUs } = measured<Computed>("./primitives/hot-main", [], core);
  const parts = measured<PartCosts & { roundTripMs: number; yardstickMs: number }>(
    "./primitives/measure-main",
    ["parts", String(lengthMs), String(warmUpMs)],
    null,
  );
  const table: Primitive[] = [
    ...(Object.keys(PARTS) as Part[]).map((part) => ({
      what: PARTS[part],
      value: parts.partMs[part],
      unit: "ms of CPU",
    })),
    ...(Object.keys(TOOL_UNITS) as CostlyTool[]).map((tool) => {
      const one = TOOL_UNITS[tool].replace(/s$/, "");
      return { what: `${tool}, a ${one}`, value: round(toolMs[tool], 5), unit: "ms of CPU" };
    }),
    ...smallUs.map(([what, us]) => ({ what, value: round(us, 3), unit: "µs of CPU" })),
    { what: "a streamed answer, read, at the speed of these minutes", value: parts.yardstickMs, unit: "ms of CPU" },
    { what: "bytes to another process and back", value: parts.roundTripMs, unit: "ms" },
    { what: "a commit alone", value: parts.commitMs, unit: "ms" },
    { what: "a row of a commit of 64", value: parts.batchedCommitMs, unit: "ms" },
  ];
  return {
    format: "agent-derby-primitives/2",
    machine: machineFingerprint(),
    recorded: new Date().toISOString().slice(0, 10),
    node: process.version,
    runners: runners.map((runner) => ({ runner: runner.name, hash: conformanceHash(runner) })),
    warmUpMs,
    lengthMs,
    partMs: parts.partMs,
    toolMs,
    yardstickMs: parts.yardstickMs,
    roundTripMs: parts.roundTripMs,
    commitMs: parts.commitMs,
    table,
  };
}

const yardstickNow = (): number =>
  measured<{ yardstickMs: number }>("./primitives/measure-main", ["yardstick"], null).yardstickMs;

const misses = ({ predictedMs, measuredMs }: BudgetCheck): boolean => Math.abs(predictedMs / measuredMs - 1) > WITHIN;

function verdict(check: BudgetCheck): string {
  if (!check.valid) return "the trial is not valid";
  const says = misses(check) ? "MISSED" : "within 20 %";
  return check.chosenBy ? `${says}, parts chosen by it` : says;
}

/** @param wanted how many trials should have been recorded. @returns whether every sum that had to predict something did */
function printChecks(checks: readonly BudgetCheck[], wanted: number): boolean {
  const rows = checks.map((check) => {
    const { scenario, runner, slowness, predictedMs, measuredMs } = check;
    const figures = [slowness, predictedMs, measuredMs, predictedMs / measuredMs].map((value) => value.toFixed(2));
    return [scenario, runner, ...figures, verdict(check)];
  });
  console.log(
    `\n${textTable(["scenario", "runner", "machine", "sum of parts, ms", "CPU per turn, ms", "ratio", ""], rows)}`,
  );
  const unseen = checks.filter(({ chosenBy }) => !chosenBy);
  const hits = unseen.filter((check) => check.valid && !misses(check));
  const invalid = unseen.filter(({ valid }) => !valid).length;
  console.log(
    `\n${hits.length} of ${unseen.length} sums within 20 % where the scenario had no say in choosing the parts; ${invalid} of these trials are not valid.`,
  );
  if (checks.length < wanted) console.log(`${wanted - checks.length} trials of ${wanted} were not recorded.`);
  return checks.length === wanted && hits.length === unseen.length;
}

function print({ table }: Primitives): void {
  console.log(
    textTable(
      ["part", "one of it", ""],
      table.map(({ what, value, unit }) => [what, String(value), unit]),
    ),
  );
  if (table.some(({ value }) => value <= 0))
    console.log(
      "\nWhat costs less than nothing could not be told from the noise of this machine: measure again when it is idle.",
    );
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      check: { type: "boolean", default: false },
      scenarios: { type: "string", default: CHECKED.join(",") },
      length: { type: "string", default: String(AGE.lengthMs) },
      "warm-up": { type: "string", default: String(AGE.warmUpMs) },
      rounds: { type: "string" },
      json: { type: "string" },
      into: { type: "string" },
    },
  });
  const problems = new FlagProblems();
  const lengthMs = integerFlag(problems, "--length", values.length, 100, 600_000) ?? 0;
  const warmUpMs = integerFlag(problems, "--warm-up", values["warm-up"], 100, 600_000) ?? 0;
  const rounds = integerFlag(problems, "--rounds", values.rounds, 1, 100) ?? (values.check ? CHECK_ROUNDS : 1);
  problems.finish();
  const campaign = values.into === undefined ? null : Campaign.open(values.into);
  const runners = contestants().filter(({ budget }) => budget !== undefined);
  const scenarios = values.scenarios.split(",");
  const measures: Primitives[] = [];
  const checks: BudgetCheck[][] = [];
  for (let number = 1; number <= rounds; number++) {
    const parts = measureAll(runners, { lengthMs, warmUpMs });
    measures.push(parts);
    if (values.check)
      checks.push(await checkTrials({ runners, scenarios, seed: `budget-${number}`, yardstick: yardstickNow }, parts));
    process.stderr.write(`round ${number} of ${rounds}\n`);
  }
  const primitives: Primitives = {
    ...meanPrimitives(measures),
    ...(values.check && { checks: meanChecks(checks) }),
  };
  print(primitives);
  if (primitives.checks !== undefined && !printChecks(primitives.checks, scenarios.length * runners.length))
    process.exitCode = EXIT.broken;
  storeFigures("primitives", primitives);
  campaign?.write("primitives.json", primitives);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(primitives, null, 2)}\n`);
}

await runBenchCommand(main);
