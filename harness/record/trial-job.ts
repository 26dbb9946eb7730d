/** Trial job: what recording one trial needs from its campaign. */
import type { BenchProgress } from "../bench.ts";
import type { Isolation } from "../containers/isolation.ts";
import type { PostgresSource } from "../postgres/postgres.ts";
import type { CorePlan } from "../processes/cores.ts";
import type { Watchdog } from "../processes/watchdog.ts";
import type { ProfiledTrial } from "../profilers/profiled-trial.ts";
import type { Runner } from "../runner.ts";
import type { TrialOutcome, TrialPlan } from "../trial.ts";
import type { LiveFeed } from "./live-feed.ts";

/** What one trial needs from the campaign. */
export interface TrialJob {
  readonly plan: TrialPlan;
  readonly runner: Runner;
  readonly folder: string;
  readonly cores: CorePlan | null;
  /** Null when the runner needs no database. */
  readonly postgres: PostgresSource | null;
  /** Where the runtime lives. */
  readonly isolation: Isolation;
  readonly watchdog: Watchdog;
  readonly certificate: TrialOutcome["certificate"];
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BenchProgress) => void;
  /** Null where nobody watches. */
  readonly live: LiveFeed | null;
  /** Absent where no profiler looks on. */
  readonly profiling?: Pick<ProfiledTrial, "wrap" | "graceMs">;
}
