import { expect, it } from "vitest";
import type { TrialLive } from "../live.ts";
import { LiveFeed } from "./live-feed.ts";

function feeding() {
  const told: TrialLive[] = [];
  return { told, feed: new LiveFeed((event) => told.push(event)) };
}

it("tells phases, faults and processes in order, in seconds since the load began", () => {
  const { told, feed } = feeding();
  feed.saw({ e: "start", t: 100, process: "server", replica: 0, i: 1, pid: 7 });
  feed.saw({ e: "phase", t: 2000, phase: "warmup" });
  feed.saw({ e: "fault", t: 5004, id: "f1", kind: "kill" });
  feed.saw({ e: "exit", t: 5020, process: "server", replica: 0, i: 1, code: null, signal: "SIGKILL", expected: true });
  feed.saw({ e: "landed", t: 5030, id: "f1", proof: "It is gone." });
  feed.saw({ e: "ready", t: 6000, process: "server", replica: 1, i: 2 });
  feed.saw({ e: "cured", t: 6000, id: "f1" });
  feed.saw({ e: "exit", t: 7000, process: "server", replica: 0, i: 2, code: 1, signal: null, expected: false });
  feed.saw({ e: "gave-up", t: 7000, reason: "It cannot stay up." });
  feed.flush();
  expect(told).toEqual([
    { e: "process", atS: 0, name: "server", state: "started", says: "" },
    { e: "phase", atS: 0, phase: "warmup" },
    { e: "fault", atS: 3, id: "f1", state: "fired", says: "kill" },
    { e: "process", atS: 3.02, name: "server", state: "ended", says: "" },
    { e: "fault", atS: 3.03, id: "f1", state: "landed", says: "It is gone." },
    { e: "process", atS: 4, name: "server 2", state: "ready", says: "" },
    { e: "fault", atS: 4, id: "f1", state: "cured", says: "" },
    { e: "process", atS: 5, name: "server", state: "died", says: "" },
    { e: "process", atS: 5, name: "runtime", state: "gave up", says: "It cannot stay up." },
  ]);
});

it("makes nobody wait: what happens is told in a later turn of the event loop, and samples are not told at all", async () => {
  const { told, feed } = feeding();
  feed.saw({ e: "sample", t: 0, appCpuMs: 0, appRssBytes: 0, storeCpuMs: 0, storeRssBytes: 0 });
  feed.saw({ e: "phase", t: 10, phase: "warmup" });
  expect(told).toEqual([]);
  await new Promise((done) => setImmediate(done));
  expect(told).toEqual([{ e: "phase", atS: 0, phase: "warmup" }]);
  feed.flush();
  expect(told).toHaveLength(1);
});
