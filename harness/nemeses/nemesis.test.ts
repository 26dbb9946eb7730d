import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { TrialError } from "../errors.ts";
import { hasProc, isAlive, readProcess } from "../processes/process-table.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { burnBeside } from "./burn-beside.ts";
import { type FaultTarget, NEMESES } from "./nemesis.ts";
import { changed, planned, underFault } from "./testing/under-fault.ts";

/** Those that need a process of the role in order to have any effect. */
const OF_PROCESSES = [
  "kill",
  "terminate",
  "redeploy",
  "freeze",
  "takeover",
  "second-replica",
  "memory-cap",
  "exhaust-files",
];

/** A target whose processes seem to be there but are dead, so that whatever is done to them does nothing. */
async function hollow(): Promise<{ target: FaultTarget; living: number }> {
  const { target } = await underFault(changed(tinyRuntime(), { replicas: 2 }));
  const [living = 0] = target.pids("app");
  const dead = spawn("true");
  await once(dead, "exit");
  return { living, target: { ...target, pids: () => [dead.pid ?? 0], hold: () => {}, release: async () => {} } };
}

test.skipIf(!hasProc).each(OF_PROCESSES)("%s that hits nobody is missed, not landed", async (kind) => {
  const { target, living } = await hollow();
  const before = readProcess(living);
  await expect(NEMESES[kind]?.inject(target, planned())).rejects.toThrow(TrialError);
  expect(before !== undefined && isAlive(before)).toBe(true);
});

test.skipIf(!hasProc)("burn-beside whose busy loops do not run is missed, and leaves none", async () => {
  const { target, watched } = await underFault(tinyRuntime());
  const nowhere = { ...target, cores: "4095" };
  await expect(burnBeside.inject(nowhere, planned())).rejects.toThrow("A busy loop ended at once.");
  expect(watched.size).toBe(0);
});

test("every kind says in a sentence what it does and how that is proved, and each setting has a default within its bounds", () => {
  for (const [kind, { about, provedBy, settings }] of Object.entries(NEMESES)) {
    expect(about.length, kind).toBeGreaterThan(20);
    expect(provedBy.length, kind).toBeGreaterThan(10);
    for (const [name, { default: usual, least, most, oneOf }] of Object.entries(settings)) {
      if (typeof usual === "number") {
        expect(usual, `${kind}.${name}`).toBeGreaterThanOrEqual(least ?? usual);
        expect(usual, `${kind}.${name}`).toBeLessThanOrEqual(most ?? usual);
      }
      if (oneOf !== undefined) expect(oneOf, `${kind}.${name}`).toContain(usual);
    }
  }
});
