/** The truth of every known server against answers computed by hand. */
import { describe, expect, test } from "vitest";
import { RETRY } from "../driver/retry.ts";
import { randomOf } from "../random.ts";
import type { PlannedSession } from "../trial.ts";
import { CALIBRATION_SEED, type KnownServer, truthOf } from "./known-server.ts";
import { bimodal } from "./servers/bimodal.ts";
import { constant } from "./servers/constant.ts";
import { dependent } from "./servers/dependent.ts";
import { dropped } from "./servers/dropped.ts";
import { freeze } from "./servers/freeze.ts";
import { SERVER_GROUPS, scriptedServerOf } from "./servers/index.ts";
import { world } from "./servers/world.ts";

const session = (server: KnownServer, index: number, arriveMs: number, thinkMs: number[] = []): PlannedSession => ({
  id: `${server.name}${index}`,
  cohort: server.name,
  arriveMs,
  turns: thinkMs.length + 1,
  thinkMs,
});

/** True latencies of one-turn sessions that arrive at these instants. */
const latencies = (server: KnownServer, instants: readonly number[]): number[] => [
  ...truthOf(
    server,
    instants.map((ms, index) => session(server, index, ms)),
  ).turns.values(),
];

describe("the truth", () => {
  test("of a constant server is its constant, whenever somebody comes", () => {
    expect(latencies(constant, [0, 0.5, 7, 900])).toEqual([100, 100, 100, 100]);
  });

  test("of a bimodal server is one of two values, a fifth of them the slow one", () => {
    const all = [...truthOf(bimodal, bimodal.sessions(4)).turns.values()].map((ms) => Math.round(ms));
    expect(new Set(all)).toEqual(new Set([100, 400]));
    const slow = all.filter((ms) => ms === 400).length / all.length;
    expect(slow).toBeGreaterThan(0.15);
    expect(slow).toBeLessThan(0.25);
  });

  test("of a freeze is what was left of it, for everybody who came in it", () => {
    // Ready at arrival + 20 ms; frozen from 250 to 2,250 ms, and again from 2,750 to 4,750 ms.
    expect(latencies(freeze, [0, 229, 230, 1250, 2229, 2230, 2500, 2730])).toEqual([
      20, 20, 2020, 1000, 21, 20, 20, 2020,
    ]);
  });

  test("of dependent turns charges a slow turn once, and a whole session takes its turns and its thinking", () => {
    // enabled at 50, 50 + 100 + 150 = 300, 300 + 700 + 250 = 1,250; the last answer comes at 1,250 + 150 = 1,400.
    const [planned] = dependent.sessions(1);
    const { turns, sessions } = truthOf(dependent, [session(dependent, 0, 50, [...(planned?.thinkMs ?? [])])]);
    expect([...turns.values()]).toEqual([100, 700, 150]);
    expect([...sessions]).toEqual([["dependent0", 1350]]);
  });

  test("of a dropped connection is the client's pause, drawn as the driver draws it, and the answer", () => {
    const sessions = dropped.sessions(1);
    const { turns } = truthOf(dropped, sessions);
    let drops = 0;
    for (const { id } of sessions) {
      const asked = { session: id, turn: 1, attempt: 1, arrivedMs: 0 };
      const reset = dropped.react(asked).does === "reset";
      if (reset) drops++;
      // The first pause of an eager client is uniform in 100 to 300 ms.
      const pauseMs = 100 + 200 * randomOf(CALIBRATION_SEED, "retry", id, 1, 1)();
      expect(turns.get(`${id}/1`)).toBeCloseTo(reset ? pauseMs + 100 : 100, 6);
      expect(dropped.react({ ...asked, attempt: 2 }).does).toBe("answer");
    }
    expect(RETRY.eagerFirstMs).toEqual({ low: 100, high: 300 });
    expect(drops / sessions.length).toBeGreaterThan(0.5);
  });

  test("of the World is the floor of its script: first token and gaps of 10 ms", () => {
    for (const ms of latencies(world, [0, 10, 20, 30])) {
      // 150 to 500 ms, and 9 to 39 gaps.
      expect(ms).toBeGreaterThanOrEqual(240);
      expect(ms).toBeLessThanOrEqual(890);
    }
  });
});

test("plans are the same every time, their ids are valid and name their server", () => {
  for (const { warmUp, servers } of SERVER_GROUPS) {
    for (const server of [warmUp, ...servers]) {
      const sessions = server.sessions(1);
      expect(server.sessions(1)).toEqual(sessions);
      for (const { id } of server.sessions(5)) expect(id).toMatch(/^[a-z]+\d+$/);
      expect(Math.max(...server.sessions(5).map(({ id }) => id.length))).toBeLessThanOrEqual(16);
      if (server.script === undefined) expect(scriptedServerOf(sessions[0]?.id ?? "")).toBe(server);
    }
  }
  expect(scriptedServerOf("nobody1")).toBeUndefined();
});
