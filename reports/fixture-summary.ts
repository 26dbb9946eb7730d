/**
 * A made-up summary for the tests of reports: three runners, a kill and a collection scenario, one void trial, missing figures of every
 * kind. Promises: the same value at every call. Used by tests only.
 */
import type { PromiseSummary, Summary } from "../harness/summary.ts";
import { FIXTURE_CALIBRATION } from "./fixture-calibration.ts";
import { collectionScenario, killScenario } from "./fixture-trials.ts";

function promise(
  runner: string,
  name: string,
  state: PromiseSummary["state"],
  changes: Partial<PromiseSummary> = {},
): PromiseSummary {
  return {
    runner,
    promise: name,
    vowed: state === "not offered" ? null : "true",
    state,
    exposures: 0,
    says: "",
    trials: [],
    ...changes,
  };
}

const PROMISES: readonly PromiseSummary[] = [
  promise("memo", "durable-turns", "not offered", {
    says: "5,212 acknowledged turns were forgotten; nothing had been promised.",
  }),
  promise("memo", "resumes-unasked", "not offered"),
  promise("memo", "isolated-cpu", "untested"),
  promise("mailbox", "durable-turns", "not offered"),
  promise("mailbox", "resumes-unasked", "not offered"),
  promise("mailbox", "isolated-cpu", "broken", {
    exposures: 812,
    says: "Bystanders' overhead p99 was 412 ms under load; the promise allows 2 × calm + 20 ms = 98 ms.",
    trials: ["1-hoard-mailbox"],
  }),
  promise("journal", "durable-turns", "kept", {
    vowed: "process",
    exposures: 6118,
    says: "Kept in 6,118 acknowledged turns over 1 kill.",
    trials: ["1-strike-journal"],
  }),
  promise("journal", "resumes-unasked", "kept", {
    exposures: 19,
    says: "19 of 19 silent sessions went on within 60 s.",
    trials: ["1-strike-journal"],
  }),
  promise("journal", "isolated-cpu", "untested", { says: "Its only trial is void." }),
];

function contestant(
  name: string,
  runtime: string,
  changes: Partial<Summary["contestants"][number]> = {},
): Summary["contestants"][number] {
  return {
    name,
    runtime,
    language: "TypeScript",
    home: "https://nodejs.org/",
    promises: {},
    deviations: [],
    certificate: "fresh",
    ...changes,
  };
}

/** The whole fixture. */
export function fixtureSummary(): Summary {
  return {
    format: "agent-derby-summary/1",
    campaign: {
      id: "default-7",
      seed: "7",
      profile: "default",
      blocks: 1,
      command: "npx agent-derby run --profile default --seed 7",
      recorded: "2026-11-20",
      complete: true,
      reductions: ["2,000 live sessions instead of 10,000: the hard limit of open files is 20,000."],
    },
    environment: {
      agentDerby: "0.1.0",
      node: "24.21.0",
      os: "linux",
      kernel: "6.1.0",
      cpuModel: "AMD EPYC 7B13",
      cores: 2,
      memoryMb: 24_576,
      openFiles: 20_000,
      pinning: "harness on core 0, runtime and its database on core 1",
      postgres: { version: "18.4", fsync: "on", full_page_writes: "on", synchronous_commit: "on" },
    },
    calibration: { passed: true, runs: [FIXTURE_CALIBRATION] },
    prices: { input: 3, output: 15 },
    contestants: [
      contestant("memo", "Node.js, one process, sessions in a Map", {
        recovery: [{ what: "who takes up an interrupted turn", value: "nobody" }],
      }),
      contestant("mailbox", "Node.js worker threads, one actor per session", { certificate: "handshake" }),
      contestant("journal", "Node.js with Postgres, one durable object per session", {
        deviations: ["Idle eviction is off under memory pressure."],
        recovery: [
          { what: "who takes up an interrupted turn", value: "the next start, unasked" },
          { what: "lease", value: "30 s | <none> at first touch" },
        ],
        promises: { "durable-turns": "process", "resumes-unasked": true, "isolated-cpu": true },
      }),
    ],
    scenarios: [killScenario(), collectionScenario()],
    promises: PROMISES,
    void: [{ trial: "1-hoard-journal", reason: "driver start lag p99.9 was 48 ms (limit 10 ms)" }],
  };
}
