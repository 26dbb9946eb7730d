/** Starts a measured process as a runtime is started in a trial, has it do this and that by turns, and reads what it used for each. */
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CONTRACT_STREAM_MAPPING, outcomeOf, turnRequest } from "../../harness/driver/mapping.ts";
import { TrialError } from "../../harness/errors.ts";
import type { Runner } from "../../harness/runner.ts";
import { type BenchSite, type Contestant, measureEach } from "../contestant.ts";
import { CpuMeter } from "../cpu-time.ts";
import { KeptConnection } from "../kept-connection.ts";
import { type Doing, JOB_VARIABLE, KINDS, type Kind, type PartJob, SWITCH_SESSION, type Tally } from "./job.ts";
import type { PacedWorld } from "./paced-world.ts";
import { Turns } from "./turns.ts";

/** How long a process works before it is looked at, and how long it is. */
export interface Age {
  readonly warmUpMs: number;
  readonly lengthMs: number;
}

/** Code that is compiled as it runs becomes cheaper: after this a process has asked as often as one in the calm of a trial of the default profile. */
export const AGE: Age = { warmUpMs: 8_000, lengthMs: 28_000 };
/** In the warm-up everything happens so many times as often, as when all sessions of a trial begin. */
const HURRY = 2;
/**
 * By turns with and without the part, in an order that a steady drift of the machine does not show in (ABBA): neighbours who use the same
 * core move its speed by a tenth within a minute, which is more than most parts cost.
 */
const WARM_UP_ORDER = [true, false, true, false] as const;
const ORDER = [false, true, true, false, false, true, true, false] as const;
/** Of each turn, how much passes before it is looked at: what was begun before has to end. */
const SETTLING_SHARE = 0.4;
const MEMORY_MB = 2048;
const ANSWER_WITHIN_MS = 10_000;

/** What a process does, and what is asked of it from outside. */
export interface PartWork extends Doing {
  readonly turnsPerSecond: number;
  /** The clients of these turns read along. */
  readonly readAlong: boolean;
}

/** One process. */
export interface PartRun {
  readonly name: string;
  readonly job: PartJob;
  readonly without: PartWork;
  /** The same, and the part; none for what is looked at as it is. */
  readonly with: PartWork | null;
}

/** What it did and used while it was looked at. */
export interface PartFigures {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly done: Readonly<Record<Kind, number>>;
  /** Pieces of text that the model said. */
  readonly frames: number;
  readonly sentKb: number;
  readonly turns: number;
  /** That clients read along. */
  readonly tokensOut: number;
  /** Of each commit by the clock. */
  readonly commitsMs: readonly number[];
}

/** Of one process; `with` is null where it never did more. */
export interface RunFigures {
  readonly without: PartFigures;
  readonly with: PartFigures | null;
}

function runnerOf(run: PartRun): Runner {
  const commits = [run.without, run.with].some((work) => work?.rates.commit !== undefined);
  return {
    name: run.name,
    runtime: "parts of a turn",
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
        env: { [JOB_VARIABLE]: JSON.stringify(run.job) },
      },
    ],
    ...(commits && { needs: ["postgres"] as const }),
    promises: {},
    variantEnv: {},
  };
}

const NONE: PartFigures = {
  seconds: 0,
  cpuMs: 0,
  done: { tick: 0, ask: 0, brief: 0, tool: 0, post: 0, commit: 0 },
  frames: 0,
  sentKb: 0,
  turns: 0,
  tokensOut: 0,
  commitsMs: [],
};

/** Looked at together. */
function added(a: PartFigures, b: PartFigures): PartFigures {
  return {
    seconds: a.seconds + b.seconds,
    cpuMs: a.cpuMs + b.cpuMs,
    done: Object.fromEntries(KINDS.map((kind) => [kind, a.done[kind] + b.done[kind]])) as Record<Kind, number>,
    frames: a.frames + b.frames,
    sentKb: a.sentKb + b.sentKb,
    turns: a.turns + b.turns,
    tokensOut: a.tokensOut + b.tokensOut,
    commitsMs: [...a.commitsMs, ...b.commitsMs],
  };
}

/** So many times as often. */
function hurried(work: PartWork): PartWork {
  const rates = Object.fromEntries(Object.entries(work.rates).map(([kind, perSecond]) => [kind, perSecond * HURRY]));
  return { ...work, rates, turnsPerSecond: work.turnsPerSecond * HURRY };
}

/** One process that is being measured. */
class Measured {
  readonly #contestant: Contestant;
  readonly #world: PacedWorld;
  readonly #signal: AbortSignal;
  readonly #turns: Turns;
  readonly #cpu: CpuMeter;

  constructor(contestant: Contestant, world: PacedWorld, { signal }: BenchSite) {
    this.#contestant = contestant;
    this.#world = world;
    this.#signal = signal;
    this.#turns = new Turns(contestant.baseUrl, ANSWER_WITHIN_MS);
    this.#cpu = new CpuMeter(contestant.appPids);
  }

  /** Has it do this for so long and tells what it did and used, once what was begun before had time to end. */
  async look(work: PartWork, lengthMs: number): Promise<PartFigures> {
    await this.#tell(JSON.stringify(work));
    this.#turns.set(work.turnsPerSecond, work.readAlong ? CONTRACT_STREAM_MAPPING : this.#contestant.mapping);
    const settlingMs = lengthMs * SETTLING_SHARE;
    await delay(settlingMs, undefined, { signal: this.#signal });
    await this.#tell("");
    const [fromMs, cpuMs] = [performance.now(), this.#cpu.readMs()];
    const { frames, bytes } = this.#world;
    const { count, tokens } = this.#turns;
    await delay(lengthMs - settlingMs, undefined, { signal: this.#signal });
    const used = this.#cpu.readMs() - cpuMs;
    const counted = {
      seconds: (performance.now() - fromMs) / 1000,
      frames: this.#world.frames - frames,
      sentKb: (this.#world.bytes - bytes) / 1024,
      turns: this.#turns.count - count,
      tokensOut: this.#turns.tokens - tokens,
    };
    return { cpuMs: used, ...counted, ...(await this.#tell("")) };
  }

  close(): void {
    this.#turns.close();
  }

  /** On a connection of its own: a server closes one that nobody has used for as long as a look takes. @param input what to do from now on, or nothing new */
  async #tell(input: string): Promise<Tally> {
    const { mapping, baseUrl } = this.#contestant;
    const connection = new KeptConnection(baseUrl, ANSWER_WITHIN_MS);
    try {
      const request = turnRequest(mapping, { session: SWITCH_SESSION, turn: "1", input });
      const outcome = outcomeOf(mapping, await connection.ask(request));
      if (outcome.kind !== "ok") throw new TrialError("The process of a part did not tell what it had done.");
      return JSON.parse(outcome.output) as Tally;
    } finally {
      connection.close();
    }
  }
}

async function measure(run: PartRun, age: Age, measured: Measured): Promise<RunFigures> {
  const { without, with: more } = run;
  for (const on of WARM_UP_ORDER)
    await measured.look(hurried(on ? (more ?? without) : without), age.warmUpMs / WARM_UP_ORDER.length);
  if (more === null) return { without: await measured.look(without, age.lengthMs), with: null };
  // What was hurried has ended, and compiled, after one more turn that is not counted.
  await measured.look(without, age.lengthMs / ORDER.length);
  const [off, on] = [[NONE], [NONE]];
  for (const does of ORDER)
    (does ? on : off).push(await measured.look(does ? more : without, age.lengthMs / ORDER.length));
  return { without: off.reduce(added), with: on.reduce(added) };
}

/** Measures one after the other, each in a process of its own. @throws TrialError when one cannot be measured: the others say nothing without it */
export async function measureParts(
  runs: readonly PartRun[],
  world: PacedWorld,
  age: Age = AGE,
): Promise<ReadonlyMap<string, RunFigures>> {
  const figures = new Map<string, RunFigures>();
  await measureEach(
    runs.map(runnerOf),
    world.port,
    async (contestant, site) => {
      const run = runs.find(({ name }) => name === contestant.runner.name);
      if (run === undefined) return;
      const measured = new Measured(contestant, world, site);
      try {
        figures.set(run.name, await measure(run, age, measured));
      } finally {
        measured.close();
      }
    },
    { memoryMb: MEMORY_MB, observed: true },
  );
  const missing = runs.filter(({ name }) => !figures.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new TrialError(`Not measured: ${missing.join(", ")}.`);
  return figures;
}
