import { describe, expect, it, vi } from "vitest";
import type { TrialEvent } from "../history.ts";
import type { FaultPhase } from "./fault-schedule.ts";
import type { SteppedFault } from "./step-stage.ts";
import { GATHER_MS, REACH_SLACK_MS, strikeAtStep } from "./step-strike.ts";
import { Conditions } from "./waiting.ts";

const fault: SteppedFault = {
  id: "f1",
  kind: "kill",
  role: "app",
  atStep: {
    cohort: "victims",
    turn: 3,
    step: 1,
    at: "asked",
    call: 0,
    members: Array.from({ length: 10 }, (_, index) => `s${index}`),
    reachedMs: 2_000,
  },
  restartAfterMs: 0,
  with: {},
};

/** A strike on faked time; `events` are what the trial wrote. */
function struck(standing: { count: number }, load = { pending: 0 }) {
  const events: TrialEvent[] = [];
  const released = vi.fn(async () => undefined);
  const phase: FaultPhase = {
    faults: [fault],
    faultMs: 60_000,
    acknowledged: () => 0,
    pending: () => load.pending,
    calmPending: 0,
    conditions: new Conditions(),
    stage: {
      call: async () => undefined,
      standing: () => standing.count,
      held: () => undefined,
      brink: async () => undefined,
      release: released,
    },
    clock: () => Date.now(),
    write: (event) => events.push(event),
    inject: async () => ({ proof: "gone", cure: async () => undefined }),
    whyMissed: () => undefined,
  };
  return { phase, events, released, end: strikeAtStep(phase, fault, Date.now() + 60_000) };
}

describe("a strike at a step", () => {
  it("waits 5 s for the others once the first stands there, and strikes whom it has", async () => {
    vi.useFakeTimers();
    try {
      const standing = { count: 0 };
      const { phase, events, end } = struck(standing);
      await vi.advanceTimersByTimeAsync(1_500);
      standing.count = 6;
      phase.conditions.changed();
      await vi.advanceTimersByTimeAsync(GATHER_MS - 1);
      expect(events).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      await end;
      expect(events.map(({ e }) => e)).toEqual(["exposed", "fault", "landed", "cured"]);
      expect(events[0]).toMatchObject({ members: 10, standing: 6 });
    } finally {
      vi.useRealTimers();
    }
  });

  it("lets the backlog of the fault before go meanwhile; those who stand there are none of it", async () => {
    vi.useFakeTimers();
    try {
      const standing = { count: 0 };
      const load = { pending: 60 };
      const { phase, events, end } = struck(standing, load);
      standing.count = 10;
      phase.conditions.changed();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(events).toEqual([]);
      load.pending = 20;
      phase.conditions.changed();
      await end;
      expect(events[0]).toMatchObject({ e: "exposed", standing: 10 });
    } finally {
      vi.useRealTimers();
    }
  });

  it("with less than half of its members is missed, and strikes nobody", async () => {
    vi.useFakeTimers();
    try {
      const standing = { count: 0 };
      const { phase, events, released, end } = struck(standing);
      standing.count = 4;
      phase.conditions.changed();
      await vi.advanceTimersByTimeAsync(GATHER_MS);
      await end;
      expect(events).toMatchObject([{ e: "missed", why: 'only 4 of 10 sessions stood in turn 3 at "asked" in time' }]);
      expect(released).toHaveBeenCalledTimes(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it("does not wait longer for the first than the schedule and a slack", async () => {
    vi.useFakeTimers();
    try {
      const { events, end } = struck({ count: 0 });
      await vi.advanceTimersByTimeAsync(2_000 + REACH_SLACK_MS);
      await end;
      expect(events).toMatchObject([{ e: "missed", why: 'only 0 of 10 sessions stood in turn 3 at "asked" in time' }]);
    } finally {
      vi.useRealTimers();
    }
  });
});
