/** Starts the process of one part as a runtime is started in a trial, lets it work for as long as a short trial, and reads what it used. */
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CONTRACT_STREAM_MAPPING, outcomeOf, turnRequest } from "../../harness/driver/mapping.ts";
import { TrialError } from "../../harness/errors.ts";
import type { Mapping, Runner } from "../../harness/runner.ts";
import { type BenchSite, type Contestant, measureEach } from "../contestant.ts";
import { CpuMeter } from "../cpu-time.ts";
import { KeptConnection } from "../kept-connection.ts";
import { JOB_VARIABLE, type PartJob, TALLY_SESSION, type Tally } from "./job.ts";
import type { PacedWorld } from "./paced-world.ts";

/** How long a process works before it is looked at, and how long it is. */
export interface Age {
  readonly warmUpMs: number;
  readonly lengthMs: number;
}

/** Code that is compiled as it runs becomes cheaper: after this a process has asked as often as one in the calm of a smoke trial. */
export const AGE: Age = { warmUpMs: 5500, lengthMs: 5000 };
const MEMORY_MB = 2048;
/** As the contract names the event of a token. */
const TOKEN_EVENT = "event: token\n";
const ANSWER_WITHIN_MS = 10_000;

/** One process, and what is asked of it from outside. */
export interface PartRun {
  readonly name: string;
  readonly job: PartJob;
  /** Of every answer of the model. */
  readonly tokens: number;
  /** Turns that come in. */
  readonly turnsPerSecond: number;
  /** Their clients read along. */
  readonly readAlong: boolean;
}

/** What it did and used while it was looked at. */
export interface PartFigures {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly done: number;
  readonly frames: number;
  readonly sentKb: number;
  readonly turns: number;
  /** That clients read along. */
  readonly tokensOut: number;
  /** Median of what one took by the clock; NaN where there was none. */
  readonly tookMs: number;
}

function runnerOf({ name, job }: PartRun): Runner {
  return {
    name,
    runtime: "one part of a turn",
    language: "TypeScript",
    home: "",
    folder: fileURLToPath(new URL(".", import.meta.url)),
    processes: [
      {
        name: "part",
        role: "app",
        command: ["node", "--max-old-space-size={env.MEMORY_MB}", "part-main.ts"],
        ports: ["http"],
        ready: "GET :http/healthz",
        serves: true,
        world: true,
        env: { [JOB_VARIABLE]: JSON.stringify(job) },
      },
    ],
    ...(job.does === "commit" && { needs: ["postgres"] as const }),
    promises: {},
    variantEnv: {},
  };
}

/** Turns on one kept connection at random instants; `stop` ends them and tells how many there were. */
function turnsInto(
  { baseUrl }: Contestant,
  mapping: Mapping,
  perSecond: number,
): { readonly count: () => number; readonly tokens: () => number; stop(): void } {
  const free: KeptConnection[] = [];
  const all: KeptConnection[] = [];
  let [count, tokens, stopped] = [0, 0, false];
  const turn = async (): Promise<void> => {
    const connection = free.pop() ?? new KeptConnection(baseUrl, ANSWER_WITHIN_MS);
    if (!all.includes(connection)) all.push(connection);
    const request = turnRequest(mapping, {
      session: "a3f",
      turn: String(++count),
      input: "what about my order?",
    });
    const { body } = await connection.ask(request);
    tokens += body.split(TOKEN_EVENT).length - 1;
    free.push(connection);
  };
  const plan = (): void => {
    if (stopped) return;
    // A turn that fails because everything ends is nobody's business; a part that died is noticed by its tally.
    void turn().catch(() => undefined);
    setTimeout(plan, (-Math.log(1 - Math.random()) * 1000) / perSecond);
  };
  if (perSecond > 0) plan();
  return {
    count: () => count,
    tokens: () => tokens,
    stop: () => {
      stopped = true;
      for (const connection of all) connection.close();
    },
  };
}

/** On a connection of its own: a server closes one that nobody has used for as long as a measurement takes. */
async function tallyOf({ mapping, baseUrl }: Contestant, turn: number): Promise<Tally> {
  const connection = new KeptConnection(baseUrl, ANSWER_WITHIN_MS);
  try {
    const request = turnRequest(mapping, { session: TALLY_SESSION, turn: String(turn), input: "?" });
    const outcome = outcomeOf(mapping, await connection.ask(request));
    if (outcome.kind !== "ok") throw new TrialError("The process of a part did not tell what it had done.");
    return JSON.parse(outcome.output) as Tally;
  } finally {
    connection.close();
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function measure(
  run: PartRun,
  world: PacedWorld,
  age: Age,
  contestant: Contestant,
  { signal }: BenchSite,
): Promise<PartFigures> {
  world.tokens = run.tokens;
  const mapping = run.readAlong ? CONTRACT_STREAM_MAPPING : contestant.mapping;
  const turns = turnsInto(contestant, mapping, run.turnsPerSecond);
  const cpu = new CpuMeter(contestant.appPids);
  try {
    await delay(age.warmUpMs, undefined, { signal });
    await tallyOf(contestant, 1);
    const [fromMs, cpuMs, frames, bytes, count, tokens] = [
      performance.now(),
      cpu.readMs(),
      world.frames,
      world.bytes,
      turns.count(),
      turns.tokens(),
    ];
    await delay(age.lengthMs, undefined, { signal });
    const used = cpu.readMs() - cpuMs;
    const figures = {
      seconds: (performance.now() - fromMs) / 1000,
      cpuMs: used,
      frames: world.frames - frames,
      sentKb: (world.bytes - bytes) / 1024,
      turns: turns.count() - count,
      tokensOut: turns.tokens() - tokens,
    };
    const { done, tookMs } = await tallyOf(contestant, 2);
    return { ...figures, done, tookMs: median(tookMs) };
  } finally {
    turns.stop();
  }
}

/** Measures one part after the other, each in a process of its own. @throws TrialError when one cannot be measured: the others say nothing without it */
export async function measureParts(
  runs: readonly PartRun[],
  world: PacedWorld,
  age: Age = AGE,
): Promise<ReadonlyMap<string, PartFigures>> {
  const figures = new Map<string, PartFigures>();
  await measureEach(
    runs.map(runnerOf),
    world.port,
    async (contestant, site) => {
      const run = runs.find(({ name }) => name === contestant.runner.name);
      if (run !== undefined) figures.set(run.name, await measure(run, world, age, contestant, site));
    },
    { memoryMb: MEMORY_MB, observed: true },
  );
  const missing = runs.filter(({ name }) => !figures.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new TrialError(`Not measured: ${missing.join(", ")}.`);
  return figures;
}
