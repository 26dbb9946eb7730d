/** Clients that read along: on fake time with answers computed by hand, and over a real socket. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { monotonicMs } from "../clock.ts";
import type { DriverEvent } from "../history.ts";
import { fingerprint } from "../identity.ts";
import { AnswerStream } from "./answer-stream.ts";
import { type Attempt, createClient } from "./client.ts";
import { CONTRACT_STREAM_MAPPING, turnRequest } from "./mapping.ts";
import { type RunningBackend, startBackend } from "./testing/backend.ts";
import { answer, type Backend, cohortOf, play, sessionOf } from "./testing/play.ts";

const token = (text: string): string => `event: token\ndata: ${JSON.stringify({ step: 1, text })}\n\n`;
const result = (output: string): string => `event: result\ndata: ${JSON.stringify({ output })}\n\n`;
const streaming = { readers: cohortOf({ streams: true }) };
const offered = { streamMapping: CONTRACT_STREAM_MAPPING };
const one = [sessionOf("s1", "readers", 50)];

/** Everything but the session and turn, which are always the same here. */
const kept = (events: readonly DriverEvent[]): object[] =>
  events.flatMap((event) => {
    const { s: _s, ...rest } = event;
    return "n" in rest ? [{ ...rest, n: undefined }] : [];
  });

test("an attempt that streams says so, notes its first text, and tells of the rest when it has ended", () => {
  const backend: Backend = () => ({
    afterMs: 300,
    chunks: [
      [100, token("It ")],
      [160, token("is ")],
      [180, token("so.")],
      [300, result("It is so.")],
    ],
  });
  const scene = play(streaming, one, backend, offered);
  scene.time.advanceTo(1000);
  expect(scene.requests[0]?.request.headers.accept).toBe("text/event-stream");
  const stream = { tokens: 3, gapMs: 60, early: 1, text: "whole" };
  expect(kept(scene.end())).toEqual([
    { e: "enabled", t: 50 },
    { e: "invoke", t: 50, a: 1, stream: true },
    { e: "first", t: 150, a: 1, k: 1 },
    { e: "ok", t: 350, a: 1, h: fingerprint("It is so."), stream },
  ]);
});

test("a stream that breaks says nothing of the turn, and the next attempt is another stream", () => {
  let broken = false;
  const backend: Backend = () => {
    if (broken) return { afterMs: 10, chunks: [[10, token("whole") + result("whole")]] };
    broken = true;
    return { afterMs: 40, chunks: [[30, token("ha")]], breaks: "lost" };
  };
  const scene = play(streaming, one, backend, offered);
  scene.time.advanceTo(2000);
  const events = scene.end().filter(({ e }) => e === "first" || e === "info" || e === "ok");
  expect(events).toMatchObject([
    { e: "first", a: 1, t: 80 },
    { e: "info", a: 1, t: 90 },
    { e: "first", a: 2 },
    { e: "ok", a: 2, stream: { text: "whole" } },
  ]);
});

test("where streams are not offered, or not wanted, turns are asked for plainly", () => {
  for (const [cohorts, changes] of [
    [streaming, {}],
    [{ readers: cohortOf() }, offered],
  ] as const) {
    const scene = play(cohorts, one, () => answer(10), changes);
    scene.time.advanceTo(1000);
    expect(scene.requests[0]?.request.headers.accept).toBe("application/json");
    expect(scene.end().find(({ e }) => e === "invoke")).toEqual({ e: "invoke", t: 50, s: "s1", n: 1, a: 1 });
  }
});

test("first tokens and gaps go to the histogram log as series of their own", () => {
  const folder = mkdtempSync(join(tmpdir(), "agent-derby-streams-"));
  const histogramFile = join(folder, "driver.hlog");
  const chunks = [
    [100, token("a")],
    [140, token("b") + result("ab")],
  ] as const;
  const scene = play(streaming, one, () => ({ afterMs: 140, chunks }), { ...offered, histogramFile });
  scene.time.advanceTo(1000);
  scene.end();
  const tags = readFileSync(histogramFile, "utf8").matchAll(/Tag=([a-z-]+),[^,]*,[^,]*,([\d.]+)/g);
  const longest = Object.fromEntries([...tags].map(([, tag, max]) => [tag, Number(max)]));
  rmSync(folder, { recursive: true });
  expect(longest["first-token"]).toBeCloseTo(100, 0);
  expect(longest["token-gap"]).toBeCloseTo(40, 0);
});

let backend: RunningBackend | null = null;
afterEach(async () => {
  await backend?.close();
  backend = null;
});

async function attemptOn(handle: Parameters<typeof startBackend>[0]) {
  backend = await startBackend(handle);
  const client = createClient(backend.url, monotonicMs, () => undefined);
  const firsts: number[] = [];
  const witness = { first: (nowMs: number) => void firsts.push(nowMs), gap: () => undefined };
  const stream = new AnswerStream(CONTRACT_STREAM_MAPPING, witness);
  const request = turnRequest(CONTRACT_STREAM_MAPPING, { session: "s", turn: "1", input: "x" });
  const attempt = await new Promise<Attempt>((done) => client.attempt(request, 5000, false, done, stream));
  client.close();
  return { attempt, stream, firsts };
}

test("over a socket, text is stamped when it is read, not when the answer ends", async () => {
  const { attempt, stream, firsts } = await attemptOn((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(token("It "));
    setTimeout(() => response.end(token("is so.") + result("It is so.")), 60);
  });
  expect(attempt).toMatchObject({ kind: "answered", response: { streamed: true, body: "" } });
  expect(attempt.endedMs - (firsts[0] ?? attempt.endedMs)).toBeGreaterThan(40);
  expect(stream.outcome(attempt.endedMs)).toMatchObject({ kind: "ok", stream: { tokens: 2, early: 0.333 } });
});

test.each([
  ["an answer in one piece", 200, { output: "fine" }],
  ["a refusal", 409, { error: "another input" }],
])("%s is read whole although a stream was asked for", async (_, status, body) => {
  const { attempt } = await attemptOn((_request, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  expect(attempt).toMatchObject({ kind: "answered", response: { status, body: JSON.stringify(body) } });
});
