import { expect, test, vi } from "vitest";
import { softLimit, whyNoLiveLimits } from "../processes/live-limits.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { memoryCap } from "./memory-cap.ts";
import { answering, changed, planned, underFault } from "./testing/under-fault.ts";

const PATIENCE = { timeout: 10_000, interval: 10 };

/** Tries to get 64 MiB at once when told to, and says whether it did. */
const ASKING =
  "require('./server.cjs');" +
  "process.on('SIGUSR2', () => { try { new ArrayBuffer(64 * 1024 * 1024); process.env.GOT = 'memory'; } catch (error) { process.env.GOT = error.name; } })";

test.skipIf(whyNoLiveLimits() !== null)(
  "a capped process is refused memory beyond its headroom, and gets it again after the cure",
  async () => {
    const { target, runtime } = await underFault(changed(tinyRuntime(), { command: ["node", "-e", ASKING] }));
    const [pid = 0] = runtime.pids("app");
    const usual = softLimit(pid, "data");
    const got = async (what: string): Promise<void> => {
      process.kill(pid, "SIGUSR2");
      await vi.waitFor(async () => {
        expect(await answering(runtime.baseUrl)).toMatchObject({ GOT: what, INCARNATION: "1" });
      }, PATIENCE);
    };
    const { proof, cure } = await memoryCap.inject(target, planned({ headroomMb: 24, forMs: 1 }));
    expect(proof).toMatch(/^Data of role app: process \d+ has \d+ MiB and may have 24 MiB more\.$/);
    expect(Number(softLimit(pid, "data"))).toBeGreaterThan(24 * 1024 * 1024);
    await got("RangeError");
    await cure();
    expect(softLimit(pid, "data")).toBe(usual);
    await got("memory");
  },
);
