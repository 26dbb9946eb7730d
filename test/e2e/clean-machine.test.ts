import { rmSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { hasProc } from "../../harness/processes/process-table.ts";
import { randomOf } from "../../harness/random.ts";
import { folderForKills, killHarness } from "../killed-harness.ts";

const KILLS = 3;
/** From start-up into the faults; the bench goes on to the end. */
const LATEST_MS = 11_000;
const LIMIT_MS = 120_000;

// What is left is found in /proc.
test.skipIf(!hasProc)(
  "a harness killed at random instants of a chaos trial leaves no process, port, mount or directory after 2 s, and its recordings can be read",
  { timeout: LIMIT_MS },
  async () => {
    const folder = folderForKills();
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
    const random = randomOf(1, "kills");
    let events = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // One instant in each third, so that they are spread over the trial.
      const aftermath = await killHarness(folder, kill, ((kill + random()) / KILLS) * LATEST_MS);
      const told = JSON.stringify(aftermath);
      expect(aftermath.left, told).toEqual([]);
      expect(aftermath.goneAfterMs, told).not.toBeNull();
      expect(aftermath.processes, told).toBeGreaterThan(1);
      expect(aftermath.events, told).toBe(aftermath.lines);
      events += aftermath.events;
    }
    expect(events).toBeGreaterThan(0);
  },
);
