import fc from "fast-check";
import { expect, test } from "vitest";
import { Schedule } from "./schedule.ts";
import { FakeTime } from "./testing/fake-time.ts";

function make(): { time: FakeTime; schedule: Schedule; ran: string[]; lags: number[] } {
  const time = new FakeTime();
  const lags: number[] = [];
  return { time, schedule: new Schedule(time.clock, time.wake, (lag) => lags.push(lag)), ran: [], lags };
}

test("what is due runs in order of due time, then of entry, whatever was cancelled", () => {
  const tickets = fc.array(fc.record({ dueMs: fc.integer({ min: 0, max: 50 }), cancelled: fc.boolean() }));
  fc.assert(
    fc.property(tickets, (planned) => {
      const { time, schedule, ran } = make();
      planned.forEach(({ dueMs, cancelled }, index) => {
        const ticket = schedule.at(dueMs, () => ran.push(`${index}`));
        if (cancelled) ticket.cancel();
      });
      time.advanceTo(100);
      const expected = planned
        .map((ticket, index) => ({ ...ticket, index }))
        .filter((ticket) => !ticket.cancelled)
        .sort((a, b) => a.dueMs - b.dueMs || a.index - b.index);
      expect(ran).toEqual(expected.map(({ index }) => `${index}`));
    }),
  );
});

test("nothing runs early, and lag counts from the due time", () => {
  const { time, schedule, lags } = make();
  const ranMs: number[] = [];
  schedule.at(10.4, () => ranMs.push(time.clock()));
  time.advanceTo(10);
  expect(ranMs).toEqual([]);
  time.advanceTo(12);
  expect(ranMs).toEqual([10.4]);
  expect(lags[0]).toBeCloseTo(0);
});

test("what was due during a stall runs right after it, its lag included", () => {
  const { time, schedule, lags } = make();
  schedule.at(10, () => undefined);
  schedule.at(40, () => undefined);
  time.stallTo(100);
  time.advanceTo(100);
  expect(lags).toEqual([90, 60]);
});

test("an earlier ticket overtakes the one that was waited for", () => {
  const { time, schedule, ran } = make();
  schedule.at(100, () => ran.push("late"));
  schedule.at(5, () => ran.push("early"));
  time.advanceTo(5);
  expect(ran).toEqual(["early"]);
  time.advanceTo(100);
  expect(ran).toEqual(["early", "late"]);
});

test("a ticket entered while running runs in the same go when it is due", () => {
  const { time, schedule, ran } = make();
  schedule.at(5, () => {
    ran.push("first");
    schedule.at(5, () => ran.push("second"));
  });
  time.advanceTo(5);
  expect(ran).toEqual(["first", "second"]);
});

test("a ticket that throws does not keep the others from running", () => {
  const { time, schedule, ran } = make();
  schedule.at(5, () => {
    throw new Error("oops");
  });
  schedule.at(6, () => ran.push("next"));
  expect(() => time.advanceTo(10)).toThrow("oops");
  time.advanceTo(10);
  expect(ran).toEqual(["next"]);
});

test("a closed schedule runs nothing any more", () => {
  const { time, schedule, ran } = make();
  schedule.at(5, () => ran.push("x"));
  schedule.close();
  time.advanceTo(10);
  expect(ran).toEqual([]);
});
