/**
 * Equal time: where a scenario says how long calls of local tools shall take, their sizes are set for each runner by what
 * `conform` has timed. Sessions, seeds, scripts and everything else stay the same for all.
 */
import { type LocalTiming, SIZES } from "../local-timing.ts";
import type { Runner } from "../runner.ts";
import type {
  ArgumentTemplate,
  Cohort,
  ModelStep,
  Scenario,
  SessionScript,
  SizedTool,
  ToolBehaviour,
  ToolCall,
  TurnScript,
} from "../scenario.ts";
import type { LocalWork } from "../trial.ts";

/** What one runner is asked for. */
export interface SizedWork {
  readonly definition: Scenario;
  readonly localWork: readonly LocalWork[];
}

type Arguments = Readonly<Record<string, ArgumentTemplate>>;

/** Numbers of the contract stay below 2³¹. */
const NUMBER_MOST = 2 ** 31 - 1;
/**
 * Most of MEMORY_MB that the text of one document, or the one matrix of all sessions at a byte per component, may be: however fast a runtime
 * is at it, the question is about time, not about memory.
 */
const MEMORY_SHARE = { parse_document: 1 / 64, search_memory: 1 / 16 } as const;

/** Most units of one call. */
function mostUnits(tool: SizedTool, memoryMb: number): number {
  if (tool === "burn_cpu") return NUMBER_MOST;
  const bytes = memoryMb * 2 ** 20 * MEMORY_SHARE[tool];
  return tool === "parse_document" ? bytes / 1024 : bytes;
}

/** The size that makes a call take so long, as near as whole numbers and limits allow. */
function workOf(
  tool: SizedTool,
  args: Arguments,
  wantedMs: number,
  { msPerUnit }: LocalTiming,
  memoryMb: number,
): LocalWork {
  const { argument, rowsOf } = SIZES[tool];
  const unitsEach = rowsOf === undefined ? 1 : Number(args[rowsOf]);
  const units = Math.min(wantedMs / msPerUnit, mostUnits(tool, memoryMb), NUMBER_MOST * unitsEach);
  const size = Math.max(1, Math.round(units / unitsEach));
  return { tool, argument, size, wantedMs, expectedMs: size * unitsEach * msPerUnit };
}

/** A scenario's scripts with other arguments for local calls. */
function withArguments(scenario: Scenario, change: (tool: string, args: Arguments) => Arguments): Scenario {
  const ofCall = (call: ToolCall): ToolCall =>
    typeof call === "string"
      ? call
      : Object.fromEntries(Object.entries(call).map(([tool, args]) => [tool, change(tool, args)]));
  const ofStep = (entry: ModelStep | ToolBehaviour): ModelStep | ToolBehaviour => {
    if (!("say" in entry) || entry.call === undefined) return entry;
    const { call } = entry;
    return {
      ...entry,
      call: Array.isArray(call) ? (call as readonly ToolCall[]).map(ofCall) : ofCall(call as ToolCall),
    };
  };
  const ofTurn = (script: TurnScript): TurnScript => script.map(ofStep);
  const ofScript = (script: SessionScript): SessionScript =>
    "default" in script
      ? (Object.fromEntries(Object.entries(script).map(([turn, one]) => [turn, ofTurn(one)])) as SessionScript)
      : ofTurn(script);
  const cohorts = Object.entries(scenario.cohorts).map(([name, cohort]): [string, Cohort] => [
    name,
    { ...cohort, script: ofScript(cohort.script) },
  ]);
  return { ...scenario, cohorts: Object.fromEntries(cohorts) };
}

/** The scenario as one runner meets it, and what that comes to. */
export function sizeWork(scenario: Scenario, timings: readonly LocalTiming[], memoryMb: number): SizedWork {
  const found = new Map<string, LocalWork>();
  const definition = withArguments(scenario, (tool, args) => {
    const timing = timings.find((one) => one.tool === tool);
    const wantedMs = timing === undefined ? undefined : scenario.equalTimeMs?.[timing.tool];
    if (timing === undefined || wantedMs === undefined) return args;
    const work = workOf(timing.tool, args, wantedMs, timing, memoryMb);
    found.set(`${tool} ${work.size}`, work);
    return { ...args, [work.argument]: work.size };
  });
  return { definition, localWork: [...found.values()] };
}

/** What the runners of one scenario are asked for, by name; those that nobody has timed cannot be asked at all. */
export interface SizedRunners {
  /** Empty where the scenario is one of equal work. */
  readonly sized: ReadonlyMap<string, SizedWork>;
  /** A sentence about each runner that has no timings, by name. */
  readonly untimed: ReadonlyMap<string, string>;
}

/** @param timingsOf what a fresh certificate says; null where there is none or it says nothing of time */
export function sizeForAll(
  scenario: Scenario,
  runners: readonly Runner[],
  timingsOf: (runner: Runner) => readonly LocalTiming[] | null,
  memoryMb: number,
): SizedRunners {
  const sized = new Map<string, SizedWork>();
  const untimed = new Map<string, string>();
  const wanted = Object.keys(scenario.equalTimeMs ?? {});
  for (const runner of wanted.length === 0 ? [] : runners) {
    const timings = timingsOf(runner) ?? [];
    const missing = wanted.filter((tool) => !timings.some((one) => one.tool === tool));
    if (missing.length === 0) sized.set(runner.name, sizeWork(scenario, timings, memoryMb));
    else
      untimed.set(
        runner.name,
        `${runner.name} is left out, since calls are sized by what they take and nobody has timed its ${missing.join(", ")} as it now stands. Time it with "conform ${runner.name}".`,
      );
  }
  return { sized, untimed };
}
