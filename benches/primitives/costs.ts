/**
 * Which processes are measured, and what one of each part costs by them. Nearly all read as many streams of the model as a runtime does in
 * a trial of the default profile, and by turns do more of one part: what wakes a process that sleeps is dearer than what a busy one finds
 * waiting, and code is compiled the better the more often it runs, so that parts of a process that does nothing else would all be found
 * too dear. What one of each costs is the least-squares solution of what all of them used. Pure.
 */
import type { Part } from "../../harness/budget/parts.ts";
import { assert, TrialError } from "../../harness/errors.ts";
import { leastSquares } from "./least-squares.ts";
import { TOKENS } from "./paced-world.ts";
import type { PartFigures, PartRun, PartWork, RunFigures } from "./part-runner.ts";

/** Turns per second of a trial of the default profile; each asks the model twice and a tool once. */
const TURNS = 80;
const ASKS = 2 * TURNS;
const LONG_BYTES = 32 * 1024;
const THREADS = 2;
const BATCH_ROWS = 64;
/** A difference within one process is known so much better than what a whole process uses. */
const DIFFERENCE_WEIGHT = 10;

const NOTHING: PartWork = {
  rates: {},
  conversationBytes: 640,
  spread: false,
  pieces: 0,
  piecesFromThreads: false,
  turnsPerSecond: 0,
  readAlong: false,
};
const STREAMS: PartWork = { ...NOTHING, rates: { ask: ASKS } };
const PIECES = { pieces: TOKENS, turnsPerSecond: TURNS };

/** One that is looked at as it is. */
function alone(name: string, work: Partial<PartWork>, threads = 0, rows = 1): PartRun {
  return { name, job: { threads, rows }, without: { ...NOTHING, ...work }, with: null };
}

/** One that reads streams and by turns does more, or something otherwise. */
function more(name: string, change: Partial<PartWork>, threads = 0): PartRun {
  const rates = { ...STREAMS.rates, ...change.rates };
  return { name, job: { threads, rows: 1 }, without: STREAMS, with: { ...STREAMS, ...change, rates } };
}

/**
 * A yardstick of how fast the machine is just now, as reading streams feels it: who shares a core with us makes the same work dearer by up
 * to a half for minutes.
 */
export const YARDSTICK = alone("yardstick", STREAMS);

const IDLE = alone("idle", {});
const IDLE_THREADS = alone("idle threads", {}, THREADS);
/** What these take by the clock is asked for, not what they cost. */
const COMMITS_ALONE = alone("commits alone", { rates: { commit: TURNS } });
const BATCHES = alone("batches", { rates: { commit: 10 } }, 0, BATCH_ROWS);

export const PART_RUNS: readonly PartRun[] = [
  IDLE,
  IDLE_THREADS,
  more("brief requests", { rates: { brief: ASKS } }),
  more("long conversations", { conversationBytes: LONG_BYTES }),
  more("ticks", { rates: { tick: 2 * ASKS } }),
  more("tools", { rates: { tool: ASKS } }),
  more("turns", { turnsPerSecond: 4 * TURNS }),
  more("commits", { rates: { commit: 4 * TURNS } }),
  more("unheard", PIECES),
  more("read along", { ...PIECES, readAlong: true }),
  more("posts", { rates: { post: 4 * TURNS } }, THREADS),
  more("read along from threads", { ...PIECES, readAlong: true, piecesFromThreads: true }, THREADS),
  more("requests from threads", { spread: true }, THREADS),
  COMMITS_ALONE,
  BATCHES,
];

/** What costs: the parts, the pace of a measured process, and what makes pieces in it. */
type Quantity = Part | "tick" | "wait";

/** How much of each there was, per second. */
function quantitiesOf({ job }: PartRun, work: PartWork, figures: PartFigures): Readonly<Record<Quantity, number>> {
  const { seconds, done, frames, sentKb, turns, tokensOut } = figures;
  const asks = done.ask + done.brief;
  const counts: Record<Quantity, number> = {
    idle: seconds,
    thread: job.threads * seconds,
    threadCall: work.spread ? done.ask : 0,
    turn: turns,
    modelCall: asks,
    frame: frames,
    tokenOut: tokensOut,
    conversationKb: sentKb,
    toolCall: done.tool,
    postMessage: done.post + (work.piecesFromThreads ? turns : 0),
    threadToken: work.piecesFromThreads ? tokensOut : 0,
    commit: done.commit,
    tick: done.tick + asks + done.tool + done.post + done.commit,
    wait: turns * work.pieces,
  };
  for (const quantity of Object.keys(counts) as Quantity[]) counts[quantity] /= seconds;
  return counts;
}

/** What must be equal: the sum of the costs of these quantities, and milliseconds of CPU per second. */
interface Equation {
  readonly counts: Readonly<Record<Quantity, number>>;
  readonly ms: number;
}

function weighted({ counts, ms }: Equation, weight: number): Equation {
  const entries = Object.entries(counts).map(([quantity, count]) => [quantity, count * weight]);
  return { counts: Object.fromEntries(entries) as Record<Quantity, number>, ms: ms * weight };
}

/**
 * CPU per streamed answer, in milliseconds.
 * @param waiting of a process that does nothing, which is taken off; none where it is not
 * @throws TrialError when no answer ended while it was looked at
 */
export function yardstickMs({ without }: RunFigures, waiting?: RunFigures): number {
  if (without.done.ask === 0)
    throw new TrialError("No streamed answer ended while its process was looked at: measure for longer (--length).");
  const waitedMs = waiting === undefined ? 0 : (waiting.without.cpuMs * without.seconds) / waiting.without.seconds;
  return (without.cpuMs - waitedMs) / without.done.ask;
}

/** @param speed of the machine that it met: so many times as dear everything would have been on the usual one */
function equationsOf(run: PartRun, figures: RunFigures, speed: number): Equation[] {
  const equation = (work: PartWork, looked: PartFigures): Equation => ({
    counts: quantitiesOf(run, work, looked),
    ms: (speed * looked.cpuMs) / looked.seconds,
  });
  const without = equation(run.without, figures.without);
  if (run.with === null || figures.with === null) return [weighted(without, DIFFERENCE_WEIGHT)];
  const { counts, ms } = equation(run.with, figures.with);
  const difference = Object.fromEntries(
    (Object.keys(counts) as Quantity[]).map((quantity) => [quantity, counts[quantity] - without.counts[quantity]]),
  ) as Record<Quantity, number>;
  return [without, weighted({ counts: difference, ms: ms - without.ms }, DIFFERENCE_WEIGHT)];
}

export interface PartCosts {
  readonly partMs: Record<Part, number>;
  readonly commitMs: number;
  readonly batchedCommitMs: number;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Milliseconds of CPU per unit of each part. @throws when a figure is missing */
export function costsOf(figures: ReadonlyMap<string, RunFigures>): PartCosts {
  const of = (name: string): RunFigures => {
    const found = figures.get(name);
    if (found === undefined) throw new Error(`the figures of ${name} are missing`);
    return found;
  };
  const answerMs = ({ name, job }: PartRun): number =>
    yardstickMs(of(name), of((job.threads === 0 ? IDLE : IDLE_THREADS).name));
  const streaming = PART_RUNS.filter((run) => run.with !== null);
  const usualMs = streaming.reduce((sum, run) => sum + answerMs(run), 0) / streaming.length;
  const equations = PART_RUNS.filter((run) => run !== COMMITS_ALONE && run !== BATCHES).flatMap((run) =>
    equationsOf(run, of(run.name), run.with === null ? 1 : usualMs / answerMs(run)),
  );
  const quantities = Object.keys(equations[0]?.counts ?? {}) as Quantity[];
  const costs = leastSquares(
    equations.map(({ counts }) => quantities.map((quantity) => counts[quantity])),
    equations.map(({ ms }) => ms),
  );
  assert(costs !== null, "the measured processes tell all parts apart");
  const {
    tick: _tick,
    wait: _wait,
    ...partMs
  } = Object.fromEntries(quantities.map((quantity, at) => [quantity, costs[at] ?? Number.NaN])) as Record<
    Quantity,
    number
  >;
  const commitMs = (run: PartRun): number => median(of(run.name).without.commitsMs);
  return { partMs, commitMs: commitMs(COMMITS_ALONE), batchedCommitMs: commitMs(BATCHES) / BATCH_ROWS };
}
