/** The database of one trial, as its runner and its faults need it. */
import { join } from "node:path";
import type { PostgresCluster, PostgresSource } from "../postgres/postgres.ts";
import type { CorePlan } from "../processes/cores.ts";
import type { TrialPlan } from "../trial.ts";
import { needsOf } from "./fault-target.ts";

/** What decides how a trial's database is started. */
export interface DatabaseSite {
  readonly plan: Pick<TrialPlan, "faults">;
  /** Folder of the trial's recording. */
  readonly folder: string;
  readonly cores: CorePlan | null;
  /** Null when the runner needs no database. */
  readonly postgres: PostgresSource | null;
}

/** @param directory a marked directory that the cluster lives in. @returns null where the runner needs none. @throws TrialError */
export async function startDatabase(site: DatabaseSite, directory: string): Promise<PostgresCluster | null> {
  const { plan, folder, cores, postgres } = site;
  if (postgres === null) return null;
  return postgres.start({
    directory,
    logFile: join(folder, "logs", "postgres.log"),
    cores: cores?.runtime ?? null,
    ownVolume: needsOf(plan.faults).database === "volume",
  });
}
