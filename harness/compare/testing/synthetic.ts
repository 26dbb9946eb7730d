/** Made-up summaries of two or more contestants over many blocks, with known effects and seeded noise. Used by tests only. */
import { cleanKill } from "../../checkers/history-builder.ts";
import { type Random, randomOf } from "../../random.ts";
import { overBlocks } from "../../summarize/over-blocks.ts";
import { inputsOf, recordingOf } from "../../summarize/recording-builder.ts";
import { SPECTRUM_GRID } from "../../summarize/spectrum.ts";
import { summarize } from "../../summarize.ts";
import type { Summary, TailQuantiles, TrialSummary } from "../../summary.ts";

const COHORT = "chat";

/** How one contestant does. */
export interface Contestant {
  /** Multiplies every time and cost. */
  readonly factor?: number;
  /** Multiplies times from this quantile on. */
  readonly tail?: { readonly from: number; readonly factor: number };
  /** Blocks whose trial is void. */
  readonly voids?: readonly number[];
  /** Conversations forgotten in each trial. */
  readonly forgotten?: number;
  /** Median overhead in calm before factors, in milliseconds. */
  readonly medianMs?: number;
  readonly pendingAtFault?: number;
  readonly saturated?: boolean;
}

export interface Shape {
  readonly blocks: number;
  readonly seed?: string;
  /** Standard deviation of the log of what neighbours in a block do not share. */
  readonly noise?: number;
}

const base = summarize(inputsOf([recordingOf(cleanKill())]));
const baseTrial = base.scenarios[0]?.results[0]?.trials[0] as TrialSummary;

const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

function quantiles(at: (q: number) => number): TailQuantiles {
  return { n: 2_000, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(0.9999), censored: 0 };
}

function trialOf(runner: string, does: Contestant, block: number, shape: Shape): TrialSummary {
  const { noise = 0.03, seed = "7" } = shape;
  const shared = 0.2 * normal(randomOf(1, "drift", seed, block));
  const own = noise * normal(randomOf(1, "noise", seed, block, runner));
  const scale = Math.exp(shared + own) * (does.factor ?? 1);
  const { medianMs = 20, tail } = does;
  const overhead = (phase: string) => (q: number) =>
    medianMs *
    scale *
    (phase === "fault" ? 9 : 1) *
    (0.5 + q ** 3 + 2 * q ** 30) *
    (tail && q >= tail.from ? tail.factor : 1);
  const isVoid = does.voids?.includes(block) === true;
  const phases = ["calm", "fault"] as const;
  return {
    ...baseTrial,
    id: `${block}-kill-${runner}`,
    block,
    validity: {
      ...baseTrial.validity,
      verdict: isVoid ? "void" : "valid",
      reasons: isVoid ? ["The machine was busy."] : [],
      startLagMs: { n: 2_000, p50: 0.1, p90: 0.2, p99: 0.5, p999: 1, max: 2 },
      saturated: does.saturated === true,
    },
    latency: phases.map((phase) => {
      const at = overhead(phase);
      const row = {
        overheadMs: quantiles(at),
        holdingMs: quantiles((q) => at(q) * 0.8),
        latencyMs: quantiles((q) => at(q) + 1900),
      };
      return { cohort: COHORT, phase, ...row, serviceMs: row.latencyMs, pendingAgeMs: row.overheadMs };
    }),
    spectrum: phases.map((phase) => ({
      cohort: COHORT,
      phase,
      n: 2_000,
      overheadMs: SPECTRUM_GRID.map(overhead(phase)),
      latencyMs: SPECTRUM_GRID.map((q) => overhead(phase)(q) + 1900),
    })),
    memory: { ...baseTrial.memory, sessionsForgotten: does.forgotten ?? 0 },
    recovery: baseTrial.recovery.map((row) => ({ ...row, medianMs: 1_200 * scale, resolutionMs: 100 })),
    usage: { ...baseTrial.usage, kbPerSession: 60 * scale, appCpuMsPerTurn: 3 * scale, storeCpuMsPerTurn: null },
    timeline: {
      ...baseTrial.timeline,
      pending: Array.from({ length: 60 }, () => does.pendingAtFault ?? 200),
      faults: [{ id: "f1", kind: "kill", atS: 20.2, readyS: 21, proof: "gone" }],
    },
  };
}

/** A campaign of one kill scenario. The same contestant under the same name gives the same figures. */
export function syntheticSummary(contestants: Readonly<Record<string, Contestant>>, shape: Shape): Summary {
  const blocks = Array.from({ length: shape.blocks }, (_, index) => index + 1);
  const results = Object.entries(contestants).map(([runner, does]) => {
    const trials = blocks.map((block) => trialOf(runner, does, block, shape));
    return { runner, trials, overBlocks: overBlocks(trials, [COHORT]) };
  });
  return {
    ...base,
    campaign: { ...base.campaign, seed: shape.seed ?? "7", blocks: shape.blocks },
    scenarios: base.scenarios.map((scenario) => ({ ...scenario, headlineCohorts: [COHORT], results })),
  };
}
