/**
 * One row of data per promise: the trials that test it, what counts as a chance to break it, how many there must have been, and how
 * much of it may fail. Thresholds that are no share of the chances stand in `THRESHOLDS`.
 */
import type { Verdict } from "../checkers/checker.ts";
import type { CheckerId } from "../checkers/index.ts";
import type { Promises } from "../runner.ts";
import type { TrialExposure } from "../summarize/exposure.ts";
import type { TailQuantiles, TrialSummary } from "../summary.ts";

/** What a promise is measured by, where it has a number of its own. */
export const THRESHOLDS = {
  /** Overhead p99 of bystanders while others burn CPU: at most so many times that of calm, and so much more. */
  isolatedCpu: { times: 2, plusMs: 20 },
  /** Share of a streamed turn's tokens that reach the client before the turn ends. */
  streaming: { earlyShareLeast: 0.9 },
} as const;

/** A valid trial with what was counted in it for promises. */
export interface WeighedTrial {
  readonly summary: TrialSummary;
  readonly exposure: TrialExposure;
}

/** What one trial says of a promise. */
interface Weight {
  /** Chances to break it. */
  readonly exposures: number;
  readonly failures: number;
  /** The first failure as a sentence; or why nothing could be decided, then with no exposures. */
  readonly says: string;
}

interface PromiseRow {
  /** What is vowed, as a clause: "the runner vows that …". */
  readonly about: string;
  /** What a chance is, singular and plural. */
  readonly unit: readonly [string, string];
  /** With fewer chances the promise is untested. */
  readonly least: number;
  /** Share of the chances that may fail. */
  readonly tolerance: number;
  /** Said when no trial could test it. */
  readonly untested: string;
  /** Null: this trial does not test it. */
  readonly weigh: (trial: WeighedTrial, vowed: Promises) => Weight | null;
  /** A part of the vow that no trial could test, whatever the others found; null if all of it was tested. */
  readonly leftOpen?: (vowed: Promises, trials: readonly WeighedTrial[]) => string | null;
}

const verdictOf = (trial: WeighedTrial, id: CheckerId): Verdict | undefined =>
  trial.summary.verdicts.find(({ checker }) => checker === id);

/** Weighs by verdicts: each false one is a failure, and one that is not true takes the trial's chances away. */
function byVerdicts(trial: WeighedTrial, ids: readonly CheckerId[], exposures: number): Weight {
  const verdicts = ids.map((id) => verdictOf(trial, id));
  const broken = verdicts.filter((verdict) => verdict?.result === false);
  const open = verdicts.find((verdict) => verdict?.result !== true);
  const said = broken[0] ?? open;
  return {
    exposures: broken.length === 0 && open !== undefined ? 0 : exposures,
    failures: broken.length,
    says: said === undefined ? "" : `${said.checker}: ${said.reason}`,
  };
}

const outlivesDatabase = (vowed: Promises): boolean => vowed["durable-turns"] === "database-process";

const never = (): null => null;
const p99 = (quantiles: TailQuantiles | undefined): number | null => quantiles?.p99 ?? null;

/** Overhead p99 of each bystanding cohort while others burn CPU, held against its own calm: at most 2 × calm + 20 ms. */
function weighCpuIsolation({ summary, exposure }: WeighedTrial): Weight | null {
  if (!exposure.cpuHogs) return null;
  let exposures = 0;
  for (const cohort of exposure.bystanders) {
    const overhead = (phase: string): TailQuantiles | undefined =>
      summary.latency.find((row) => row.cohort === cohort && row.phase === phase)?.overheadMs;
    const calm = p99(overhead("calm"));
    const loaded = p99(overhead("fault"));
    if (calm === null || loaded === null)
      return { exposures: 0, failures: 0, says: `There are too few turns of ${cohort} for a p99.` };
    exposures += overhead("fault")?.n ?? 0;
    const limit = THRESHOLDS.isolatedCpu.times * Math.max(0, calm) + THRESHOLDS.isolatedCpu.plusMs;
    if (loaded > limit)
      return {
        exposures,
        failures: 1,
        says: `Overhead p99 of ${cohort} was ${loaded} ms under load and ${calm} ms in calm; the limit is ${Math.round(limit)} ms.`,
      };
  }
  return { exposures, failures: 0, says: "" };
}

/** One row for every promise that a runner.json may name. */
export const PROMISES: Readonly<Record<keyof Promises, PromiseRow>> = {
  "durable-turns": {
    about: "acknowledged turns survive the death of its processes",
    unit: ["kill", "kills"],
    least: 1,
    tolerance: 0,
    untested: "No trial killed its processes.",
    weigh: (trial, vowed) => {
      const { appKills, storeKills } = trial.exposure;
      const kills = appKills + (outlivesDatabase(vowed) ? storeKills : 0);
      return kills === 0 ? null : byVerdicts(trial, ["C1", "C18"], kills);
    },
    leftOpen: (vowed, trials) => {
      if (!outlivesDatabase(vowed)) return null;
      if (trials.every(({ exposure }) => exposure.storeKills === 0)) return "death of the database process untested";
      return trials.every(({ exposure }) => exposure.appKills === 0) ? "death of its own processes untested" : null;
    },
  },
  "journaled-steps": {
    about: "a completion that it has is never bought again",
    unit: ["interrupted turn", "interrupted turns"],
    least: 10,
    tolerance: 0,
    untested: "Too few turns were interrupted.",
    weigh: (trial) => byVerdicts(trial, ["C7"], trial.exposure.interruptedTurns),
  },
  effects: {
    about: "effects are applied as often as its class says",
    unit: ["effect under faults", "effects under faults"],
    least: 30,
    tolerance: 0,
    untested: "Too few effects were asked for in trials with faults.",
    weigh: (trial) => {
      const faults = trial.exposure.landedFaults + trial.exposure.crashes;
      return faults === 0 ? null : byVerdicts(trial, ["C6"], verdictOf(trial, "C6")?.exposures ?? 0);
    },
  },
  "fenced-effects": {
    about: "a superseded owner has no effect",
    unit: ["session taken over", "sessions taken over"],
    least: 10,
    tolerance: 0,
    untested: "Too few sessions were taken over while their owner stood still.",
    weigh: (trial) => (trial.exposure.superseded === 0 ? null : byVerdicts(trial, ["C9"], trial.exposure.superseded)),
  },
  "resumes-unasked": {
    about: "interrupted turns go on though nobody asks again, 95 % of them within 60 s",
    unit: ["interrupted silent session", "interrupted silent sessions"],
    least: 10,
    tolerance: 0.05,
    untested: "Too few sessions of silent clients were interrupted.",
    weigh: ({ summary: { silent } }) => {
      if (silent === null) return null;
      const failures = silent.interrupted - silent.resumed;
      const says = `${failures} of ${silent.interrupted} interrupted silent sessions did not go on within 60 s.`;
      return { exposures: silent.interrupted, failures, says };
    },
  },
  "isolated-crash": {
    about: "the crash of one session interrupts no other",
    unit: ["crash", "crashes"],
    least: 20,
    tolerance: 0,
    untested: "Too few sessions crashed.",
    weigh: ({ exposure: { crashes, bystandersInterrupted } }) =>
      crashes === 0
        ? null
        : {
            exposures: crashes,
            failures: bystandersInterrupted,
            says: `${bystandersInterrupted} turns of bystanders were interrupted in ${crashes} crashes.`,
          },
  },
  "isolated-cpu": {
    about: "sessions that burn CPU slow others by at most 2 × calm + 20 ms at p99",
    unit: ["turn of a bystander", "turns of bystanders"],
    least: 100,
    tolerance: 0,
    untested: "No trial had sessions that burn CPU beside bystanders.",
    weigh: weighCpuIsolation,
  },
  "single-writer": {
    about: "a session has one writer at a time, and what another leaves behind is not kept",
    unit: ["session with two owners about", "sessions with two owners about"],
    least: 10,
    tolerance: 0,
    untested: "No trial had two owners at once.",
    weigh: (trial) => {
      if (trial.exposure.secondOwners === 0) return null;
      const ids: CheckerId[] = trial.exposure.superseded === 0 ? ["C8"] : ["C8", "C9"];
      return byVerdicts(trial, ids, verdictOf(trial, "C8")?.exposures ?? 0);
    },
  },
  "durable-timers": {
    about: "timers survive the death of its processes",
    unit: ["timer that a kill met", "timers that a kill met"],
    least: 10,
    tolerance: 0,
    untested: "No trial killed a runtime that was waiting on its own timers.",
    weigh: (trial) => {
      const { met, lost } = trial.exposure.timers;
      if (met === 0) return null;
      if (lost === 0) return byVerdicts(trial, ["C14"], met);
      return { exposures: met, failures: lost, says: `${lost} of ${met} timers that a kill met did not fire in time.` };
    },
  },
  readable: {
    about: "reads are answered and agree with the answers",
    unit: ["final read", "final reads"],
    least: 1,
    tolerance: 0,
    untested: "No session was read.",
    weigh: ({ exposure: { reads } }) => {
      const failures = reads.refused + reads.disagreeing;
      const says = `${reads.refused} of ${reads.all} final reads were not answered, ${reads.disagreeing} disagree with answers.`;
      return { exposures: reads.all, failures, says };
    },
  },
  streaming: {
    about: "90 % of an answer's tokens reach the client before its turn ends",
    unit: ["streamed turn", "streamed turns"],
    least: 100,
    tolerance: 0,
    untested: "No client read along.",
    weigh: ({ exposure: { streams } }) => {
      const says = `Only ${Math.round(streams.share * 100)} % of the tokens of ${streams.turns} streamed turns were read before they ended.`;
      return streams.turns === 0
        ? null
        : { exposures: streams.turns, failures: streams.share < THRESHOLDS.streaming.earlyShareLeast ? 1 : 0, says };
    },
  },
  cancellable: {
    about: "a running turn can be cancelled",
    unit: ["cancellation", "cancellations"],
    least: 20,
    tolerance: 0,
    untested: "No client cancels turns yet.",
    weigh: never,
  },
  "sub-agents": {
    about: "a parent joins its children, or restarts them",
    unit: ["parent", "parents"],
    least: 20,
    tolerance: 0,
    untested: "No scenario spawns sub-agents yet.",
    weigh: never,
  },
  compacts: {
    about: "a conversation that grows too long is compacted, not lost",
    unit: ["overflow", "overflows"],
    least: 1,
    tolerance: 0,
    untested: "No scenario overflows the context yet.",
    weigh: never,
  },
};
