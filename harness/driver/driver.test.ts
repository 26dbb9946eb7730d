/** The life of sessions on fake time, against backends whose right answers are computed by hand. */
import { describe, expect, test } from "vitest";
import { findMarker, fingerprint, INPUT_KINDS } from "../identity.ts";
import { randomOf } from "../random.ts";
import { createDriver } from "./driver.ts";
import { CONTRACT_MAPPING } from "./mapping.ts";
import {
  answer,
  type Backend,
  cohortOf,
  latenciesMs,
  lines,
  play,
  type Reply,
  sessionOf,
  settingsOf,
} from "./testing/play.ts";

const users = { users: cohortOf() };
const constant: Backend = () => answer(100);

describe("latency", () => {
  test("of a backend that takes 100 ms is 100 ms, however many sessions there are", () => {
    const random = randomOf(1, "arrivals");
    const sessions = Array.from({ length: 200 }, (_, i) => sessionOf(`s${i}`, "users", Math.floor(random() * 5000)));
    const scene = play(users, sessions, constant);
    scene.time.advanceTo(6000);
    expect(latenciesMs(scene.end())).toEqual(sessions.map(() => 100));
  });

  test("of dependent turns counts from answer plus think time, which is never shortened", () => {
    // The backend takes 100, 1500 and 100 ms: the slow second turn delays the third, but is charged only once.
    const takesMs: Record<string, number> = { 1: 100, 2: 1500, 3: 100 };
    const scene = play(users, [sessionOf("s1", "users", 50, [200, 300])], ({ path }) =>
      answer(takesMs[path.slice(-1)] ?? 0),
    );
    scene.time.advanceTo(5000);
    const events = scene.end();
    expect(lines(events, "arrive", "enabled", "ok", "leave")).toEqual([
      "arrive s1 @50",
      "enabled s1 1 @50",
      "ok s1 1 @150",
      "enabled s1 2 @350",
      "ok s1 2 @1850",
      "enabled s1 3 @2150",
      "ok s1 3 @2250",
      "leave s1 @2250",
    ]);
    expect(latenciesMs(events)).toEqual([100, 1500, 100]);
  });

  test("of a backend frozen for 2 s contains what was left of the freeze", () => {
    const frozen: Backend = (_, nowMs) => answer(100 + (nowMs >= 1000 && nowMs < 3000 ? 3000 - nowMs : 0));
    const sessions = [0, 900, 1000, 1500, 2999, 3000].map((ms, i) => sessionOf(`s${i}`, "users", ms));
    const scene = play(users, sessions, frozen);
    scene.time.advanceTo(5000);
    const latencies = latenciesMs(scene.end()).sort((a, b) => a - b);
    expect(latencies).toEqual([100, 100, 100, 101, 1600, 2100]);
  });

  test("contains the driver's own lag", () => {
    const scene = play(users, [sessionOf("s1", "users", 10)], constant);
    scene.time.stallTo(60);
    scene.time.advanceTo(500);
    const events = scene.end();
    expect(lines(events, "enabled", "invoke", "ok")).toEqual(["enabled s1 1 @10", "invoke s1 1 @60", "ok s1 1 @160"]);
    expect(scene.posts.at(-1)).toMatchObject({ type: "stopped", startLagMs: { n: 1 } });
  });

  test("contains dropped connections and the pauses after them, and the turn keeps its number and input", () => {
    let dropped = 0;
    const scene = play(users, [sessionOf("s1", "users", 0)], () =>
      dropped++ < 2 ? { afterMs: 30, breaks: "lost" } : answer(100),
    );
    scene.time.advanceTo(5000);
    const events = scene.end();
    expect(events.map((event) => event.e)).toEqual("arrive enabled invoke info invoke info invoke ok leave".split(" "));
    const [latency = 0] = latenciesMs(events);
    const pausesMs = (scene.requests[2]?.atMs ?? 0) - 60;
    expect(pausesMs).toBeGreaterThanOrEqual(100 + 200);
    expect(pausesMs).toBeLessThanOrEqual(300 + 600 + 2);
    expect(latency).toBe(60 + pausesMs + 100);
    expect(new Set(scene.requests.map(({ request }) => request.path + request.body)).size).toBe(1);
  });
});

describe("attempts", () => {
  test.each<[string, Reply, string]>([
    ["a refused connection is certainly no turn", { afterMs: 1, breaks: "refused" }, "fail"],
    ["a broken connection says nothing", { afterMs: 1, breaks: "lost" }, "info"],
    ["503 with Retry-After is certainly no turn", { afterMs: 1, status: 503, retryAfterMs: 1000 }, "fail"],
    ["503 without Retry-After says nothing", { afterMs: 1, status: 503 }, "info"],
    ["409 is certainly no turn", { afterMs: 1, status: 409 }, "fail"],
    ["no answer in time says nothing", answer(999_999), "info"],
  ])("%s", (_, reply, kind) => {
    const scene = play({ users: cohortOf({ retry: "never" }) }, [sessionOf("s1", "users", 0)], () => reply);
    scene.time.advanceTo(10_000);
    expect(scene.end().map((event) => event.e)).toEqual(["arrive", "enabled", "invoke", kind, "censored"]);
  });

  test("Retry-After is obeyed", () => {
    const scene = play(users, [sessionOf("s1", "users", 0)], (_, nowMs) =>
      nowMs < 3000 ? { afterMs: 10, status: 503, retryAfterMs: 3000 } : answer(100),
    );
    scene.time.advanceTo(10_000);
    expect(lines(scene.end(), "invoke", "ok")).toEqual(["invoke s1 1 @0", "invoke s1 1 @3010", "ok s1 1 @3110"]);
  });

  test("each cohort keeps its own policy through an outage of 4 s", () => {
    const cohorts = { eager: cohortOf(), patient: cohortOf({ retry: "patient" }), never: cohortOf({ retry: "never" }) };
    const sessions = Object.keys(cohorts).map((cohort) => sessionOf(cohort, cohort, 0));
    const outage: Backend = (_, nowMs) => (nowMs < 4000 ? { afterMs: 1, breaks: "refused" } : answer(100));
    const scene = play(cohorts, sessions, outage);
    scene.time.advanceTo(15_000);
    const events = scene.end();
    const attempts = (s: string): number => events.filter((event) => event.e === "invoke" && event.s === s).length;
    expect(attempts("patient")).toBe(2);
    expect(lines(events, "ok")).toContain("ok patient 1 @5100");
    expect(attempts("never")).toBe(1);
    expect(lines(events, "censored")).toEqual(["censored never 1 @15000"]);
    // Pauses of 100 to 300 ms that double: between 3 and 6 attempts in 4 s, and an answer at most 2 s after the end.
    expect(attempts("eager")).toBeGreaterThanOrEqual(4);
    expect(attempts("eager")).toBeLessThanOrEqual(7);
    expect(events.find((event) => event.e === "ok" && event.s === "eager")?.t).toBeLessThanOrEqual(6100);
  });

  test("a dead backend is not stormed: at most about one attempt per session in 2 s", () => {
    const sessions = Array.from({ length: 100 }, (_, i) => sessionOf(`s${i}`, "users", i));
    const scene = play(users, sessions, () => ({ afterMs: 0, breaks: "refused" }));
    scene.time.advanceTo(60_000);
    scene.end();
    expect(scene.requests.length).toBeLessThanOrEqual(100 * (60_000 / 2000 + 5));
    expect(scene.requests.length).toBeGreaterThan(100 * 20);
  });

  test("past its deadline a turn is late, once, and asked for every 2 s until it is answered", () => {
    const scene = play(
      { users: cohortOf({ deadlineMs: 1000, timeoutMs: 500 }) },
      [sessionOf("s1", "users", 0)],
      (_, nowMs) => answer(nowMs < 6000 ? 900 : 100),
    );
    scene.time.advanceTo(20_000);
    const events = scene.end();
    expect(lines(events, "late")).toEqual(["late s1 1 @1000"]);
    const late = scene.requests.map(({ atMs }) => atMs).filter((atMs) => atMs > 1000);
    for (let i = 1; i < late.length; i++) expect((late[i] ?? 0) - (late[i - 1] ?? 0)).toBe(500 + 2000);
    expect(events.at(-2)?.e).toBe("ok");
  });

  test("a turn that failed for good ends, and the session thinks on", () => {
    const failed = { afterMs: 10, status: 200, body: { failed: { code: "model_refused", message: "no" } } };
    const scene = play(users, [sessionOf("s1", "users", 0, [90])], ({ path }) =>
      path.endsWith("1") ? failed : answer(10),
    );
    scene.time.advanceTo(1000);
    const events = scene.end();
    expect(events).toContainEqual({ e: "failed", t: 10, s: "s1", n: 1, a: 1, code: "model_refused" });
    expect(events).toContainEqual({ e: "ok", t: 110, s: "s1", n: 2, a: 1, h: fingerprint("fine") });
  });

  test("an answer that is read after the stop is no longer noted", () => {
    const scene = play(users, [sessionOf("s1", "users", 0)], constant);
    scene.time.advanceTo(50);
    const events = scene.end();
    scene.time.advanceTo(500);
    expect(lines(events, "ok", "censored")).toEqual(["censored s1 1 @50"]);
  });
});

describe("sessions", () => {
  test("offer one turn at a time, in order, under random trouble", () => {
    const random = randomOf(3, "trouble");
    const trouble: Backend = () =>
      random() < 0.3 ? { afterMs: 40, breaks: random() < 0.5 ? "lost" : "refused" } : answer(20 + 200 * random());
    const sessions = Array.from({ length: 30 }, (_, i) => sessionOf(`s${i}`, "users", i * 10, [5, 0, 50, 20, 0, 10]));
    const scene = play(users, sessions, trouble);
    scene.time.advanceTo(60_000);
    const events = scene.end();
    for (const { id } of sessions) {
      const ended: number[] = [];
      for (const event of events) {
        if (event.s !== id) continue;
        if (event.e === "enabled") expect(event.n).toBe(ended.length + 1);
        if (event.e === "ok") ended.push(event.n);
      }
      expect(ended).toEqual([1, 2, 3, 4, 5, 6, 7]);
    }
  });

  test("of fault cohorts arrive when the fault phase begins", () => {
    const cohorts = { users: cohortOf(), hogs: cohortOf({}, "fault") };
    const scene = play(cohorts, [sessionOf("u", "users", 0), sessionOf("h", "hogs", 200)], constant);
    scene.time.advanceTo(5000);
    scene.driver.obey({ type: "faultPhase", atMs: 5000 });
    scene.time.advanceTo(6000);
    expect(lines(scene.end(), "arrive")).toEqual(["arrive u @0", "arrive h @5200"]);
  });

  test("of a step fault arrive when their own cohort is called, and never if it is not", () => {
    const cohorts = { users: cohortOf(), first: cohortOf({}, "step"), second: cohortOf({}, "step") };
    const sessions = [sessionOf("u", "users", 0), sessionOf("a", "first", 200), sessionOf("b", "second", 300)];
    const scene = play(cohorts, sessions, constant);
    scene.time.advanceTo(5000);
    scene.driver.obey({ type: "faultPhase", atMs: 5000 });
    scene.driver.obey({ type: "summon", cohort: "second", atMs: 5000 });
    scene.time.advanceTo(9000);
    expect(lines(scene.end(), "arrive")).toEqual(["arrive u @0", "arrive b @5300"]);
  });

  test("whose conversation has been going on open it with a short turn", () => {
    const scene = play(users, [{ ...sessionOf("s1", "users", 0, [100]), opening: true }], constant);
    scene.time.advanceTo(1000);
    const events = scene.end();
    expect(events.filter((event) => event.e === "enabled").map((event) => event.kind)).toEqual(["opening", undefined]);
    const kinds = scene.requests.map(({ request }) => findMarker(request.body ?? "")?.call);
    expect(kinds).toEqual([INPUT_KINDS.proof, INPUT_KINDS.ordinary]);
  });

  test("say the same in every run of a seed, something else under another, and always begin with their marker", () => {
    const sessions = Array.from({ length: 20 }, (_, i) => sessionOf(`s${i}`, "users", i, [10, 20]));
    const said = (seed: number): string[] => {
      const scene = play(users, sessions, constant, { seed });
      scene.time.advanceTo(2000);
      scene.end();
      return scene.requests.map(({ request }) => `${request.path} ${request.body}`);
    };
    expect(said(7)).toEqual(said(7));
    expect(said(7)).not.toEqual(said(8));
    expect(said(7)[0]).toMatch(/^\/sessions\/s0\/turns\/1 \{"input":"D_s0_1_0_0_0_[0-9a-z]( [a-z]+){3,9}"\}$/);
  });

  test("that stand in no cohort are refused before anything is opened, with the cohorts there are", () => {
    const settings = settingsOf(users, [sessionOf("s1", "guests", 0)], "/no/such/folder");
    expect(() =>
      createDriver(
        settings,
        () => 0,
        () => undefined,
      ),
    ).toThrow(/guests.*Known: users/);
  });
});

describe("holding", () => {
  test("offers nothing new, neither to thinking nor to coming sessions, and pending turns go on", () => {
    const sessions = [
      sessionOf("thinks", "users", 0, [1000]),
      sessionOf("comes", "users", 2000),
      sessionOf("pends", "users", 450, [10]),
    ];
    const scene = play(users, sessions, constant);
    scene.time.advanceTo(500);
    scene.driver.obey({ type: "hold" });
    scene.time.advanceTo(9000);
    const events = scene.end();
    expect(lines(events, "enabled")).toEqual(["enabled thinks 1 @0", "enabled pends 1 @450"]);
    expect(lines(events, "ok")).toEqual(["ok thinks 1 @100", "ok pends 1 @550"]);
  });
});

describe("progress", () => {
  test("comes every 100 ms and soon after an acknowledgement, but never in a flood", () => {
    const sessions = Array.from({ length: 300 }, (_, i) => sessionOf(`s${i}`, "users", 1000 + i / 10));
    const scene = play(users, sessions, constant);
    scene.time.advanceTo(1000);
    const idle = scene.posts.length;
    expect(idle).toBeLessThanOrEqual(12);
    scene.time.advanceTo(1200);
    // 300 acknowledgements within 31 ms: the first at once, then one message in 5 ms.
    expect(scene.posts.length - idle).toBeLessThanOrEqual(12);
    const counts = scene.posts.flatMap((post) => (post.type === "progress" ? [post.acknowledged] : []));
    expect(counts).toContain(1);
    expect(counts.at(-1)).toBe(300);
    scene.end();
    expect(scene.posts.at(-2)).toMatchObject({
      type: "progress",
      offered: 300,
      live: 0,
      pending: 0,
      proved: 0,
      toProve: 0,
    });
  });
});

test("a mapping without a read request is not read from", () => {
  const scene = play(users, [sessionOf("s1", "users", 0)], constant, { mapping: { ...CONTRACT_MAPPING, read: null } });
  scene.time.advanceTo(1000);
  scene.driver.obey({ type: "prove" });
  scene.time.advanceTo(2000);
  expect(scene.posts.some((post) => post.type === "proved")).toBe(true);
  expect(lines(scene.end(), "read")).toEqual([]);
});
