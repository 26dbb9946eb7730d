/** The driver over real sockets against backends that know the right answer: what its events say must be what happened. */
import { mkdtempSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { monotonicMs, trialClock } from "../clock.ts";
import type { DriverEvent } from "../history.ts";
import { readEvents } from "../history-file.ts";
import { randomOf } from "../random.ts";
import type { PlannedSession } from "../trial.ts";
import { createDriver } from "./driver.ts";
import type { FromDriver } from "./protocol.ts";
import { answerTurn, type RunningBackend, refusingUrl, startBackend } from "./testing/backend.ts";
import { cohortOf, latenciesMs, sessionOf, settingsOf } from "./testing/play.ts";

let backend: RunningBackend | null = null;
const folders: string[] = [];

afterEach(async () => {
  await backend?.close();
  backend = null;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Runs a load for a while; `zeroMs` is the instant, on the backend's clock, at which trial time is 0. */
async function run(baseUrl: string, sessions: readonly PlannedSession[], lengthMs: number, zeroMs = monotonicMs()) {
  const folder = mkdtempSync(join(tmpdir(), "agent-derby-driver-"));
  folders.push(folder);
  const settings = { ...settingsOf({ users: cohortOf({ timeoutMs: 3000 }) }, sessions, folder), baseUrl, zeroMs };
  const posts: FromDriver[] = [];
  const stopped = new Promise<DriverEvent[]>((done) => {
    const driver = createDriver(settings, trialClock(zeroMs), (message) => posts.push(message));
    driver.obey({ type: "begin", atMs: 0 });
    setTimeout(() => {
      driver.obey({ type: "stop" });
      done(readEvents<DriverEvent>(settings.historyFile));
    }, lengthMs);
  });
  const events = await stopped;
  return { events, posts, latencies: latenciesMs(events).sort((a, b) => a - b) };
}

/** Sessions that arrive at seeded instants within a second, one turn each. */
function arrivals(count: number): PlannedSession[] {
  const random = randomOf(5, "arrivals");
  return Array.from({ length: count }, (_, i) => sessionOf(`s${i}`, "users", Math.floor(random() * 1000)));
}

function median(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

test("a backend that takes 100 ms is measured as one that takes 100 ms", async () => {
  const tookMs: number[] = [];
  backend = await startBackend((_, response) => {
    const beganMs = monotonicMs();
    setTimeout(() => {
      answerTurn(response);
      tookMs.push(monotonicMs() - beganMs);
    }, 100);
  });
  const { latencies, posts } = await run(backend.url, arrivals(150), 1400);
  expect(latencies).toHaveLength(150);
  expect(latencies[0]).toBeGreaterThanOrEqual(99);
  // The truth is what the backend itself took; the difference is start lag and two hops over loopback.
  expect(median(latencies) - median(tookMs.sort((a, b) => a - b))).toBeLessThan(8);
  expect(posts.at(-1)).toMatchObject({ type: "stopped", startLagMs: { n: 150 } });
});

test("a backend frozen for a second is charged to every turn that met the freeze, with what was left of it", async () => {
  const zeroMs = monotonicMs();
  const freeze = { fromMs: zeroMs + 500, untilMs: zeroMs + 1500 };
  backend = await startBackend((_, response) => {
    const nowMs = monotonicMs();
    const heldMs = nowMs >= freeze.fromMs && nowMs < freeze.untilMs ? freeze.untilMs - nowMs : 0;
    setTimeout(() => answerTurn(response), heldMs);
  });
  const { events, latencies } = await run(backend.url, arrivals(100), 1900, zeroMs);
  expect(latencies).toHaveLength(100);
  const enabled = new Map(events.flatMap((event) => (event.e === "enabled" ? [[event.s, event.t] as const] : [])));
  const errors: number[] = [];
  for (const event of events) {
    if (event.e !== "ok") continue;
    const since = enabled.get(event.s) ?? Number.NaN;
    const expected = since >= 500 && since < 1500 ? 1500 - since : 0;
    errors.push(Math.abs(event.t - since - expected));
  }
  expect(median(errors.sort((a, b) => a - b))).toBeLessThan(15);
});

test("dropped connections cost the pauses between attempts and nothing else", async () => {
  const dropped = new Set<string>();
  backend = await startBackend((request, response) => {
    const turn = request.url ?? "";
    if (!dropped.has(turn)) {
      dropped.add(turn);
      request.socket.destroy();
    } else answerTurn(response);
  });
  const { events, latencies } = await run(backend.url, arrivals(50), 1600);
  expect(latencies).toHaveLength(50);
  expect(latencies[0]).toBeGreaterThanOrEqual(100);
  expect(median(latencies)).toBeLessThan(320);
  expect(events.filter((event) => event.e === "info")).toHaveLength(50);
  expect(events.filter((event) => event.e === "fail")).toHaveLength(0);
});

test("a port where nobody listens is asked politely, and every attempt is certainly no turn", async () => {
  const { events } = await run(await refusingUrl(), arrivals(50), 1500);
  const attempts = events.filter((event) => event.e === "invoke").length;
  // Attempts that were under way when the trial stopped have no outcome.
  expect(events.filter((event) => event.e === "fail").length).toBeGreaterThan(attempts - 50);
  expect(events.filter((event) => event.e === "info" || event.e === "ok")).toHaveLength(0);
  expect(attempts).toBeLessThanOrEqual(50 * 5);
  expect(events.filter((event) => event.e === "censored")).toHaveLength(50);
});

test("503 with Retry-After is obeyed and certain, without it is neither", async () => {
  const refuse = (response: ServerResponse, headers: Record<string, string>): void => {
    response.writeHead(503, headers).end();
  };
  const asked = new Map<string, number>();
  backend = await startBackend((request, response) => {
    const turn = request.url ?? "";
    const times = (asked.get(turn) ?? 0) + 1;
    asked.set(turn, times);
    if (times > 1) answerTurn(response);
    else refuse(response, turn.includes("polite") ? { "retry-after": "1" } : {});
  });
  const sessions = [sessionOf("polite", "users", 0), sessionOf("rude", "users", 0)];
  const { events } = await run(backend.url, sessions, 1500);
  const of = (s: string) => events.filter((event) => event.s === s && (event.e === "fail" || event.e === "info"));
  expect(of("polite").map((event) => event.e)).toEqual(["fail"]);
  expect(of("rude").map((event) => event.e)).toEqual(["info"]);
  const ok = (s: string) => events.find((event) => event.s === s && event.e === "ok")?.t;
  expect(ok("polite")).toBeGreaterThanOrEqual(1000);
  expect(ok("rude")).toBeLessThan(600);
});
