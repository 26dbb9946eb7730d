import { describe, expect, it } from "vitest";
import type { TrialEvent } from "../history.ts";
import type { PlannedFault } from "../trial.ts";
import { runFaultPhase } from "./fault-schedule.ts";
import { Conditions, Stopped } from "./waiting.ts";

const fault = (id: string, afterAcknowledged: number): PlannedFault => ({
  id,
  kind: "kill",
  role: "app",
  afterAcknowledged,
  restartAfterMs: 0,
  with: {},
});

const stepped = (id: string, members: readonly string[]): PlannedFault => ({
  id,
  kind: "kill",
  role: "app",
  atStep: { cohort: "victims", turn: 3, step: 1, at: "tool", call: 0, members, reachedMs: 10 },
  restartAfterMs: 0,
  with: {},
});

/** A fault phase over a load that the test moves by hand; members of steps come to stand there by hand as well. */
function phase(faults: readonly PlannedFault[], inject = async () => ({ proof: "gone", cure: async () => {} })) {
  const events: TrialEvent[] = [];
  const load = { acknowledged: 0, pending: 0 };
  const conditions = new Conditions();
  const standing = new Map<string, number>();
  const staged: string[] = [];
  const stage = {
    call: async ({ id }: PlannedFault) => void staged.push(`call ${id}`),
    standing: ({ id }: PlannedFault) => standing.get(id) ?? 0,
    held: () => undefined,
    brink: async ({ id }: PlannedFault) => void staged.push(`brink ${id}`),
    release: async ({ id }: PlannedFault) => void staged.push(`release ${id}`),
  };
  const running = runFaultPhase({
    faults,
    stage,
    faultMs: 5,
    acknowledged: () => load.acknowledged,
    pending: () => load.pending,
    calmPending: 20,
    conditions,
    clock: () => performance.now(),
    write: (event) => events.push(event),
    inject,
    whyMissed: (error) => (error instanceof RangeError ? error.message : undefined),
  });
  const move = async (change: Partial<typeof load>) => {
    Object.assign(load, change);
    conditions.changed();
    await new Promise(setImmediate);
  };
  const stand = async (id: string, count: number) => {
    standing.set(id, count);
    conditions.changed();
    await new Promise(setImmediate);
  };
  return { events, running, move, stand, staged, conditions, names: () => events.map(({ e }) => e) };
}

describe("the fault phase", () => {
  it("fires a fault when its number of turns is acknowledged, and writes when it landed and was cured", async () => {
    const { running, move, names } = phase([fault("f1", 10)]);
    await move({ acknowledged: 9 });
    expect(names()).toEqual([]);
    await move({ acknowledged: 10 });
    await running;
    expect(names()).toEqual(["fault", "landed", "cured"]);
  });

  it("lets the next fault wait until the backlog of the one before is gone", async () => {
    const { running, move, names } = phase([fault("f1", 1), fault("f2", 2)]);
    await move({ pending: 500 });
    await move({ acknowledged: 5 });
    expect(names()).toEqual(["fault", "landed", "cured"]);
    await move({ pending: 20 });
    await running;
    expect(names()).toHaveLength(6);
  });

  it("writes a fault that could not be proved as missed, with the reason", async () => {
    const { running, move, events } = phase([fault("f1", 0)], async () => {
      throw new RangeError("it was not there");
    });
    await move({});
    await running;
    expect(events.at(-1)).toMatchObject({ e: "missed", why: "it was not there" });
  });

  it("fires a fault by the clock whatever was acknowledged", async () => {
    const { afterAcknowledged: _, ...byClock } = fault("f1", 0);
    const { running, names } = phase([{ ...byClock, clockMs: 1 }]);
    await running;
    expect(names()).toEqual(["fault", "landed", "cured"]);
  });

  it("strikes at a step once all members stand there, and lets them go only when the fault has landed", async () => {
    const order: string[] = [];
    const { running, stand, events, staged } = phase([stepped("f1", ["a", "b"])], async () => {
      order.push(...staged);
      return { proof: "gone", cure: async () => void order.push(...staged) };
    });
    await new Promise(setImmediate);
    await stand("f1", 1);
    expect(events).toEqual([]);
    await stand("f1", 2);
    await running;
    expect(events.map(({ e }) => e)).toEqual(["exposed", "fault", "landed", "cured"]);
    expect(events[0]).toMatchObject({ id: "f1", at: "tool", members: 2, standing: 2 });
    expect(order).toEqual(["call f1", "brink f1", "call f1", "brink f1", "release f1"]);
  });

  it("lets the members of a fault go that could not land", async () => {
    const { running, stand, staged, names } = phase([stepped("f1", ["a"])], async () => {
      throw new RangeError("it was not there");
    });
    await new Promise(setImmediate);
    await stand("f1", 1);
    await running;
    expect(names()).toEqual(["exposed", "fault", "missed"]);
    expect(staged.at(-1)).toBe("release f1");
  });

  it("ends at once when the user stops", async () => {
    const { running, conditions } = phase([fault("f1", 10)]);
    conditions.fail(new Stopped());
    await expect(running).rejects.toThrow("stopped by the user");
  });
});
