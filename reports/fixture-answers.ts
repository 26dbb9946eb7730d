/**
 * Made-up recordings with different winners for the tests of the first screen: a scenario that kills and one that only loads, of any
 * number of runners. Promises: the same value at every call. Used by tests only.
 */
import { overBlocks } from "../harness/summarize/over-blocks.ts";
import type { Recovery, ScenarioSummary, Summary, TrialSummary } from "../harness/summary.ts";
import { voidRates } from "../harness/validity/void-rates.ts";
import { fixtureTimeline } from "./fixture-series.ts";
import { fixtureSummary } from "./fixture-summary.ts";

/** Short, since the browser draws every trial. */
const timeline = (faultAtS: number | null) =>
  fixtureTimeline({ seconds: 16, faultAtS, readyS: faultAtS === null ? null : faultAtS + 1.2, amnesia: 0 });

/** What a runner did in every block of the scenario that kills, and how long its tail was under load. */
export interface MadeRunner {
  readonly runner: string;
  /** Turns that it forgot, of 6,118; conversations are a third of them. */
  readonly forgotten: number;
  /** Sessions of 186 that came back without memory, and that never came back. */
  readonly amnesiac: number;
  readonly never: number;
  readonly longestMs: number;
  readonly avoidable: { readonly calls: number; readonly dollars: number };
  /** Overhead p99 under load, one value per block. Milliseconds. */
  readonly tailMs: readonly number[];
  /** Why its trials of the scenario that kills do not count. */
  readonly void?: string;
}

function trialOf(summary: Summary, position: number): TrialSummary {
  const trial = summary.scenarios[position]?.results.at(position === 0 ? -1 : 0)?.trials[0];
  if (trial === undefined) throw new Error("the fixture has no such trial");
  return trial;
}

const kill = trialOf(fixtureSummary(), 0);
const load = trialOf(fixtureSummary(), 1);
const validity = { ...kill.validity, calmCoreShare: 0.4 };

function recoveryOf({ amnesiac, never, longestMs }: MadeRunner): readonly Recovery[] {
  return kill.recovery.map((recovery) => {
    const recovered = recovery.touched - amnesiac - never;
    const maxMs = recovered === recovery.touched ? longestMs : null;
    return { ...recovery, recovered, amnesiac, never, maxMs };
  });
}

function killTrial(made: MadeRunner, block: number): TrialSummary {
  const { runner, forgotten, avoidable, never } = made;
  return {
    ...kill,
    id: `${block}-strike-${runner}`,
    block,
    validity:
      made.void === undefined ? validity : { ...validity, verdict: "void", gateable: false, reasons: [made.void] },
    memory: { ...kill.memory, forgotten, lostByRead: forgotten, sessionsForgotten: Math.round(forgotten / 3) },
    goodput: { ...kill.goodput, proofs: { ...kill.goodput.proofs, unanswered: never } },
    recovery: recoveryOf(made),
    timeline: timeline(2.2),
    steps: [],
    economy: { ...kill.economy, avoidable: { ...kill.economy.avoidable, ...avoidable } },
    command: `npx agent-derby run strike ${runner} --seed 7 --profile default --blocks ${block}`,
  };
}

function loadTrial({ runner, tailMs }: MadeRunner, block: number): TrialSummary {
  const p99 = tailMs[block - 1] ?? null;
  return {
    ...load,
    id: `${block}-hoard-${runner}`,
    block,
    validity,
    timeline: timeline(null),
    latency: load.latency.map((row) =>
      row.phase === "fault" ? { ...row, overheadMs: { ...row.overheadMs, p99 } } : row,
    ),
  };
}

function scenarioOf(
  given: ScenarioSummary,
  runners: readonly MadeRunner[],
  blocks: number,
  trialIn: (made: MadeRunner, block: number) => TrialSummary,
): ScenarioSummary {
  const results = runners.map((made) => {
    const trials = Array.from({ length: blocks }, (_, index) => trialIn(made, index + 1));
    return { runner: made.runner, trials, overBlocks: overBlocks(trials, given.headlineCohorts) };
  });
  return { ...given, results, voids: voidRates(results) };
}

/** A whole recording of these runners. */
export function madeSummary(runners: readonly MadeRunner[], blocks: number): Summary {
  const summary = fixtureSummary();
  const [contestant] = summary.contestants;
  const [killing, loading] = summary.scenarios;
  if (contestant === undefined || killing === undefined || loading === undefined) throw new Error("no fixture");
  const scenarios = [scenarioOf(killing, runners, blocks, killTrial), scenarioOf(loading, runners, blocks, loadTrial)];
  const trials = scenarios.flatMap(({ results }) => results.flatMap((result) => result.trials));
  return {
    ...summary,
    campaign: { ...summary.campaign, blocks },
    contestants: runners.map(({ runner }) => ({ ...contestant, name: runner, promises: {} })),
    scenarios,
    promises: runners.map(({ runner, forgotten, void: lost }) => ({
      runner,
      promise: "durable-turns",
      vowed: "true",
      state: lost === undefined ? (forgotten === 0 ? "kept" : "broken") : "untested",
      exposures: 6118,
      says: "",
      trials: [],
    })),
    void: trials
      .filter((trial) => trial.validity.verdict !== "valid")
      .map((trial) => ({ trial: trial.id, reason: `void: ${trial.validity.reasons.join(" ")}` })),
  };
}

const keeps = (runner: string, longestMs: number, tailMs: readonly number[]): MadeRunner => ({
  runner,
  forgotten: 0,
  amnesiac: 0,
  never: 0,
  longestMs,
  avoidable: { calls: 0, dollars: 0 },
  tailMs,
});

const forgets = (runner: string, forgotten: number, tailMs: readonly number[]): MadeRunner => ({
  ...keeps(runner, 0, tailMs),
  forgotten,
  amnesiac: 170,
  avoidable: { calls: forgotten, dollars: forgotten / 1000 },
});

/** Blocks around a middle, by a few milliseconds. */
const around = (middleMs: number): number[] => [-2, -1, 0, 1, 2].map((step) => middleMs + step);

/** So many runners of every kind, each with figures of its own. */
function crowd(runners: number): MadeRunner[] {
  return Array.from({ length: runners }, (_, index) => {
    const name = `contestant-${String(index + 1).padStart(2, "0")}`;
    if (index % 3 === 0) return keeps(name, 1000 + 300 * index, [20 + index]);
    const made = forgets(name, 100 + index, [30 + index]);
    return index % 3 === 1 ? made : { ...made, never: 3 + index };
  });
}

const VOID = "The start lag of the driver (p99.9) was 48 ms; the limit is 10 ms.";

/** Recordings by what is particular to them. */
export function madeRecordings(): readonly { readonly name: string; readonly summary: Summary }[] {
  const longTail = [90];
  return [
    {
      name: "the last runner keeps everything",
      summary: madeSummary(
        [forgets("memo", 5212, longTail), forgets("mailbox", 4001, [70]), keeps("journal", 3920, [140])],
        1,
      ),
    },
    {
      name: "the first runner keeps everything, another loses sessions for good",
      summary: madeSummary(
        [keeps("memo", 812, [55]), { ...forgets("mailbox", 17, [60]), never: 9 }, forgets("journal", 30, longTail)],
        1,
      ),
    },
    {
      name: "five blocks tell one tail from two others",
      summary: madeSummary(
        [keeps("memo", 2500, around(120)), forgets("mailbox", 900, around(40)), keeps("journal", 1700, around(121))],
        5,
      ),
    },
    {
      name: "the trial of the runner that would have won is void",
      summary: madeSummary(
        [
          forgets("memo", 5212, longTail),
          { ...keeps("mailbox", 400, [20]), void: VOID },
          keeps("journal", 3920, [140]),
        ],
        1,
      ),
    },
    { name: "sixteen runners", summary: madeSummary(crowd(16), 1) },
  ];
}
