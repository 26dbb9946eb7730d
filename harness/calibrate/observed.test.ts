/** Tables from made-up recordings: a driver that lies is found out, and a late server is told apart from a late driver. */
import { describe, expect, test } from "vitest";
import type { DriverEvent } from "../history.ts";
import { truthOf } from "./known-server.ts";
import { type Observation, type Part, tablesOf } from "./observed.ts";
import type { Served, Stall } from "./process/protocol.ts";
import { constant } from "./servers/constant.ts";
import { dependent } from "./servers/dependent.ts";

/** What may go wrong with one turn, in milliseconds. */
interface Trouble {
  readonly startLagMs?: number;
  readonly noticedLateMs?: number;
  readonly serverLateMs?: number;
  readonly readLateMs?: number;
  readonly lost?: boolean;
}

const START_MS = 5000;

/** Plays a part as an ideal client and server would, with trouble. */
function recorded(part: Part, troubleOf: (index: number) => Trouble, stalls: readonly Stall[] = []): Observation {
  const driver: DriverEvent[] = [];
  const served: Served[] = [];
  let index = 0;
  for (const { id, arriveMs, turns, thinkMs } of part.sessions) {
    let enabledMs = part.startMs + arriveMs;
    driver.push({ e: "arrive", t: enabledMs, s: id });
    for (let turn = 1; turn <= turns; turn++) {
      const { startLagMs = 0, noticedLateMs = 0, serverLateMs = 0, readLateMs = 0, lost } = troubleOf(index++);
      const sentMs = enabledMs + startLagMs;
      const arrivedMs = sentMs + noticedLateMs;
      const asked = { session: id, turn, attempt: 1, arrivedMs: arrivedMs - part.startMs };
      const endedMs = part.startMs + part.server.react(asked).atMs + serverLateMs;
      served.push({ session: id, turn, attempt: 1, arrivedMs, endedMs });
      driver.push({ e: "enabled", t: enabledMs, s: id, n: turn }, { e: "invoke", t: sentMs, s: id, n: turn, a: 1 });
      const okMs = endedMs + readLateMs;
      if (lost !== true) driver.push({ e: "ok", t: okMs, s: id, n: turn, a: 1, h: "x" });
      if (turn === turns) driver.push({ e: "leave", t: okMs, s: id });
      enabledMs = okMs + (thinkMs[turn - 1] ?? 0);
    }
  }
  return { driver, served, stalls };
}

const part: Part = { server: constant, startMs: START_MS, sessions: constant.sessions(1) };
const tableOf = (observation: Observation, of = part) => {
  const [table] = tablesOf(of, observation, 1);
  if (table === undefined) throw new Error("no table");
  return table;
};
const faults = (observation: Observation) => tableOf(observation).rows.map(({ figure, fault }) => [figure, fault]);

describe("a table", () => {
  test("of a perfect recording has no error at all", () => {
    const table = tableOf(recorded(part, () => ({})));
    expect(table).toMatchObject({ passed: true, unanswered: 0, turns: 250, errorMs: { p50: 0, p99: 0, max: 0 } });
    expect(table.rows.map(({ figure, trueMs, limitMs }) => [figure, trueMs, limitMs])).toEqual([
      ["p50", 100, 1],
      ["p99", 100, 2],
      ["max", 100, 5],
    ]);
  });

  test("passes just within its limits and fails just beyond them, either way", () => {
    expect(tableOf(recorded(part, () => ({ readLateMs: 0.99 }))).passed).toBe(true);
    expect(tableOf(recorded(part, () => ({ readLateMs: 1.01 }))).passed).toBe(false);
    expect(tableOf(recorded(part, () => ({ readLateMs: -0.99 }))).passed).toBe(true);
    expect(tableOf(recorded(part, () => ({ readLateMs: -1.01 }))).passed).toBe(false);
  });

  test("one answer in 250 that is 5.1 ms off is off at the maximum and nowhere else", () => {
    const table = tableOf(recorded(part, (index) => ({ readLateMs: index === 17 ? 5.1 : 0 })));
    expect(table.rows.map(({ passed }) => passed)).toEqual([true, true, false]);
  });

  test("with a turn that was not answered fails, whatever its figures", () => {
    const table = tableOf(recorded(part, (index) => ({ lost: index === 3 })));
    expect(table).toMatchObject({ unanswered: 1, turns: 249, passed: false });
    expect(table.rows.every(({ passed }) => passed)).toBe(true);
  });

  test("of nothing at all fails", () => {
    expect(tableOf({ driver: [], served: [], stalls: [] })).toMatchObject({ unanswered: 250, rows: [], passed: false });
  });
});

describe("whose fault it is", () => {
  test("a driver that starts late, reads late or halves what it saw is the driver's", () => {
    const driver = [
      ["p50", "driver"],
      ["p99", "driver"],
      ["max", "driver"],
    ];
    expect(faults(recorded(part, () => ({ startLagMs: 8 })))).toEqual(driver);
    expect(faults(recorded(part, () => ({ readLateMs: 8 })))).toEqual(driver);
    expect(faults(recorded(part, () => ({ readLateMs: -48 })))).toEqual(driver);
  });

  test("a server that answers late is the server's, and by how much is shown", () => {
    const table = tableOf(recorded(part, () => ({ serverLateMs: 8 })));
    expect(table.rows.map(({ fault }) => fault)).toEqual(["server", "server", "server"]);
    expect(table.rows.map(({ servedMs }) => servedMs)).toEqual([108, 108, 108]);
    expect(table).toMatchObject({ passed: false, serverLateMs: { p50: 8, p99: 8, max: 8 } });
  });

  test("a request that comes while the server stands still is noticed late by the server; without a stall it was on its way", () => {
    const late = (index: number): Trouble => ({ noticedLateMs: index === 5 ? 9 : 0 });
    const sentMs = START_MS + (part.sessions[5]?.arriveMs ?? 0);
    const stall = { fromMs: sentMs - 3, toMs: sentMs + 8.5 };
    expect(faults(recorded(part, late, [stall]))).toContainEqual(["max", "server"]);
    expect(faults(recorded(part, late))).toContainEqual(["max", "driver"]);
    expect(tableOf(recorded(part, late, [stall])).serverLateMs.max).toBeCloseTo(8.5, 6);
  });
});

describe("dependent turns", () => {
  const sessions = dependent.sessions(1);
  const dependentPart: Part = { server: dependent, startMs: START_MS, sessions };

  test("have a table of turns and one of whole sessions", () => {
    const tables = tablesOf(
      dependentPart,
      recorded(dependentPart, () => ({})),
      2,
    );
    expect(tables.map(({ server, attempt, turns, passed }) => [server, attempt, turns, passed])).toEqual([
      ["dependent turns", 2, 180, true],
      ["dependent sessions", 2, 60, true],
    ]);
  });

  test("of a driver that cuts think times short fail as sessions although every turn is right", () => {
    const hasty: Part = { ...dependentPart, sessions: sessions.map((one) => ({ ...one, thinkMs: [150, 200] })) };
    const [turns, whole] = tablesOf(
      dependentPart,
      recorded(hasty, () => ({})),
      1,
    );
    expect([turns?.passed, whole?.passed]).toEqual([true, false]);
    expect(whole?.rows[0]).toMatchObject({ trueMs: 1350, measuredMs: 1300, passed: false, fault: "driver" });
  });

  test("of a driver that charges a slow turn to those after it fail", () => {
    const observation = recorded(dependentPart, () => ({}));
    // The third turn as if it had been due when the script without the slow turn would have had it: 600 ms of debt.
    const charged = observation.driver.map((event) =>
      event.e === "enabled" && event.n === 3 ? { ...event, t: event.t - 600 } : event,
    );
    const [turns] = tablesOf(dependentPart, { ...observation, driver: charged }, 1);
    expect(turns?.rows.map(({ measuredMs }) => Math.round(measuredMs))).toEqual([700, 750, 750]);
    expect(turns?.passed).toBe(false);
    expect(truthOf(dependent, sessions).turns.size).toBe(180);
  });
});
