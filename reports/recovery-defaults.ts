/**
 * Defaults that decide recovery, side by side: nobody can read a time to recover without knowing who waits for what. They are the
 * runners' own words, none of them measured.
 */
import type { ScenarioSummary, Summary } from "../harness/summary.ts";

export const RECOVERY_DEFAULTS = "Defaults that decide recovery";

export interface RecoveryDefaults {
  readonly runners: readonly string[];
  /** One cell per runner; null where it does not say. */
  readonly rows: readonly { readonly what: string; readonly cells: readonly (string | null)[] }[];
}

/** Of the runners of a scenario, or of all; null where no runner states any. */
export function recoveryDefaults(summary: Summary, scenario?: ScenarioSummary): RecoveryDefaults | null {
  const taking = scenario?.results.map(({ runner }) => runner);
  const contestants = summary.contestants.filter(({ name }) => taking?.includes(name) ?? true);
  const whats = [...new Set(contestants.flatMap(({ recovery = [] }) => recovery.map(({ what }) => what)))];
  if (whats.length === 0) return null;
  return {
    runners: contestants.map(({ name }) => name),
    rows: whats.map((what) => ({
      what,
      cells: contestants.map(({ recovery = [] }) => recovery.find((one) => one.what === what)?.value ?? null),
    })),
  };
}
