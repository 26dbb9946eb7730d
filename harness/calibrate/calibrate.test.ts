/** A calibration for real: processes, sockets, tables; and that nothing of it is left. */
import { afterEach, expect, test } from "vitest";
import type { CalibrationTable } from "../calibration.ts";
import { planCores } from "../processes/cores.ts";
import { processTree } from "../processes/process-table.ts";
import { Watchdog } from "../processes/watchdog.ts";
import { Stopped } from "../record/waiting.ts";
import { calibrate } from "./calibrate.ts";
import { measureParts, partsOf } from "./measure.ts";
import { tablesOf } from "./observed.ts";
import { dependent } from "./servers/dependent.ts";
import { dropped } from "./servers/dropped.ts";
import { SERVER_GROUPS } from "./servers/index.ts";
import { warmUp } from "./servers/warm-up.ts";

let watchdog: Watchdog | null = null;
afterEach(async () => {
  await watchdog?.stop();
  watchdog = null;
});

const isReset = (session: string): boolean =>
  dropped.react({ session, turn: 1, attempt: 1, arrivedMs: 0 }).does === "reset";
const children = (): number => processTree([process.pid]).length;

/** On a machine that is busy with other things figures may be off; the middle of the errors cannot be by this much. */
const ROUGHLY_MS = 50;

test("servers are measured close to the truth, again if they were off, and nothing of it is left", async () => {
  watchdog = await Watchdog.start();
  const before = children();
  const told: CalibrationTable[] = [];
  const site = { cores: planCores(), watchdog, signal: new AbortController().signal };
  const groups = SERVER_GROUPS.map(({ warmUp, servers }) => ({ warmUp, servers: servers.slice(-1) }));
  const options = { full: false, beforeTrial: "1-a-b", groups, onTable: (table: CalibrationTable) => told.push(table) };
  const run = await calibrate(site, options);
  expect(run).toMatchObject({ problem: null, beforeTrial: "1-a-b", tables: told });
  const first = run.tables.filter(({ attempt }) => attempt === 1);
  expect(first.map(({ server, turns, unanswered }) => [server, turns, unanswered])).toEqual([
    ["frozen for 2 s", 125, 0],
    ["World alone", 160, 0],
  ]);
  for (const { errorMs } of run.tables) {
    // Nobody hears an answer before it is given; stamps are rounded to microseconds.
    expect(errorMs.p50).toBeGreaterThan(-0.01);
    expect(errorMs.p50).toBeLessThan(ROUGHLY_MS);
  }
  const again = run.tables.filter(({ attempt }) => attempt === 2).map(({ server }) => server);
  expect(again).toEqual(first.filter(({ passed }) => !passed).map(({ server }) => server));
  expect(children()).toBe(before);
});

test("resets and dependent turns are asked for as planned, and each turn is compared", async () => {
  watchdog = await Watchdog.start();
  const site = { cores: planCores(), watchdog, signal: new AbortController().signal };
  const { parts, observation } = await measureParts(partsOf([warmUp, dropped, dependent], 1), site);
  const [, resets, turns] = parts.map((part) => tablesOf(part, observation, 1));
  expect(resets?.map((table) => [table.turns, table.unanswered])).toEqual([[160, 0]]);
  expect(turns?.map((table) => [table.turns, table.unanswered])).toEqual([
    [180, 0],
    [60, 0],
  ]);
  const second = observation.served.filter(({ attempt }) => attempt === 2).length;
  expect(second).toBe(dropped.sessions(1).filter(({ id }) => isReset(id)).length);
  expect(observation.served.every(({ attempt }) => attempt <= 2)).toBe(true);
});

test("a calibration that is stopped ends everything at once", async () => {
  watchdog = await Watchdog.start();
  const before = children();
  const stop = new AbortController();
  const site = { cores: null, watchdog, signal: stop.signal };
  const running = calibrate(site, { full: true, beforeTrial: null });
  const refused = expect(running).rejects.toThrow(Stopped);
  await expect.poll(children, { timeout: 10_000 }).toBeGreaterThanOrEqual(before + 2);
  stop.abort();
  await refused;
  expect(children()).toBe(before);
});
