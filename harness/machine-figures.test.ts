import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CapacityFigures } from "./capacity.ts";
import { conformanceHash } from "./conform/certificate.ts";
import { fittingFigures, machineFingerprint, readFigures, storedFigures, storeFigures } from "./machine-figures.ts";
import type { Runner } from "./runner.ts";

let root = "";
const folder = (): string => join(root, "figures");

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "derby-figures-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function runnerIn(name: string): Runner {
  const home = join(root, name);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "main.ts"), "one");
  return {
    name,
    folder: home,
    variantEnv: {},
    runtime: name,
    language: "none",
    home: "https://example.invalid",
    processes: [],
    promises: {},
  };
}

function figures(runners: readonly Runner[], machine = machineFingerprint()): CapacityFigures {
  return {
    format: "agent-derby-capacity/1",
    machine,
    runners: runners.map((runner) => ({
      runner: runner.name,
      hash: conformanceHash(runner),
      recorded: "2026-01-01",
      steps: [],
      knee: null,
    })),
  };
}

/** The one file in which they are kept. */
const kept = (): string => join(folder(), readdirSync(folder())[0] ?? "");

describe("figures of the machine", () => {
  it("come back as they were stored, and newer ones take their place", () => {
    const [one, two] = [runnerIn("one"), runnerIn("two")];
    expect(storedFigures("capacity", folder())).toBeNull();
    storeFigures("capacity", figures([one]), folder());
    storeFigures("capacity", figures([one, two]), folder());
    expect(storedFigures("capacity", folder())).toEqual(figures([one, two]));
    expect(readdirSync(folder())).toHaveLength(1);
  });

  it("of another machine, of another kind, of a former format or torn are as good as none", () => {
    const one = runnerIn("one");
    storeFigures("capacity", figures([one], "another, 64 cores"), folder());
    expect(storedFigures("capacity", folder())).toBeNull();
    expect(readFigures("capacity", kept())?.machine).toBe("another, 64 cores");
    writeFileSync(kept(), JSON.stringify({ ...figures([one]), format: "agent-derby-else/1" }));
    expect(storedFigures("capacity", folder())).toBeNull();
    writeFileSync(kept(), JSON.stringify({ ...figures([one]), format: "agent-derby-capacity/0" }));
    expect(storedFigures("capacity", folder())).toBeNull();
    writeFileSync(kept(), '{"format": "agent-derby-cap');
    expect(storedFigures("capacity", folder())).toBeNull();
  });

  it("of a runner whose files have changed, or that does not take part, fit no more", () => {
    const [one, two] = [runnerIn("one"), runnerIn("two")];
    const both = figures([one, two]);
    expect(fittingFigures(both, [one])?.runners.map(({ runner }) => runner)).toEqual(["one"]);
    writeFileSync(join(two.folder, "main.ts"), "two");
    expect(fittingFigures(both, [one, two])?.runners.map(({ runner }) => runner)).toEqual(["one"]);
    expect(fittingFigures(both, [two])).toBeNull();
    expect(fittingFigures(null, [one])).toBeNull();
  });
});
