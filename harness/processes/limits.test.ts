import { execFileSync } from "node:child_process";
import { tmpdir, totalmem } from "node:os";
import { expect, test } from "vitest";
import { machineLimits } from "./limits.ts";

test("limits are those that the machine states", () => {
  const limits = machineLimits(tmpdir());
  const stated = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
  expect(limits.openFilesHard).toBe(stated === "unlimited" ? Number.POSITIVE_INFINITY : Number(stated));
  expect(limits.memoryBytes).toBeGreaterThan(0);
  expect(limits.memoryBytes).toBeLessThanOrEqual(totalmem());
  expect(limits.diskFreeBytes).toBeGreaterThan(0);
  expect(limits.cores).toBeGreaterThanOrEqual(1);
});

test("what we start has its soft limit of open files at the hard limit", () => {
  const limits = machineLimits(tmpdir());
  const soft = execFileSync("sh", ["-c", "ulimit -Sn"], { encoding: "utf8" }).trim();
  expect(soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft)).toBe(limits.openFilesHard);
});
