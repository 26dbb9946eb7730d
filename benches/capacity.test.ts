import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CapacityFigures, kneeOf } from "../harness/capacity.ts";
import { machineFingerprint, storedFigures } from "../harness/machine-figures.ts";
import { hasProc } from "../harness/processes/process-table.ts";

const BENCH = fileURLToPath(new URL("capacity.ts", import.meta.url));
const run = promisify(execFile);

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "derby-capacity-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const bench = (...args: readonly string[]) => run(process.execPath, [BENCH, ...args], { cwd: root });
const read = (file: string): CapacityFigures => JSON.parse(readFileSync(join(root, file), "utf8"));

// CPU times are read from /proc.
describe.skipIf(!hasProc)("the capacity probe (needs Linux)", () => {
  it("measures a runtime step by step, keeps what it found, and adds it to a campaign", async () => {
    writeFileSync(join(root, "campaign.json"), "{}");
    const options = ["--connections", "1,4", "--seconds", "1", "--json", "out.json", "--into", "."];
    const { stdout } = await bench("reference", ...options);
    const figures = read("out.json");
    expect(figures.machine).toBe(machineFingerprint());
    const [capacity] = figures.runners;
    expect(capacity).toMatchObject({ runner: "reference", steps: [{ connections: 1 }, { connections: 4 }] });
    for (const step of capacity?.steps ?? []) {
      expect(step.errors).toBe(0);
      expect(step.turns).toBeGreaterThan(0);
      // Little's law gives the connections by the mean, and a median is at most twice a mean.
      expect((step.turnsPerSecond * (step.p50Ms ?? 0)) / 1000).toBeLessThan(step.connections * 2.5);
      expect(step.appPercent).toBeGreaterThan(0);
    }
    expect(capacity?.knee).toEqual(kneeOf(capacity?.steps ?? []));
    expect(stdout).toMatch(/^reference +(at least )?\d+ /m);
    expect(read("capacity.json")).toEqual(figures);
    expect(storedFigures("capacity", join(root, "results", ".figures"))).toEqual(figures);
  });

  it("refuses connections that do not rise, runners that do not exist, and folders without a campaign", async () => {
    const refusal = (stderr: string) => ({ code: 2, stderr: expect.stringContaining(stderr) });
    await expect(bench("--connections", "4,2")).rejects.toMatchObject(refusal("rising numbers"));
    await expect(bench("referenc")).rejects.toMatchObject(refusal('Did you mean "reference"?'));
    await expect(bench("reference", "--into", "nowhere")).rejects.toMatchObject(refusal("holds no campaign.json"));
  });
});
