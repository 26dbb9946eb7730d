/** What a watcher is told of the load, against figures computed by hand, on fake time. */
import { describe, expect, test } from "vitest";
import type { DriverSecond } from "../live.ts";
import { constant } from "../random.ts";
import type { Cohort } from "../scenario.ts";
import { Floors, Seconds } from "./seconds.ts";
import { FakeTime } from "./testing/fake-time.ts";
import { answer, type Backend, cohortOf, play, sessionOf } from "./testing/play.ts";

/** Every turn has a floor of 50 ms: 40 ms and two gaps of 5 ms. */
const scripted: Cohort = {
  ...cohortOf({ deadlineMs: 2500 }),
  script: [{ say: { firstTokenMs: constant(40), tokens: constant(3), tokensPerSecond: 200 } }],
};
const live = { live: { memoryMb: 512 } };

/** Plays for so many seconds and gives what was told. */
function secondsOf(
  sessions: Parameters<typeof play>[1],
  backend: Backend,
  untilMs: number,
  changes: Parameters<typeof play>[3] = live,
): DriverSecond[] {
  const scene = play({ users: scripted }, sessions, backend, changes);
  scene.time.advanceTo(untilMs);
  scene.end();
  return scene.posts.flatMap((post) => (post.type === "second" ? [post] : []));
}

describe("a second", () => {
  test("counts what was offered and answered in it, and says how long beyond the script the answers took", () => {
    const told = secondsOf(
      [sessionOf("a", "users", 100, [1500]), sessionOf("b", "users", 900)],
      () => answer(250),
      3000,
    );
    expect(told).toMatchObject([
      { second: 0, offered: 2, answered: 1, failed: 0, live: 2, pending: 1 },
      { second: 1, offered: 1, answered: 1, live: 1, pending: 1 },
      { second: 2, offered: 0, answered: 1, live: 0, pending: 0 },
    ]);
    // 250 ms less the floor of 50 ms: bucket 31 begins at 181 ms and ends at 215 ms.
    for (const { overhead } of told) {
      expect(overhead).toMatchObject({ maxMs: 200, buckets: [[31, 1]] });
      expect(overhead.p50Ms).toBeGreaterThan(200 * 0.97);
      expect(overhead.p50Ms).toBeLessThanOrEqual(200);
    }
  });

  test("an opening turn has the floor of its own short script", () => {
    const told = secondsOf([{ ...sessionOf("a", "users", 0), opening: true }], () => answer(150), 1000);
    expect(told[0]?.overhead.maxMs).toBe(100);
  });

  test("without an answer has no overhead, and attempts that were lost are told apart from turns that failed", () => {
    const backend: Backend = ({ path }) =>
      path.includes("/a/")
        ? { afterMs: 10, breaks: "refused" }
        : { afterMs: 10, status: 200, body: { failed: { code: "x", message: "" } } };
    const [first] = secondsOf([sessionOf("a", "users", 0), sessionOf("b", "users", 0)], backend, 1000);
    expect(first).toMatchObject({ answered: 0, failed: 1, overhead: { p50Ms: null, maxMs: null, buckets: [] } });
    expect(first?.setbacks).toBeGreaterThanOrEqual(2);
  });

  test("in which a deadline passes counts the turn as late, once", () => {
    const told = secondsOf([sessionOf("a", "users", 0)], () => answer(4000), 5000);
    expect(told.map(({ late }) => late)).toEqual([0, 0, 1, 0, 0]);
  });

  test("proof turns are none of the load", () => {
    const scene = play({ users: scripted }, [sessionOf("a", "users", 0)], () => answer(60), live);
    scene.time.advanceTo(1000);
    scene.driver.obey({ type: "prove" });
    scene.time.advanceTo(2000);
    scene.end();
    const [, second] = scene.posts.flatMap((post) => (post.type === "second" ? [post] : []));
    expect(second).toMatchObject({ offered: 0, answered: 0, proved: 1, toProve: 1 });
  });

  test("is told to nobody who did not ask", () => {
    expect(secondsOf([sessionOf("a", "users", 0)], () => answer(60), 3000, {})).toEqual([]);
  });
});

test("a message stays below 1 KB whatever the answers took", () => {
  const time = new FakeTime();
  const told: DriverSecond[] = [];
  const plans = Array.from({ length: 5000 }, (_, index) => sessionOf(`s${index}`, "users", 0));
  const floors = new Floors(7, 512, plans, () => scripted);
  const standing = () => ({ live: 99_999, pending: 99_999, proved: 99_999, toProve: 99_999 });
  const seconds = new Seconds(time.clock, time.wake, floors, standing, (second) => told.push(second));
  seconds.start(0);
  plans.forEach(({ id: s }, index) => {
    seconds.saw({ e: "enabled", t: 0, s, n: 1 });
    seconds.saw({ e: "ok", t: 50 + 1.004 ** (index * 0.6), s, n: 1, a: 1, h: "" });
  });
  time.advanceTo(1000);
  seconds.stop();
  time.advanceTo(9000);
  expect(told).toHaveLength(1);
  expect(told[0]?.overhead.buckets.length).toBeGreaterThan(50);
  expect(told[0]?.overhead.buckets.reduce((sum, [, turns]) => sum + turns, 0)).toBe(5000);
  expect(JSON.stringify(told[0]).length).toBeLessThan(1024);
});
