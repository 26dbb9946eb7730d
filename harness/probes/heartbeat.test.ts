import { expect, onTestFinished, test } from "vitest";
import { hasProc } from "../processes/process-table.ts";
import { scratchFolder } from "../processes/testing/scratch.ts";
import { HeartbeatWatch, type Silence } from "./heartbeat.ts";
import { agreementOf, makeStalls, startServer } from "./testing/observed-server.ts";

function watched(): { watch: HeartbeatWatch; found: Silence[] } {
  const found: Silence[] = [];
  return { watch: new HeartbeatWatch((silence) => found.push(silence)), found };
}

test("a silence lasts from the first beat that was due to the one that came, however late the pipe is read", () => {
  const { watch, found } = watched();
  watch.take([100, 110, 155, 165], 900);
  expect(found).toEqual([{ fromMs: 120, ms: 35 }]);
});

test("a reader that is late itself takes nothing for a silence", () => {
  const { watch, found } = watched();
  watch.take([100], 105);
  watch.take(
    Array.from({ length: 90 }, (_, index) => 110 + index * 10),
    1005,
  );
  watch.end();
  expect(found).toEqual([]);
});

test("a beat that is a little late is no silence", () => {
  const { watch, found } = watched();
  watch.take([100, 121.9, 131], 140);
  expect(found).toEqual([]);
});

test("who dies in silence was silent at least until it was last known to live, who dies beating was not", () => {
  const silent = watched();
  silent.watch.take([100], 101);
  silent.watch.take("none", 201);
  silent.watch.take("ended", 301);
  expect(silent.found).toEqual([{ fromMs: 110, ms: 91 }]);
  const beating = watched();
  beating.watch.take([100], 101);
  beating.watch.take("ended", 201);
  expect(beating.found).toEqual([]);
});

test("stamps that are no instants or go back are left out", () => {
  const { watch, found } = watched();
  watch.take([100, Number.NaN, 50, Number.POSITIVE_INFINITY, 110], 120);
  watch.end();
  expect(found).toEqual([]);
});

test.skipIf(!hasProc)(
  "stalls that somebody else makes by SIGSTOP are found, with their start",
  async () => {
    const server = await startServer(scratchFolder(), null, true);
    onTestFinished(() => server.end());
    const made = await makeStalls(server, 7, 15);
    server.observation?.stop();
    const events = server.observation?.events(0) ?? [];
    expect(events.filter(({ e }) => e === "watched")).toHaveLength(1);
    // A stall of 20 ms to 22 ms may fall between two beats; whatever is longer cannot.
    const { missed, startErrorsMs } = agreementOf(made, events);
    expect(missed.filter(({ fromMs, toMs }) => toMs - fromMs > 22)).toEqual([]);
    expect(startErrorsMs.length).toBeGreaterThan(10);
    // The first beat that was due is at most an interval after the stop, and stamps are the writer's: load cannot move them.
    for (const error of startErrorsMs) expect(error).toBeLessThan(12);
  },
  20_000,
);
