import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Runner } from "../runner.ts";
import { resolveRunner } from "../runner-check.ts";
import { certificateState, storedTimings, writeCertificate } from "./certificate.ts";
import type { ConformReport } from "./conform.ts";

let scratch: string;
let runner: Runner;
const folder = (): string => join(scratch, "certificates");
const file = (name: string): string => join(scratch, "mine", name);

const report: ConformReport = {
  runner: "mine",
  checks: [{ name: "it works", group: "http", result: "pass", says: "it does" }],
  passed: true,
};

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "certificate-"));
  cpSync(fileURLToPath(new URL("./testing/wrong", import.meta.url)), join(scratch, "mine"), { recursive: true });
  runner = resolveRunner(join(scratch, "mine"));
});
afterEach(() => rmSync(scratch, { recursive: true }));

const stateAfter = (change: () => void): string => {
  writeCertificate(report, runner, folder());
  change();
  return certificateState(runner, folder());
};

describe("a certificate", () => {
  it("does not exist before it is written", () => {
    expect(certificateState(runner, folder())).toBe("none");
  });

  it.each([
    ["nothing changed", "fresh", () => {}],
    ["a byte of the runner changed", "none", () => writeFileSync(file("server.ts"), "// another one")],
    ["runner.json changed", "none", () => writeFileSync(file("runner.json"), "{}")],
    ["a file was added", "none", () => writeFileSync(file("more.ts"), "")],
    ["a file was removed", "none", () => rmSync(file("server.ts"))],
    ["a test was added", "fresh", () => writeFileSync(file("server.test.ts"), "")],
    ["a log was written", "fresh", () => writeFileSync(file("server.log"), "")],
    ["packages were installed", "fresh", () => cpSync(file("runner.json"), file("node_modules/x/package.json"))],
    ["the certificate was torn", "none", () => writeFileSync(join(folder(), "mine.json"), '{"format":')],
  ] as const)("when %s: %s", (_what, state, change) => {
    mkdirSync(file("node_modules/x"), { recursive: true });
    expect(stateAfter(change)).toBe(state);
  });

  it("of one variant says nothing of another", () => {
    writeCertificate(report, runner, folder());
    const variant = resolveRunner(`${join(scratch, "mine")}:forgets`);
    expect(certificateState(variant, folder())).toBe("none");
    writeCertificate(report, variant, folder());
    expect([runner, variant].map((one) => certificateState(one, folder()))).toEqual(["fresh", "fresh"]);
  });

  it("gives timings back as they were, keeps them over a test without any, and only while nothing changes", () => {
    const timings = [{ tool: "burn_cpu", msPerUnit: 0.000002, units: 20_000_000, tookMs: 40 }] as const;
    expect(storedTimings(runner, folder())).toBeNull();
    writeCertificate({ ...report, timings }, runner, folder());
    expect(storedTimings(runner, folder())).toEqual(timings);
    writeCertificate(report, runner, folder());
    expect(storedTimings(runner, folder())).toEqual(timings);
    writeFileSync(file("server.ts"), "// another one");
    expect(storedTimings(runner, folder())).toBeNull();
    writeCertificate(report, runner, folder());
    expect([certificateState(runner, folder()), storedTimings(runner, folder())]).toEqual(["fresh", null]);
  });

  it("vouches on another processor as well, but its times are those of this one", () => {
    const timings = [{ tool: "burn_cpu", msPerUnit: 0.000002, units: 20_000_000, tookMs: 40 }] as const;
    writeCertificate({ ...report, timings }, runner, folder());
    const written = JSON.parse(readFileSync(join(folder(), "mine.json"), "utf8")) as object;
    writeFileSync(join(folder(), "mine.json"), JSON.stringify({ ...written, timedOn: "another one" }));
    expect([certificateState(runner, folder()), storedTimings(runner, folder())]).toEqual(["fresh", null]);
  });

  it("holds no path of this machine", () => {
    writeCertificate(report, runner, folder());
    expect(readFileSync(join(folder(), "mine.json"), "utf8")).not.toContain(scratch);
  });
});
