/**
 * Canary: a bug planted into the simulated runtime, with the exact set of checkers that must find it and of those that may. All
 * others must stay silent, or a verdict says nothing about its cause.
 */

import { mayAlsoFind } from "../../checkers/implications.ts";
import type { CheckerId } from "../../checkers/index.ts";
import { judgeTrial } from "../../judge.ts";
import { randomOf } from "../../random.ts";
import type { Promises } from "../../runner.ts";
import { DURABLE, type Nature, type Scene } from "../nature.ts";
import { type SimulatedWishes, simulatedPlan } from "../plan.ts";
import { simulateTrial } from "../trial.ts";

export interface Canary {
  readonly name: string;
  /** What it does wrong, as a sentence. */
  readonly says: string;
  /** The healthy runtime that it is made of. Default: the durable one. */
  readonly base?: Nature;
  /** Makes the bug anew for each trial; some remember what they did. */
  readonly bug: () => Partial<Nature>;
  /** The trials in which it shows. Nothing strikes where no faults are named. */
  readonly trial?: SimulatedWishes;
  /** Changes to what is vowed; the bug itself vows no less than its base. */
  readonly vows?: Partial<Promises>;
  readonly must: readonly CheckerId[];
  /** Beyond what `checkers/implications.ts` says of those that must. */
  readonly may?: readonly CheckerId[];
}

/** What came of one canary in several trials. */
export interface Trying {
  readonly canary: Canary;
  /** Trials in which each of those that must find it did so together. */
  readonly caught: number;
  readonly trials: number;
  /** Trials in which each checker found something. */
  readonly found: Readonly<Partial<Record<CheckerId, number>>>;
  /** Those that found something and must not, with the seed and what they said. */
  readonly strangers: readonly string[];
}

/** A coin that falls the same way for a turn whenever it is tossed: some turns are hit, most are not. */
export const unlucky = ({ seed, session, turn }: Omit<Scene, "process">, share = 0.3): boolean =>
  randomOf(seed, "bug", session, turn)() < share;

export function natureOf({ base = DURABLE, bug, vows = {} }: Canary, planted: boolean): Nature {
  const promises = { ...base.promises, ...vows };
  return planted ? { ...base, promises, ...bug() } : { ...base, promises };
}

/** The checkers that find something in one trial, each with what it says. */
export function findingsIn(canary: Canary, seed: number, planted = true): Map<CheckerId, string> {
  const nature = natureOf(canary, planted);
  const wishes = { faults: [], scriptFaults: false, ...canary.trial };
  const verdicts = judgeTrial(simulateTrial(simulatedPlan(seed, [], wishes), nature), nature.promises);
  return new Map(
    verdicts.flatMap(({ checker, result, reason, evidence }) =>
      result === false ? [[checker as CheckerId, evidence[0]?.says ?? reason] as const] : [],
    ),
  );
}

/** Plays a canary in trials of seeds from `firstSeed`. */
export function tryCanary(canary: Canary, trials: number, firstSeed = 1): Trying {
  const { must, may = [] } = canary;
  const allowed = new Set<CheckerId>([...must, ...may, ...mayAlsoFind(must)]);
  const found: Partial<Record<CheckerId, number>> = {};
  const strangers: string[] = [];
  let caught = 0;
  for (let seed = firstSeed; seed < firstSeed + trials; seed++) {
    const findings = findingsIn(canary, seed);
    for (const [checker, says] of findings) {
      found[checker] = (found[checker] ?? 0) + 1;
      if (!allowed.has(checker)) strangers.push(`seed ${seed}, ${checker}: ${says}`);
    }
    if (must.every((checker) => findings.has(checker))) caught += 1;
  }
  return { canary, caught, trials, found, strangers };
}
