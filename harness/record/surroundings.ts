/** What a campaign finds where it runs: runners, limits of the machine, cores. Looked at once, before anything is planned. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { RunnerCapacity } from "../capacity.ts";
import { storedTimings } from "../conform/certificate.ts";
import { bareProcesses, type Isolation } from "../containers/isolation.ts";
import { UsageError } from "../errors.ts";
import { fittingFigures, storedFigures } from "../machine-figures.ts";
import { NEMESES } from "../nemeses/nemesis.ts";
import { sourceRoot } from "../package-root.ts";
import type { PlanSurroundings } from "../plan.ts";
import { type CorePlan, planCores } from "../processes/cores.ts";
import { machineLimits } from "../processes/limits.ts";
import type { Runner } from "../runner.ts";
import { contestants, findRunner } from "../runner-check.ts";

/** Below this nothing is started: a full disk would end the recording in the middle. */
const DISK_NEEDED_BYTES = 2 * 2 ** 30;

export interface Site {
  /** A seed drawn for a campaign that was given none. */
  readonly seed: string;
  /** Folder that campaigns are written to. */
  readonly out: string;
  readonly cores: CorePlan | null;
  /** Where runtimes live. */
  readonly isolation: Isolation;
  readonly plan: PlanSurroundings;
  /** @throws UsageError for an unknown runner */
  readonly runner: (name: string) => Runner;
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;

/** What was measured of a runner's present files on this machine; null where nobody has. */
function storedCapacity(runner: Runner): RunnerCapacity | null {
  return fittingFigures(storedFigures("capacity"), [runner])?.runners[0] ?? null;
}

/** @throws UsageError when the machine lacks what no campaign can do without */
export function surroundings(
  options: { readonly out?: string; readonly pin: boolean },
  isolation: Isolation = bareProcesses,
): Site {
  const out = options.out ?? "results";
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    throw new UsageError(`The results cannot be written to ${out}: ${(error as Error).message}`);
  }
  const limits = machineLimits(out);
  const free = Math.min(limits.diskFreeBytes, limits.temporaryFreeBytes);
  if (free < DISK_NEEDED_BYTES)
    throw new UsageError(
      `There is ${gib(free)} of disk space free, ${gib(DISK_NEEDED_BYTES)} are needed for recordings and temporary databases. Remove old campaigns with "clean".`,
    );
  const scenarioFolder = join(sourceRoot, "scenarios");
  if (!existsSync(scenarioFolder)) throw new UsageError(`There is no folder of scenarios at ${scenarioFolder}.`);
  // A runner may be named by the path of its folder; plans and recordings know it by its name alone.
  const met = new Map<string, Runner>();
  const find = (nameOrPath: string): Runner | undefined => {
    const found = findRunner(nameOrPath);
    if (found !== undefined) met.set(found.name, found);
    return found;
  };
  return {
    seed: randomBytes(3).toString("hex"),
    out,
    cores: options.pin ? planCores() : null,
    isolation,
    plan: {
      scenarioFolder,
      contestants: contestants(),
      installed: isolation.installed,
      missing: isolation.missing,
      findRunner: find,
      faultKinds: Object.keys(NEMESES),
      timings: (runner) => storedTimings(runner),
      capacity: storedCapacity,
      limits,
    },
    runner: (name) => {
      const found = met.get(name) ?? find(name);
      if (found === undefined)
        throw new UsageError(`The recordings name the runner "${name}", which is not here any more.`);
      return found;
    },
  };
}
