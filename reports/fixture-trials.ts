/** Made-up trials for the fixture summary: one runtime that keeps everything, two that forget, and a scenario without faults. */
import type { ScenarioSummary, TrialSummary } from "../harness/summary.ts";
import { FIXTURE_CERTIFICATE, fixtureVoids } from "./fixture-certificate.ts";
import { CALM_LANES, FORGOTTEN_LANES, KEPT_LANES } from "./fixture-lanes.ts";
import {
  fixtureHeat,
  fixtureIntervals,
  fixtureLatency,
  fixtureResult,
  fixtureSpectrum,
  fixtureTimeline,
} from "./fixture-series.ts";
import { fixtureSteps } from "./fixture-steps.ts";
import { FORGOTTEN_VERDICTS, KEPT_VERDICTS } from "./fixture-verdicts.ts";
import {
  FIXTURE_SPANS,
  fixtureAttribution,
  fixtureCollections,
  fixtureLateness,
  fixtureStalls,
  fixtureStreaming,
} from "./fixture-waits.ts";

const LAG = { n: 12_000, p50: 0.2, p90: 0.6, p99: 1.4, p999: 4.8, max: 9.1 };
const NO_REPEAT = { calls: 0, inputTokens: 0, outputTokens: 0, dollars: 0 };
const LOAD = {
  liveSessions: 2000,
  inFlight: 190,
  streaming: 142,
  turnsPerSecond: 91.4,
  framesPerSecond: 7100,
  sockets: 760,
  memoryMb: 2048,
  durationMs: 61_000,
};

const SPARING: TrialSummary["economy"] = {
  bought: { calls: 9316, inputTokens: 8_412_000, outputTokens: 512_300, dollars: 32.92 },
  provoked: { calls: 0, inputTokens: 0, outputTokens: 0, dollars: 0 },
  unavoidable: { calls: 141, inputTokens: 127_000, outputTokens: 5200, dollars: 0.459 },
  avoidable: NO_REPEAT,
  offScriptCalls: 0,
};

const ALL_RECOVER: TrialSummary["recovery"] = [
  {
    cohort: "chatty",
    faults: 1,
    touched: 186,
    recovered: 186,
    amnesiac: 0,
    never: 0,
    medianMs: 1210,
    p90Ms: 2480,
    maxMs: 3920,
    curve: [
      [0, 1],
      [640, 0.94],
      [910, 0.72],
      [1210, 0.5],
      [1700, 0.28],
      [2480, 0.1],
      [3100, 0.04],
      [3920, 0],
    ],
    resolutionMs: 250,
  },
];

/** A healthy trial of the kill scenario; every other trial of the fixture is a change to it. */
function healthyTrial(id: string): TrialSummary {
  return {
    id,
    block: 1,
    validity: {
      verdict: "valid",
      reasons: [],
      startLagMs: LAG,
      frameLatenessMs: { ...LAG, p99: 3.9, p999: 8.2, max: 14 },
      pinned: true,
      calmCoreShare: 0.41,
      saturated: false,
      gateable: true,
      certificate: FIXTURE_CERTIFICATE,
    },
    load: LOAD,
    latency: fixtureLatency(["chatty", "silent"], 12),
    spectrum: fixtureSpectrum("chatty", 12),
    intervals: fixtureIntervals("chatty", 12),
    heat: fixtureHeat(fixtureTimeline({ seconds: 46, faultAtS: 20.2, readyS: 21.4, amnesia: 0 })),
    goodput: {
      offered: 4120,
      intact: 4118,
      amnesiac: 0,
      failed: 0,
      refused: 0,
      unknown: 2,
      late: 3,
      proofs: { offered: 2000, intact: 2000, amnesiac: 0, unanswered: 0 },
    },
    memory: { acknowledged: 6118, lostByRead: 0, forgotten: 0, sessionsForgotten: 0, sessions: 2000 },
    economy: SPARING,
    effects: {
      keyed: { logicalCalls: 2410, applied: 2410, doubled: 0, missing: 0 },
      plain: { logicalCalls: 1204, applied: 1216, doubled: 12, missing: 0 },
    },
    recovery: ALL_RECOVER,
    steps: fixtureSteps(false),
    silent: { interrupted: 19, resumed: 19, resumedMedianMs: 1430 },
    streaming: [],
    lateness: fixtureLateness("chatty"),
    stalls: fixtureStalls(240),
    usage: { idleRssMb: 82, calmRssMb: 214, kbPerSession: 66.1, appCpuMsPerTurn: 3.42, storeCpuMsPerTurn: 1.18 },
    gc: { majors: 3, minors: 412, longestMs: 11.2, exercised: null, byPhase: fixtureCollections(3, 412, 11.2) },
    observation: { inside: true, watched: 2, silences: 3, stalls: 1, samplesPerSecond: 10 },
    attribution: fixtureAttribution("chatty", 212, [
      ["down", 190],
      ["core", 9],
    ]),
    restarts: { byFault: 1, unexpected: 0 },
    verdicts: KEPT_VERDICTS,
    lanes: KEPT_LANES,
    timeline: fixtureTimeline({ seconds: 46, faultAtS: 20.2, readyS: 21.4, amnesia: 0 }),
    command: "npx agent-derby run strike journal --seed 7 --profile default",
  };
}

const FEW_RECOVER: TrialSummary["recovery"] = [
  {
    cohort: "chatty",
    faults: 1,
    touched: 191,
    recovered: 11,
    amnesiac: 168,
    never: 12,
    medianMs: null,
    p90Ms: null,
    maxMs: 1840,
    curve: [
      [0, 1],
      [410, 0.99],
      [690, 0.97],
      [1840, 0.942],
    ],
    resolutionMs: 250,
  },
];

/** The trial of a runtime that answers again soon and has forgotten everything. */
function forgetfulTrial(id: string, changes: Partial<TrialSummary> = {}): TrialSummary {
  const healthy = healthyTrial(id);
  return {
    ...healthy,
    goodput: {
      ...healthy.goodput,
      intact: 2197,
      amnesiac: 1904,
      unknown: 19,
      proofs: { offered: 2000, intact: 168, amnesiac: 1820, unanswered: 12 },
    },
    memory: { acknowledged: 6089, lostByRead: null, forgotten: 5212, sessionsForgotten: 1832, sessions: 2000 },
    economy: { ...healthy.economy, avoidable: { calls: 214, inputTokens: 98_100, outputTokens: 3810, dollars: 0.351 } },
    recovery: FEW_RECOVER,
    steps: fixtureSteps(true),
    silent: { interrupted: 20, resumed: 0, resumedMedianMs: null },
    usage: { idleRssMb: 64, calmRssMb: 121, kbPerSession: 28.4, appCpuMsPerTurn: 1.9, storeCpuMsPerTurn: null },
    verdicts: FORGOTTEN_VERDICTS,
    lanes: FORGOTTEN_LANES,
    timeline: fixtureTimeline({ seconds: 46, faultAtS: 20.2, readyS: 20.6, amnesia: 0.9 }),
    command: "npx agent-derby run strike memo --seed 7 --profile default",
    ...changes,
  };
}

export function killScenario(): ScenarioSummary {
  const forgetful = forgetfulTrial("1-strike-memo");
  const avoidable = { calls: 96, inputTokens: 44_000, outputTokens: 1700, dollars: 0.0042 };
  return {
    scenario: "strike",
    asks: "After kill -9, which runtime answers again, and does it still know what it said?",
    faults: ["kill (app), once, restarted at once"],
    headlineCohorts: ["chatty"],
    bystanders: [],
    voids: fixtureVoids(["memo", "mailbox", "journal"]),
    results: [
      fixtureResult("memo", [forgetful]),
      fixtureResult("mailbox", [
        forgetfulTrial("1-strike-mailbox", {
          economy: { ...forgetful.economy, avoidable },
          restarts: { byFault: 1, unexpected: 2 },
        }),
      ]),
      fixtureResult("journal", [healthyTrial("1-strike-journal")]),
    ],
  };
}

/** A trial of the collection scenario: no fault, bystanders, no recovery. */
function collectionTrial(id: string, changes: Partial<TrialSummary>): TrialSummary {
  const healthy = healthyTrial(id);
  return {
    ...healthy,
    latency: fixtureLatency(["bystanders", "hoarders"], 96),
    spectrum: fixtureSpectrum("bystanders", 96),
    intervals: fixtureIntervals("bystanders", 96),
    heat: fixtureHeat(fixtureTimeline({ seconds: 46, faultAtS: null, readyS: null, amnesia: 0 })),
    recovery: [],
    steps: [],
    silent: null,
    streaming: fixtureStreaming("bystanders"),
    lateness: fixtureLateness("bystanders"),
    stalls: fixtureStalls(175),
    attribution: fixtureAttribution("bystanders", 640, [
      ["major-gc", 410],
      ["stall", 40],
    ]),
    effects: {
      keyed: { logicalCalls: 0, applied: 0, doubled: 0, missing: 0 },
      plain: { logicalCalls: 0, applied: 0, doubled: 0, missing: 0 },
    },
    gc: { majors: 9, minors: 1204, longestMs: 412, exercised: true, byPhase: fixtureCollections(9, 1204, 412) },
    restarts: { byFault: 0, unexpected: 0 },
    lanes: CALM_LANES,
    timeline: {
      ...fixtureTimeline({ seconds: 46, faultAtS: null, readyS: null, amnesia: 0 }),
      majorGcs: [
        { atS: 24.1, ms: 310 },
        { atS: 29.7, ms: 412 },
      ],
      spans: FIXTURE_SPANS,
    },
    ...changes,
  };
}

export function collectionScenario(): ScenarioSummary {
  const healthy = healthyTrial("unused");
  return {
    scenario: "hoard",
    asks: "Do sessions that hold much memory slow down those that do not?",
    faults: [],
    headlineCohorts: ["bystanders"],
    bystanders: ["bystanders"],
    voids: fixtureVoids(["memo", "mailbox", "journal"], "journal"),
    results: [
      fixtureResult("memo", [
        collectionTrial("1-hoard-memo", {
          validity: { ...healthy.validity, calmCoreShare: 0.82, saturated: true, gateable: false },
        }),
      ]),
      fixtureResult("mailbox", [
        collectionTrial("1-hoard-mailbox", {
          gc: { majors: 2, minors: 900, longestMs: 41, exercised: false, byPhase: fixtureCollections(2, 900, 41) },
        }),
      ]),
      fixtureResult("journal", [
        collectionTrial("1-hoard-journal", {
          validity: {
            ...healthy.validity,
            verdict: "void",
            gateable: false,
            reasons: ["driver start lag p99.9 was 48 ms (limit 10 ms)"],
          },
          gc: null,
        }),
      ]),
    ],
  };
}
