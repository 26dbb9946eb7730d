/** Clean trials: simulated runtimes that do nothing wrong under random faults, so that every checker that finds something is wrong itself. */
import { judgeTrial } from "../judge.ts";
import { SIMULATED_FAULTS } from "./faults.ts";
import { DURABLE, type Nature, PLAIN } from "./nature.ts";
import { simulatedPlan } from "./plan.ts";
import { simulateTrial } from "./trial.ts";

/** Runtimes that keep what they vow, and the faults under which they do. Without a database nothing survives its process. */
const HEALTHY: readonly { readonly nature: Nature; readonly faults: readonly string[] }[] = [
  { nature: DURABLE, faults: Object.keys(SIMULATED_FAULTS) },
  { nature: DURABLE, faults: Object.keys(SIMULATED_FAULTS) },
  { nature: PLAIN, faults: ["freeze", "reset"] },
];

/** What the checkers made of one clean trial. */
export interface CleanTrial {
  readonly sessions: number;
  readonly events: number;
  /** By id, the checkers that decided. */
  readonly decided: readonly string[];
  /** False verdicts, and unknown ones that do not say why, as sentences. */
  readonly alarms: readonly string[];
}

/** Plays and judges the clean trial of a seed: two in three of a durable runtime, one of a plain one. */
export function cleanTrial(seed: number): CleanTrial {
  const healthy = HEALTHY[seed % HEALTHY.length] ?? { nature: DURABLE, faults: [] };
  const history = simulateTrial(simulatedPlan(seed, healthy.faults), healthy.nature);
  const verdicts = judgeTrial(history, healthy.nature.promises);
  const { driver, world, trial } = history;
  const isAlarm = ({ result, reason }: (typeof verdicts)[number]): boolean =>
    result === false || (result === "unknown" && (reason.trim() === "" || reason.startsWith("The checker failed")));
  return {
    sessions: new Set(driver.map(({ s }) => s)).size,
    events: driver.length + world.length + trial.length,
    decided: verdicts.flatMap(({ checker, result }) => (result === true ? [checker] : [])),
    alarms: verdicts
      .filter(isAlarm)
      .map(({ checker, reason, evidence }) => `seed ${seed}, ${checker}: ${evidence[0]?.says ?? reason}`),
  };
}
