import { describe, expect, it } from "vitest";
import type { CampaignPlan, TrialPlan } from "../harness/trial.ts";
import { ProgressPrinter, remainingMs, statusLines } from "./progress.ts";
import { secondAt } from "./watch/testing/scripted-campaign.ts";

function trial(runner: string, durationMs = 60_000): TrialPlan {
  const load = {
    liveSessions: 1,
    inFlight: 1,
    streaming: 1,
    turnsPerSecond: 1,
    framesPerSecond: 1,
    sockets: 1,
    memoryMb: 1,
    durationMs,
  };
  const phases = { warmupMs: 0, calmMs: 0, faultMs: 0, quietMs: 0 };
  const definition = { asks: "?", cohorts: {}, phases, observe: { overhead: [] } };
  const fixed = {
    format: "agent-derby-trial/1",
    scenario: "storm",
    block: 1,
    seed: 1,
    memoryMb: 1,
    proofsPerSecond: 1,
  } as const;
  return { ...fixed, id: `1-storm-${runner}`, runner, definition, phases, sessions: [], faults: [], load };
}

const trials = ["a", "b", "c", "d", "e", "f"].map((runner) => trial(runner));
const plan: CampaignPlan = {
  format: "agent-derby-campaign/1",
  id: "smoke-1",
  seed: "1",
  profile: "smoke",
  blocks: 1,
  command: "",
  trials,
  reductions: ["storm: 100 live sessions instead of 200."],
};
const calm = { phase: "calm", live: 2_000, pending: 31, acknowledged: 1_204, turnsPerSecond: 71.6, elapsedMs: 12_300 };

/** A screen that keeps what was written, and a clock that the test moves. */
function printing(isTTY: boolean, columns = 60) {
  const written: string[] = [];
  let nowMs = 0;
  const printer = new ProgressPrinter({ write: (text) => written.push(text), isTTY, columns }, () => nowMs);
  const first = trials[0] ?? trial("a");
  return {
    printer,
    written,
    first,
    later: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe("what is left", () => {
  const base = { plan, done: 0, running: null, plannedMs: 0, spentMs: 0 };
  it.each([
    ["at the start it is what the plan expects", base, 0, 360_000],
    [
      "a running trial counts with its rest",
      { ...base, running: { trial: trial("a"), sinceMs: 1_000, progress: null } },
      21_000,
      340_000,
    ],
    [
      "a trial that takes too long counts no less than nothing",
      { ...base, done: 5, running: { trial: trial("f"), sinceMs: 0, progress: null } },
      90_000,
      0,
    ],
    [
      "trials that took half as long as planned halve the rest",
      { ...base, done: 2, plannedMs: 120_000, spentMs: 60_000 },
      0,
      120_000,
    ],
  ])("%s", (_sentence, state, nowMs, expected) => {
    expect(remainingMs(state, nowMs)).toBe(expected);
  });
});

describe("a status", () => {
  it("says what runs, what is next and when it ends", () => {
    const state = {
      plan,
      done: 1,
      running: { trial: trial("b"), sinceMs: 0, progress: calm },
      plannedMs: 0,
      spentMs: 0,
    };
    const [running, left, end] = statusLines(state, 30_000, 0);
    expect(running).toBe(
      "trial 2 of 6: storm on b, calm (12 s): 2,000 live, 31 pending, 1,204 turns answered, 72 turns/s",
    );
    expect(left).toBe("then storm on c, storm on d, storm on e and 1 more");
    expect(end).toMatch(/^about 4 min 30 s left, until \d\d:\d\d; Ctrl-C stops and keeps what was recorded$/);
  });
});

describe("without a terminal", () => {
  it("prints a line at each change and every five seconds, and no control characters", () => {
    const { printer, written, first, later } = printing(false);
    printer.planned(plan);
    printer.trialStarted(first, 0);
    printer.progress(calm);
    for (let second = 1; second <= 11; second++) {
      later(1_000);
      printer.progress({ ...calm, elapsedMs: second * 1_000 });
    }
    printer.trialEnded(first, "recorded");
    expect(written[0]).toBe("6 trials, about 6 min, seed 1\n");
    expect(written[1]).toBe("storm: 100 live sessions instead of 200.\n");
    expect(written.filter((line) => line.startsWith("trial 1 of 6"))).toHaveLength(4);
    expect(written.at(-1)).toBe("storm on a recorded in 11 s\n");
    expect(written.join("")).not.toContain("\u001b");
  });

  it("asks nobody for single seconds, which nobody would see", () => {
    expect(printing(false).printer.live).toBeUndefined();
    expect(printing(true).printer.live).toBeTypeOf("function");
  });

  it("a trial that says nothing is named with its reason", () => {
    const { printer, written, first } = printing(false);
    printer.planned(plan);
    printer.trialStarted(first, 0);
    printer.trialEnded(first, "void", "The World failed.");
    expect(written.at(-1)).toBe("storm on a void in 0 ms: The World failed.\n");
  });
});

describe("on a terminal", () => {
  it("redraws its lines in place, cut to the width, and erases them before a sentence that stays", () => {
    const { printer, written, first, later } = printing(true);
    printer.planned(plan);
    written.length = 0;
    printer.trialStarted(first, 0);
    later(1_000);
    printer.progress(calm);
    expect(written[1]?.startsWith("\u001b[3A\r")).toBe(true);
    const shown = written[1]?.split("\n").map((line) => line.slice(line.lastIndexOf("\u001b[2K") + 4)) ?? [];
    expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(59);
    printer.note("Stopping cleanly.");
    expect(written.slice(-2)).toEqual(["\u001b[3A\r\u001b[0J", "Stopping cleanly.\n"]);
  });

  it("says in a line what the last second brought and which fault was heard of last, until the trial ends", () => {
    const { printer, written, first, later } = printing(true, 200);
    const struck = {
      ...first,
      faults: [{ id: "f1", kind: "kill", role: "app", restartAfterMs: 0, with: {} }],
    } as const;
    printer.planned(plan);
    printer.trialStarted(struck, 0);
    printer.live?.(secondAt(7));
    printer.live?.({ e: "fault", atS: 7.5, id: "f1", state: "landed", says: "The process is gone." });
    later(1_000);
    printer.progress(calm);
    expect(written.at(-1)).toContain(
      "last second: 71 offered, 70 answered, 1 failed, 34 pending, overhead p50 3.3 ms, max 1.50 s; kill landed",
    );
    printer.trialEnded(struck, "recorded");
    printer.trialStarted(first, 1);
    expect(written.at(-1)).not.toContain("last second");
    expect(written.at(-1)?.match(/\n/g)).toHaveLength(3);
  });

  it("draws at most five times a second within one phase", () => {
    const { printer, written, first, later } = printing(true);
    printer.planned(plan);
    printer.trialStarted(first, 0);
    printer.progress(calm);
    const before = written.length;
    for (let n = 0; n < 10; n++) {
      later(50);
      printer.progress(calm);
    }
    expect(written.length - before).toBe(2);
  });
});
