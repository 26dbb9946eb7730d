import { expect, test } from "vitest";
import type { Part } from "../../harness/budget/parts.ts";
import { costsOf, PART_RUNS } from "./costs.ts";
import type { PartFigures, PartRun, PartWork, RunFigures } from "./part-runner.ts";

const TRUE_MS: Readonly<Record<Part, number>> = {
  idle: 12,
  thread: 4,
  threadCall: 0.3,
  turn: 0.4,
  modelCall: 1.5,
  frame: 0.04,
  tokenOut: 0.02,
  conversationKb: 0.01,
  toolCall: 1.2,
  postMessage: 0.2,
  threadToken: 0.015,
  commit: 0.3,
};
const TICK_MS = 0.03;
const WAIT_MS = 0.025;
const SECONDS = 8;

/** What a process would have used if every part cost exactly this. */
function lookedAt({ job }: PartRun, work: PartWork, slowness: number): PartFigures {
  const { tick = 0, ask = 0, brief = 0, tool = 0, post = 0, commit = 0 } = work.rates;
  const pieces = work.turnsPerSecond * work.pieces;
  const [asks, heard] = [ask + brief, work.readAlong ? pieces : 0];
  const [frames, sentKb] = [ask * 32 + brief, (ask * work.conversationBytes) / 1024];
  const perSecond =
    TRUE_MS.idle +
    job.threads * TRUE_MS.thread +
    (tick + asks + tool + post + commit) * TICK_MS +
    asks * TRUE_MS.modelCall +
    frames * TRUE_MS.frame +
    (work.spread ? ask * TRUE_MS.threadCall : 0) +
    sentKb * TRUE_MS.conversationKb +
    tool * TRUE_MS.toolCall +
    commit * TRUE_MS.commit +
    (post + (work.piecesFromThreads ? work.turnsPerSecond : 0)) * TRUE_MS.postMessage +
    work.turnsPerSecond * TRUE_MS.turn +
    pieces * WAIT_MS +
    heard * (TRUE_MS.tokenOut + (work.piecesFromThreads ? TRUE_MS.threadToken : 0));
  const times = (rate: number): number => rate * SECONDS;
  return {
    seconds: SECONDS,
    cpuMs: times(perSecond) * slowness,
    done: {
      tick: times(tick),
      ask: times(ask),
      brief: times(brief),
      tool: times(tool),
      post: times(post),
      commit: times(commit),
    },
    frames: times(frames),
    sentKb: times(sentKb),
    turns: times(work.turnsPerSecond),
    tokensOut: times(heard),
    commitsMs: [9, 3.2, 1],
  };
}

function figuresOf(slownessOf: (at: number) => number): ReadonlyMap<string, RunFigures> {
  return new Map(
    PART_RUNS.map((run, at) => {
      const slowness = run.with === null ? 1 : slownessOf(at);
      const look = (work: PartWork): PartFigures => lookedAt(run, work, slowness);
      return [run.name, { without: look(run.without), with: run.with && look(run.with) }];
    }),
  );
}

test("what the processes used gives back what every part costs, without timers, waits and what else they do", () => {
  const { partMs, commitMs, batchedCommitMs } = costsOf(figuresOf(() => 1));
  for (const [part, ms] of Object.entries(TRUE_MS)) expect(partMs[part as Part], part).toBeCloseTo(ms, 6);
  expect(Object.keys(partMs).sort()).toEqual(Object.keys(TRUE_MS).sort());
  expect([commitMs, batchedCommitMs]).toEqual([3.2, 3.2 / 64]);
});

test("a machine that is half as fast for some of the processes makes no part dearer than others", () => {
  const [steady, drifting] = [costsOf(figuresOf(() => 1)), costsOf(figuresOf((at) => (at % 2 === 0 ? 0.75 : 1.25)))];
  const slower = drifting.partMs.toolCall / steady.partMs.toolCall;
  for (const part of ["turn", "modelCall", "frame", "tokenOut", "commit"] as const)
    expect(drifting.partMs[part] / steady.partMs[part] / slower, part).toBeCloseTo(1, 1);
});

test("a look so short that no answer ended in it is an error, and no figure", () => {
  const figures = new Map(figuresOf(() => 1));
  const [name, one] = [...figures].find(([, { with: more }]) => more !== null) ?? ["", undefined];
  if (one === undefined) throw new Error("no process does more by turns");
  figures.set(name, { ...one, without: { ...one.without, done: { ...one.without.done, ask: 0 } } });
  expect(() => costsOf(figures)).toThrow("--length");
});

test("without one of the processes nothing is said", () => {
  expect(() => costsOf(new Map())).toThrow("missing");
});
