import { expect, test } from "vitest";
import type { LocalTiming } from "../local-timing.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { constant } from "../random.ts";
import type { Scenario, ToolCall } from "../scenario.ts";
import { localCallsOf } from "../world/script.ts";
import { sizeForAll, sizeWork } from "./equal-time.ts";

const MEMORY_MB = 512;
const say = { firstTokenMs: constant(1), tokens: constant(1) };
const scenario = (
  equalTimeMs: Scenario["equalTimeMs"],
  call: ToolCall | readonly ToolCall[] = { burn_cpu: { seed: { pool: 8 }, rounds: 5 } },
): Scenario => ({
  asks: "Who works for how long?",
  ...(equalTimeMs && { equalTimeMs }),
  cohorts: {
    all: {
      sessions: 1,
      turns: 1,
      thinkMs: constant(1),
      script: { default: [{ say, call }, { say }], turn2: [{ say, call: "lookup" }, { say, call }, { say }] },
      client: { timeoutMs: 1, deadlineMs: 1, retry: "never" },
    },
  },
  phases: { warmupMs: 1, calmMs: 1, faultMs: 1, quietMs: 1 },
  observe: { overhead: ["all"] },
});
const timing = (tool: LocalTiming["tool"], msPerUnit: number): LocalTiming => ({
  tool,
  msPerUnit,
  units: 1,
  tookMs: msPerUnit,
});
const callsIn = ({ cohorts }: Scenario) => Object.values(cohorts).flatMap(localCallsOf);

test("a call gets the size that takes the wanted time, in every script, and nothing else changes", () => {
  const wanted = scenario({ burn_cpu: 200 });
  const { definition, localWork } = sizeWork(wanted, [timing("burn_cpu", 0.0002)], MEMORY_MB);
  const [work] = localWork;
  expect(localWork).toHaveLength(1);
  expect(work).toMatchObject({ tool: "burn_cpu", argument: "rounds", size: 1_000_000, wantedMs: 200 });
  expect(work?.expectedMs).toBeCloseTo(200, 6);
  const sized = ["burn_cpu", { seed: { pool: 8 }, rounds: 1_000_000 }];
  expect(callsIn(definition)).toEqual([sized, sized]);
  const text = (one: Scenario): string => JSON.stringify(one).replaceAll(/"rounds":\d+/g, "");
  expect(text(definition)).toBe(text(wanted));
});

test("vectors are counted by their dimensions, and tools that the scenario does not name keep their size", () => {
  const call = [
    { search_memory: { seed: 1, vectors: 10, dimensions: 256, top: 3 } },
    { burn_cpu: { seed: 1, rounds: 7 } },
  ];
  const timings = [timing("search_memory", 1 / 25_600), timing("burn_cpu", 1)];
  const { definition, localWork } = sizeWork(scenario({ search_memory: 40 }, call), timings, MEMORY_MB);
  expect(localWork).toEqual([
    { tool: "search_memory", argument: "vectors", size: 4_000, wantedMs: 40, expectedMs: 40 },
  ]);
  expect(callsIn(definition).slice(0, 2)).toEqual([
    ["search_memory", { seed: 1, vectors: 4_000, dimensions: 256, top: 3 }],
    ["burn_cpu", { seed: 1, rounds: 7 }],
  ]);
});

test.each<[string, LocalTiming, ToolCall, number, number]>([
  [
    "rounds at the numbers of the contract",
    timing("burn_cpu", 1e-9),
    { burn_cpu: { seed: 1, rounds: 1 } },
    2 ** 31 - 1,
    2.147,
  ],
  [
    "a document at its share of memory",
    timing("parse_document", 1e-6),
    { parse_document: { seed: 1, kilobytes: 1 } },
    8_192,
    0.008192,
  ],
  [
    "a matrix at its share of memory",
    timing("search_memory", 1e-9),
    { search_memory: { seed: 1, vectors: 1, dimensions: 256, top: 1 } },
    131_072,
    0.0336,
  ],
  ["a call at one unit", timing("burn_cpu", 1e6), { burn_cpu: { seed: 1, rounds: 9 } }, 1, 1e6],
])("%s: the limit holds, and what the call then takes is told", (_what, one, call, size, expectedMs) => {
  const { localWork } = sizeWork(scenario({ [one.tool]: 1_000 }, call), [one], MEMORY_MB);
  expect(localWork[0]?.size).toBe(size);
  expect(localWork[0]?.expectedMs).toBeCloseTo(expectedMs, 3);
});

test("who has not been timed is left out with the command that mends it; the others go on", () => {
  const [timed, half, none] = ["timed", "half", "none"].map((name) => ({ ...tinyRuntime(), name }));
  const runners = [timed, half, none].filter((one) => one !== undefined);
  const call = [{ burn_cpu: { seed: 1, rounds: 1 } }, { parse_document: { seed: 1, kilobytes: 1 } }];
  const { sized, untimed } = sizeForAll(
    scenario({ burn_cpu: 20, parse_document: 20 }, call),
    runners,
    ({ name }) =>
      name === "none" ? null : [timing("burn_cpu", 1), ...(name === "half" ? [] : [timing("parse_document", 1)])],
    MEMORY_MB,
  );
  expect([...sized.keys()]).toEqual(["timed"]);
  expect([...untimed.keys()]).toEqual(["half", "none"]);
  expect(untimed.get("half")).toMatch(
    /nobody has timed its parse_document as it now stands\. Time it with "conform half"\.$/,
  );
  expect(untimed.get("none")).toMatch(/its burn_cpu, parse_document as .* "conform none"/);
});

test("equal work asks for no timings and is left as it is written", () => {
  const never = () => {
    throw new Error("asked for timings");
  };
  const { sized, untimed } = sizeForAll(scenario(undefined), [tinyRuntime()], never, MEMORY_MB);
  expect([sized.size, untimed.size]).toEqual([0, 0]);
});
