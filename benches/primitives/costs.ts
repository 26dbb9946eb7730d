/**
 * Which processes are measured, and what one of each part costs by them: always as the difference of two processes that are alike but
 * for the part, at the rates of a trial of the smoke profile. Pure.
 */
import type { Part } from "../../harness/budget/parts.ts";
import type { PartJob } from "./job.ts";
import type { PartFigures, PartRun } from "./part-runner.ts";

/** Turns per second of a trial of the smoke profile; each asks the model twice and a tool once. */
const TURNS = 34;
const ASKS = 2 * TURNS;
/** What costs little is done more often, or it could not be told from how much an idle process differs from the next; still one by one. */
const LITTLE = 8 * TURNS;
const FEW_TOKENS = 5;
const MANY_TOKENS = 40;
const SHORT_BYTES = 640;
const LONG_BYTES = 32 * 1024;
const THREADS = 2;
const BATCH_ROWS = 64;

const IDLE: PartJob = { does: "nothing", perSecond: 0, conversationBytes: 0, threads: 0, tokensOut: 0, rows: 1 };

function run(name: string, job: Partial<PartJob>, more: Partial<PartRun> = {}): PartRun {
  return { name, job: { ...IDLE, ...job }, tokens: FEW_TOKENS, turnsPerSecond: 0, readAlong: false, ...more };
}

const RUNS = {
  idle: run("idle", {}),
  tick: run("tick", { does: "tick", perSecond: ASKS }),
  threads: run("threads", { does: "tick", perSecond: LITTLE, threads: THREADS }),
  post: run("post", { does: "post", perSecond: LITTLE, threads: THREADS }),
  spread: run("spread", {
    does: "ask",
    perSecond: ASKS,
    conversationBytes: SHORT_BYTES,
    threads: THREADS,
    spread: true,
  }),
  turn: run("turn", {}, { turnsPerSecond: 4 * TURNS }),
  read: run("read", { tokensOut: MANY_TOKENS }, { turnsPerSecond: TURNS, readAlong: true }),
  ask: run("ask", { does: "ask", perSecond: ASKS, conversationBytes: SHORT_BYTES }),
  stream: run("stream", { does: "ask", perSecond: ASKS, conversationBytes: SHORT_BYTES }, { tokens: MANY_TOKENS }),
  long: run("long", { does: "ask", perSecond: ASKS, conversationBytes: LONG_BYTES }),
  tool: run("tool", { does: "tool", perSecond: 2 * TURNS }),
  commit: run("commit", { does: "commit", perSecond: 4 * TURNS }),
  batch: run("batch", { does: "commit", perSecond: 10, rows: BATCH_ROWS }),
} as const;
type Measured = keyof typeof RUNS;

export const PART_RUNS: readonly PartRun[] = Object.values(RUNS);

export interface PartCosts {
  readonly partMs: Record<Part, number>;
  readonly commitMs: number;
  readonly batchedCommitMs: number;
}

/** Milliseconds of CPU per unit of each part. @throws when a figure is missing */
export function costsOf(figures: ReadonlyMap<string, PartFigures>): PartCosts {
  const of = (name: Measured): PartFigures => {
    const found = figures.get(name);
    if (found === undefined) throw new Error(`the figures of ${name} are missing`);
    return found;
  };
  /** CPU milliseconds per second. */
  const rate = (name: Measured): number => of(name).cpuMs / of(name).seconds;
  const perSecond = (name: Measured, what: "done" | "frames" | "turns" | "sentKb" | "tokensOut"): number =>
    of(name)[what] / of(name).seconds;
  /** What one call costs, whatever is different in how often the two did theirs. */
  const tick = (rate("tick") - rate("idle")) / perSecond("tick", "done");
  const each = (name: Measured): number => (rate(name) - rate("idle")) / perSecond(name, "done") - tick;
  const perCall = (name: Measured, what: "frames" | "sentKb"): number =>
    perSecond(name, what) / perSecond(name, "done");
  const frame = (each("stream") - each("ask")) / (perCall("stream", "frames") - perCall("ask", "frames"));
  const kb = (each("long") - each("ask")) / (perCall("long", "sentKb") - perCall("ask", "sentKb"));
  const turn = (rate("turn") - rate("idle")) / perSecond("turn", "turns");
  const partMs = {
    idle: rate("idle"),
    thread: (rate("spread") - rate("idle") - (each("ask") + tick) * perSecond("spread", "done")) / THREADS,
    turn,
    modelCall: each("ask") - frame * perCall("ask", "frames") - kb * perCall("ask", "sentKb"),
    frame,
    tokenOut: (rate("read") - rate("idle") - turn * perSecond("read", "turns")) / perSecond("read", "tokensOut") - tick,
    conversationKb: kb,
    toolCall: each("tool"),
    postMessage: (rate("post") - rate("threads")) / perSecond("post", "done"),
    commit: each("commit"),
  };
  return { partMs, commitMs: of("commit").tookMs, batchedCommitMs: of("batch").tookMs / BATCH_ROWS };
}
