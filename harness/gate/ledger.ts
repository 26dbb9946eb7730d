/**
 * Ledger of self-tests: what this gate showed on known machines where there was nothing to see. One line of JSON per self-test
 * (`gate --self-test`), with the values as they were measured, so that every figure said of it can be worked out again by whoever holds the file.
 *
 * A line: format, recorded (day), machine (what makes it the same machine), agentDerby and node (versions), runner, scenario, profile, load (of one
 * trial; the same name with another load is another scenario), seed, voids
 * (trials that did not count), and figures: each with its name, cohort, phase, unit, resolution, and the values of both sides of each
 * pair, in the order in which they were recorded.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { machineOf } from "../compare/differences.ts";
import { pairedFigures } from "../compare/figure-pairs.ts";
import { pairsOf } from "../compare/pairs.ts";
import { UsageError } from "../errors.ts";
import type { Phase } from "../history.ts";
import { askedCohorts, figuresOf } from "../summarize/figures.ts";
import type { Environment, ScenarioSummary, Summary } from "../summary.ts";
import type { PlannedLoad } from "../trial.ts";

const FORMAT = "agent-derby-gate-ledger/1";

/** What tells trials of one length and size from others. */
export type LedgerLoad = Pick<PlannedLoad, "liveSessions" | "turnsPerSecond" | "durationMs">;

/** One figure of all valid pairs that give it. */
export interface LedgerFigure {
  readonly figure: string;
  readonly cohort: string | null;
  readonly phase: Phase | null;
  readonly unit: "ms" | "KB";
  /** What measuring could tell apart, median over the pairs, in the same unit. */
  readonly resolution: number;
  readonly pairs: readonly (readonly [number, number])[];
}

export interface LedgerEntry {
  readonly format: typeof FORMAT;
  /** YYYY-MM-DD. */
  readonly recorded: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly agentDerby: string;
  readonly node: string;
  /** As it was named. */
  readonly runner: string;
  readonly scenario: string;
  readonly profile: string;
  readonly load: LedgerLoad;
  readonly seed: string;
  readonly voids: number;
  readonly figures: readonly LedgerFigure[];
}

/** The values of the pairs of one scenario, figure by figure. */
function figuresIn({ scenarios: [scenario] }: Summary): LedgerFigure[] {
  const [left, right] = scenario?.results ?? [];
  if (scenario === undefined || left === undefined || right === undefined) return [];
  const cohorts = askedCohorts(scenario);
  const pairs = pairsOf(left, right);
  return pairedFigures(pairs, cohorts).flatMap(({ figure, cohort, phase, unit, resolution }) => {
    const valueIn = (trial: (typeof pairs)[number]["a"]): number | null =>
      figuresOf(trial, cohorts).find((one) => one.figure === figure && one.cohort === cohort && one.phase === phase)
        ?.value ?? null;
    const values = pairs.flatMap(({ a, b }): [number, number][] => {
      const [from, to] = [valueIn(a), valueIn(b)];
      return from === null || to === null ? [] : [[from, to]];
    });
    return values.length === 0 ? [] : [{ figure, cohort, phase, unit, resolution, pairs: values }];
  });
}

const NO_LOAD: LedgerLoad = { liveSessions: 0, turnsPerSecond: 0, durationMs: 0 };

/** The load of one trial, the same in all of a scenario. */
export function ledgerLoad(scenario: Pick<ScenarioSummary, "results"> | undefined): LedgerLoad {
  const load = scenario?.results[0]?.trials[0]?.load ?? NO_LOAD;
  const { liveSessions, turnsPerSecond, durationMs } = load;
  return { liveSessions, turnsPerSecond, durationMs };
}

/** What a campaign of one runner under two names adds to the ledger. @param runner as it was named */
export function ledgerEntry(summary: Summary, runner: string): LedgerEntry {
  const { campaign, environment, scenarios } = summary;
  return {
    format: FORMAT,
    recorded: campaign.recorded,
    machine: machineOf(environment),
    agentDerby: environment.agentDerby,
    node: environment.node,
    runner,
    scenario: scenarios[0]?.scenario ?? "none",
    profile: campaign.profile,
    load: ledgerLoad(scenarios[0]),
    seed: campaign.seed,
    voids: summary.void.length,
    figures: figuresIn(summary),
  };
}

/** Adds a line at the end of the file, which is made if there is none. */
export function appendToLedger(file: string, entry: LedgerEntry): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== "object" || value === null) return false;
  const { format, machine, load, figures } = value as Partial<LedgerEntry>;
  return format === FORMAT && typeof machine === "object" && typeof load === "object" && Array.isArray(figures);
}

/** All lines of a ledger; none where there is no file. @throws UsageError naming the first line that is none */
export function readLedger(file: string): LedgerEntry[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = null;
    }
    if (!isEntry(value)) throw new UsageError(`${file}, line ${index + 1}: expected a line of format ${FORMAT}.`);
    return [value];
  });
}

const isSameLoad = (a: LedgerLoad, b: LedgerLoad): boolean =>
  a.liveSessions === b.liveSessions && a.turnsPerSecond === b.turnsPerSecond && a.durationMs === b.durationMs;

/** Self-tests of this scenario under this load on the machine of this environment. */
export function ledgerOf(
  entries: readonly LedgerEntry[],
  environment: Environment,
  scenario: Pick<ScenarioSummary, "scenario" | "results">,
): readonly LedgerEntry[] {
  const machine = machineOf(environment);
  const load = ledgerLoad(scenario);
  return entries.filter(
    (entry) =>
      entry.scenario === scenario.scenario &&
      isSameLoad(entry.load, load) &&
      Object.entries(machine).every(([what, value]) => entry.machine[what] === value),
  );
}
