/**
 * Whether the gate finds what was planted: a runner against itself made slower by a known factor, decided by real pairs.
 *
 *     node benches/gate-planted.ts [--stretch 1.1] [--times 20] [--runner async] [--budget 7] [--out results/gate-planted] [--json FILE]
 *
 * Both contestants stand behind the same process of ours (`stretching-front.ts`); the candidate's makes what each turn takes beyond its script
 * longer, and notes what it really added. Each decision has a seed of its own and is one line in OUT/outcomes.ndjson; the same command
 * goes on where it was stopped. --stretch 1 plants nothing: then a regression is a false alarm.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { BenchWatcher } from "../harness/bench.ts";
import { UsageError } from "../harness/errors.ts";
import { ledgerEntry } from "../harness/gate/ledger.ts";
import { recordPairs } from "../harness/gate/record-pairs.ts";
import { gate } from "../harness/gate.ts";
import { meanOf } from "../harness/random.ts";
import type { Runner } from "../harness/runner.ts";
import { resolveRunner } from "../harness/runner-check.ts";
import scenario from "../scenarios/heavy-turns.ts";
import { runBenchCommand } from "./command.ts";
import { outcomesIn, PLANTED_LIMIT, type PlantedOutcome, plantedLines } from "./planted-outcomes.ts";

const SCENARIO = "heavy-turns";
/** Default of scripts. */
const TOKENS_PER_SECOND = 50;
/** Length of the scenario's script, all of which is constant. */
const FLOOR_MS = scenario.cohorts.everyone.script.reduce(
  (sum, { say }) => sum + meanOf(say.firstTokenMs) + ((meanOf(say.tokens) - 1) * 1_000) / TOKENS_PER_SECOND,
  0,
);
const FRONT = fileURLToPath(new URL("stretching-front.ts", import.meta.url));

/** A folder whose runner is `runner` behind a front; its one process that serves and talks to the World must need nothing beside itself. */
function behindFront({ folder, processes, ...rest }: Runner, place: string, stretch: number): string {
  const [server, ...others] = processes;
  if (server === undefined || others.length > 0)
    throw new UsageError("Only a runner of one process can be put behind a front.");
  mkdirSync(place, { recursive: true });
  const found = (word: string): string => (existsSync(join(folder, word)) ? join(folder, word) : word);
  const { runtime, language, home, localTools = [] } = rest;
  const file = {
    runtime: `${runtime}, behind a front`,
    language,
    home,
    contestant: false,
    localTools,
    promises: {},
    processes: [
      {
        name: "backend",
        role: "app",
        command: server.command.map(found),
        ports: ["backend"],
        ready: "GET :backend/healthz",
        world: true,
        env: { ...server.env, PORT_HTTP: "{port.backend}" },
      },
      {
        name: "front",
        role: "engine",
        command: ["node", FRONT],
        serves: true,
        env: {
          BACKEND_PORT: "{port.backend}",
          STRETCH: String(stretch),
          FLOOR_MS: String(FLOOR_MS),
          STRETCH_LOG: join(place, "stretch.log"),
        },
      },
    ],
  };
  writeFileSync(join(place, "runner.json"), `${JSON.stringify(file, null, 2)}\n`);
  return place;
}

/** What the fronts of a contestant noted, over all its trials. */
function realisedIn(place: string): number | null {
  const notes = readdirSync(place)
    .filter((name) => name.startsWith("stretch.log."))
    .map((name) => JSON.parse(readFileSync(join(place, name), "utf8")) as { heldMs: number; addedMs: number });
  const sum = (key: "heldMs" | "addedMs"): number => notes.reduce((all, note) => all + note[key], 0);
  return sum("heldMs") === 0 ? null : 1 + sum("addedMs") / sum("heldMs");
}

const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
const WATCH: BenchWatcher = {
  planned: () => undefined,
  trialStarted: () => undefined,
  progress: () => undefined,
  trialEnded: ({ id }, status, reason) => say(`${id} ${status}${reason === undefined ? "" : `: ${reason}`}`),
  note: say,
};

interface Asked {
  readonly stretch: number;
  readonly runner: string;
  readonly budget: number;
  readonly out: string;
}

/** One decision by real pairs. @throws UsageError when it was stopped: a decision that was cut short is none */
async function decide(
  { stretch, runner, budget, out }: Asked,
  seed: string,
  signal: AbortSignal,
): Promise<PlantedOutcome> {
  const place = resolve(out, "fronts", seed);
  rmSync(place, { recursive: true, force: true });
  const one = resolveRunner(runner);
  const baseline = behindFront(one, join(place, "baseline"), 1);
  const candidate = behindFront(one, join(place, "candidate"), stretch);
  const job = {
    baseline,
    candidate,
    scenario: SCENARIO,
    profile: "gate",
    seed,
    out,
    postgres: "embedded",
    price: { input: 3, output: 15 },
    pin: true,
    calibrate: false,
    invocation: "npx agent-derby run",
    signal,
  };
  const { summary, interrupted } = await recordPairs(job, [PLANTED_LIMIT], budget, WATCH);
  if (interrupted) throw new UsageError("Stopped. The same command goes on.");
  const [line] = gate(summary, { format: "agent-derby-gate/1", promises: false }, null).lines;
  const trials = summary.scenarios.flatMap(({ results }) => results.flatMap((result) => result.trials)).length;
  const { recorded, machine, load, figures } = ledgerEntry(summary, runner);
  const figure = figures.find((one) => one.figure === PLANTED_LIMIT.figure && one.phase === PLANTED_LIMIT.phase);
  return {
    recorded,
    machine,
    load,
    runner,
    scenario: SCENARIO,
    stretch,
    seed,
    answer: line?.answer ?? "none",
    says: line?.says ?? "",
    realised: realisedIn(candidate),
    trials,
    voids: summary.void.length,
    pairsMost: summary.campaign.pairs?.pairsMost ?? 0,
    figure: figure ?? null,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stretch: { type: "string", default: "1.1" },
      times: { type: "string", default: "20" },
      runner: { type: "string", default: "async" },
      budget: { type: "string", default: "7" },
      out: { type: "string", default: join("results", "gate-planted") },
      json: { type: "string" },
    },
  });
  const [stretch, times, budget] = [Number(values.stretch), Number(values.times), Number(values.budget)];
  if (!(stretch >= 1 && stretch <= 10)) throw new UsageError(`--stretch takes 1 to 10, not "${values.stretch}".`);
  if (!Number.isInteger(times) || times < 1)
    throw new UsageError(`--times takes a whole number, not "${values.times}".`);
  if (!(budget >= 1)) throw new UsageError(`--budget takes minutes from 1 on, not "${values.budget}".`);
  const { runner, out } = values;
  mkdirSync(out, { recursive: true });
  const file = join(out, "outcomes.ndjson");
  const known = (): PlantedOutcome[] => outcomesIn(file).filter((one) => one.stretch === stretch);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  for (let n = known().length + 1; n <= times; n++) {
    const outcome = await decide({ stretch, runner, budget, out }, `planted-${stretch}-${n}`, stop.signal);
    appendFileSync(file, `${JSON.stringify(outcome)}\n`);
    say(`${n} of ${times}: ${outcome.answer}. ${outcome.says}`);
  }
  console.log(plantedLines(known(), stretch).join("\n"));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(known(), null, 2)}\n`);
}

await runBenchCommand(main);
