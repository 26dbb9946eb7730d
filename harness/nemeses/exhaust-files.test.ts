import { expect, test } from "vitest";
import { softLimit, whyNoLiveLimits } from "../processes/live-limits.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { exhaustFiles, limitLeaving } from "./exhaust-files.ts";
import { answering, ask, changed, planned, underFault } from "./testing/under-fault.ts";

test("the limit leaves exactly so many numbers free, gaps counted", () => {
  expect(limitLeaving(0, [0, 1, 2])).toBe(3);
  expect(limitLeaving(0, [0, 1, 2, 4, 9])).toBe(3);
  expect(limitLeaving(1, [0, 1, 2, 4, 9])).toBe(5);
  expect(limitLeaving(2, [9, 4, 2, 1, 0])).toBe(6);
});

/** Says how many files it could open, up to five. */
const OPENING =
  "require('./server.cjs'); const fs = require('node:fs'); const files = [];" +
  "setInterval(() => { while (files.length) fs.closeSync(files.pop());" +
  "try { while (files.length < 5) files.push(fs.openSync('/dev/null')); } catch (error) { process.env.WHY = error.code; }" +
  "process.env.OPENED = files.length; while (files.length) fs.closeSync(files.pop()); }, 5)";

test.skipIf(whyNoLiveLimits() !== null)(
  "a process at its limit takes no connection; with its limit back it takes them again",
  async () => {
    const { target, runtime } = await underFault(tinyRuntime());
    const [pid = 0] = runtime.pids("app");
    const usual = softLimit(pid, "nofile");
    const { proof, cure } = await exhaustFiles.inject(target, planned({ forMs: 1 }));
    expect(proof).toMatch(/^Open files of role app: process \d+ may use (\d+) descriptors and uses \1 of them\.$/);
    expect(["silent", "broken"]).toContain(await ask(runtime.baseUrl, 300));
    await cure();
    expect(softLimit(pid, "nofile")).toBe(usual);
    expect(await answering(runtime.baseUrl)).toMatchObject({ INCARNATION: "1" });
  },
);

test.skipIf(whyNoLiveLimits() !== null)("`spare` leaves so many to be opened", async () => {
  const { target, runtime } = await underFault(changed(tinyRuntime(), { command: ["node", "-e", OPENING] }));
  const { cure } = await exhaustFiles.inject(target, planned({ spare: 3, forMs: 1 }));
  // The connection that asks takes one of the three while it stands.
  expect(await answering(runtime.baseUrl)).toMatchObject({ WHY: "EMFILE" });
  await cure();
});
