import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { constant } from "../random.ts";
import type { TurnScript } from "../scenario.ts";
import { LocalResults } from "./local-results.ts";
import { cohort } from "./testing/test-world.ts";

interface Vector {
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly result: string | { readonly error: true };
}

const vectors = JSON.parse(readFileSync(new URL("../../runners/vectors.json", import.meta.url), "utf8")) as Record<
  string,
  Vector[]
>;

describe("LocalResults", () => {
  const known = Object.entries(vectors).flatMap(([tool, list]) =>
    list.flatMap((vector) => (typeof vector.result === "string" ? [{ tool, ...vector, result: vector.result }] : [])),
  );
  it.each(known)("knows the answer of $tool: $result", ({ tool, arguments: args, result }) => {
    expect(new LocalResults().expect(tool, args) ?? "too dear now").toBeOneOf([result, "too dear now"]);
  });

  it("knows most of them without having prepared any", () => {
    const results = new LocalResults();
    const told = known.filter(({ tool, arguments: args }) => results.expect(tool, args) !== undefined);
    expect(told.length).toBeGreaterThan(known.length / 2);
  });

  const seeds = (pool: number): TurnScript => [
    {
      say: { firstTokenMs: constant(1), tokens: constant(1) },
      call: { burn_cpu: { seed: { pool }, rounds: constant(300_000) } },
    },
    { say: { firstTokenMs: constant(1), tokens: constant(1) } },
  ];

  it("says nothing of what would cost too much, unless it was prepared", () => {
    const results = new LocalResults();
    expect(results.expect("burn_cpu", { seed: 2, rounds: 300_000 })).toBeUndefined();
    results.prepare([cohort(seeds(3))], 5000);
    expect(results.expect("burn_cpu", { seed: 2, rounds: 300_000 })).toMatch(/^[0-9a-f]{8}$/);
    expect(results.expect("burn_cpu", { seed: 3, rounds: 300_000 })).toBeUndefined();
  });

  it("stops to prepare when its time is up", () => {
    const results = new LocalResults();
    results.prepare([cohort(seeds(256))], 0);
    expect(results.expect("burn_cpu", { seed: 200, rounds: 300_000 })).toBeUndefined();
  });

  it("works out a memory share as the script does", () => {
    const results = new LocalResults();
    expect(results.expect("hold_memory", { seed: 1, bytes: 128 * 2 ** 20 })).toBe("held_2097152");
    expect(results.expect("churn_memory", { seed: 1, bytes: 2 ** 31 })).toMatch(/^churned_33554432_[0-9a-f]{8}$/);
  });

  it("knows no sub-agents and no unknown tools", () => {
    expect(new LocalResults().expect("spawn_agents", {})).toBeUndefined();
    expect(new LocalResults().expect("look_up", {})).toBeUndefined();
  });
});

describe("an invalid document", () => {
  it.each([
    ["no JSON"],
    ['{"records":{}}'],
    ['{"records":[{"id":-1,"name":"a","tags":[],"values":[]}]}'],
    ['{"records":[{"id":1}]}'],
    ["null"],
  ])("%s has no expected text, and stops nothing", (document) => {
    expect(new LocalResults().expect("parse_document", { document })).toBeUndefined();
  });
});
