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

/** A fault phase over a load that the test moves by hand. */
function phase(faults: readonly PlannedFault[], inject = async () => ({ proof: "gone", cure: async () => {} })) {
  const events: TrialEvent[] = [];
  const load = { acknowledged: 0, pending: 0 };
  const conditions = new Conditions();
  const running = runFaultPhase({
    faults,
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
  return { events, running, move, conditions, names: () => events.map(({ e }) => e) };
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

  it("ends at once when the user stops", async () => {
    const { running, conditions } = phase([fault("f1", 10)]);
    conditions.fail(new Stopped());
    await expect(running).rejects.toThrow("stopped by the user");
  });
});
