import { expect, test } from "vitest";
import type { Part } from "../../harness/budget/parts.ts";
import { costsOf, PART_RUNS } from "./costs.ts";
import type { PartFigures, PartRun } from "./part-runner.ts";

const TRUE_MS: Readonly<Record<Part, number>> = {
  idle: 12,
  thread: 4,
  turn: 0.4,
  modelCall: 1.5,
  frame: 0.04,
  tokenOut: 0.02,
  conversationKb: 0.01,
  toolCall: 1.2,
  postMessage: 0.2,
  commit: 0.3,
};
const TICK_MS = 0.03;
const SECONDS = 8;

/** What a process would have used if every part cost exactly this. */
function figuresOf({ job, tokens, turnsPerSecond }: PartRun): PartFigures {
  const [done, turns] = [job.perSecond * SECONDS, turnsPerSecond * SECONDS];
  const asks = job.does === "ask" ? done : 0;
  const sentKb = (asks * job.conversationBytes) / 1024;
  const each = {
    nothing: 0,
    tick: 0,
    ask: TRUE_MS.modelCall,
    tool: TRUE_MS.toolCall,
    post: TRUE_MS.postMessage,
    commit: TRUE_MS.commit,
  };
  const cpuMs =
    SECONDS * TRUE_MS.idle +
    done * (TICK_MS + each[job.does]) +
    asks * tokens * TRUE_MS.frame +
    sentKb * TRUE_MS.conversationKb +
    turns * (TRUE_MS.turn + job.tokensOut * (TICK_MS + TRUE_MS.tokenOut)) +
    (job.spread === true ? SECONDS * job.threads * TRUE_MS.thread : 0);
  return {
    seconds: SECONDS,
    cpuMs,
    done,
    frames: asks * tokens,
    sentKb,
    turns,
    tokensOut: turns * job.tokensOut,
    tookMs: 3.2,
  };
}

test("differences of processes give back what every part costs, without timer, idling and what else they do", () => {
  const { partMs, commitMs, batchedCommitMs } = costsOf(new Map(PART_RUNS.map((run) => [run.name, figuresOf(run)])));
  for (const [part, ms] of Object.entries(TRUE_MS)) expect(partMs[part as Part], part).toBeCloseTo(ms, 6);
  expect([commitMs, batchedCommitMs]).toEqual([3.2, 3.2 / 64]);
});

test("without one of the processes nothing is said", () => {
  expect(() => costsOf(new Map())).toThrow("missing");
});
