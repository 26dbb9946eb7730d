import { expect, test } from "vitest";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { constant } from "../random.ts";
import type { Scenario, ScenarioFault } from "../scenario.ts";
import { whyLeftOut, whyNotAttached } from "./offers.ts";

const scenario = (...faults: ScenarioFault[]): Scenario => ({
  asks: "Who is left out?",
  cohorts: {
    all: {
      sessions: 1,
      turns: 1,
      thinkMs: constant(1),
      script: [{ say: { firstTokenMs: constant(1), tokens: constant(1) } }],
      client: { timeoutMs: 1, deadlineMs: 1, retry: "never" },
    },
  },
  phases: { warmupMs: 1, calmMs: 1, faultMs: 1, quietMs: 1 },
  faults,
  observe: { overhead: ["all"] },
});
const fault = (kind: string, more: Partial<ScenarioFault> = {}): ScenarioFault => ({ kind, atMs: [1], ...more });

test.each([
  ["postgres-kill", {}],
  ["postgres-slow", {}],
  ["latency", { with: { path: "database" } }],
])("%s leaves out who uses no Postgres, and nobody else", (kind, more) => {
  const struck = scenario(fault(kind, more));
  expect(whyLeftOut(struck, tinyRuntime())).toBe(`uses no Postgres for ${kind} to strike`);
  expect(whyLeftOut(struck, tinyRuntime({}, { needs: ["postgres"] }))).toBeNull();
});

test("faults of the other paths are for everybody", () => {
  expect(whyLeftOut(scenario(fault("latency")), tinyRuntime())).toBeNull();
});

test("a role that a runner has not cannot be killed in it", () => {
  const engines = scenario(fault("kill"), fault("kill", { role: "engine" }));
  expect(whyLeftOut(engines, tinyRuntime())).toBe("has no process of role engine for kill to strike");
});

test("a takeover wants two copies", () => {
  const base = tinyRuntime();
  const two = { ...base, processes: base.processes.map((process) => ({ ...process, replicas: 2 })) };
  expect(whyLeftOut(scenario(fault("takeover")), base)).toMatch(/^allows 1 of .* where takeover wants 2$/);
  expect(whyLeftOut(scenario(fault("takeover")), two)).toBeNull();
});

test("what was not started here meets no fault that strikes it, and nothing that makes it crash", () => {
  expect(whyNotAttached(scenario())).toBeNull();
  expect(whyNotAttached(scenario(fault("kill"), fault("latency"), fault("kill")))).toBe(
    "strikes what was not started here (kill, latency)",
  );
  expect(whyNotAttached({ needs: { localTools: ["sleep", "crash"] } })).toContain("crashes");
  expect(whyNotAttached({ needs: { localTools: ["sleep"] } })).toBeNull();
});
