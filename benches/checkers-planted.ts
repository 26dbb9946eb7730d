/** What the checkers find and what they imagine: planted bugs in simulated and in real runtimes, clean histories, clean runs. */
import { tryCanary } from "../harness/simulate/canaries/canary.ts";
import { CANARIES } from "../harness/simulate/canaries/index.ts";
import { cleanTrial } from "../harness/simulate/clean.ts";
import { BUGS } from "../runners/canary/bugs.ts";
import { MUTATIONS } from "../runners/mutant/mutations.ts";
import { misjudged, type Planted, tinyTrials } from "../test/tiny-trials.ts";

/** One planted bug, or one runtime without any. */
export interface Tried {
  readonly name: string;
  /** By how many of so many trials it was found by all that must find it; a harmless one by nobody. */
  readonly caught: number;
  readonly trials: number;
  /** Checkers that found something and must not, or did not and must. */
  readonly wrong: readonly string[];
}

const NOTHING: Planted = { must: [], may: [] };

/** Bugs of the simulated runtime, each in trials of its own seeds. */
export function simulatedBugs(trials: number): Tried[] {
  return CANARIES.map((canary) => {
    const { caught, strangers } = tryCanary(canary, trials);
    return { name: canary.name, caught, trials, wrong: caught === 0 ? ["never found", ...strangers] : strangers };
  });
}

/** @param told what went on, for whoever waits */
async function realTrials(
  scenario: string,
  runners: readonly string[],
  seed: string,
  plantedIn: (runner: string) => Planted,
  told: (sentence: string) => void,
): Promise<Tried[]> {
  const tried: Tried[] = [];
  // One campaign each, so that a bench that is stopped has said what it saw.
  for (const runner of runners) {
    const wrong = (await tinyTrials(scenario, [runner], seed)).flatMap((trial) => misjudged(trial, plantedIn(runner)));
    tried.push({ name: runner, caught: wrong.length === 0 ? 1 : 0, trials: 1, wrong });
    told(`${runner}: ${wrong.length === 0 ? "as it should be" : wrong.join("; ")}`);
  }
  return tried;
}

/** Bugs in real processes, and mutations of what passes between a real one and its clients. */
export async function realBugs(told: (sentence: string) => void): Promise<Tried[]> {
  const bugs = Object.entries(BUGS);
  const names = (killed: boolean): string[] =>
    bugs.filter(([, bug]) => (bug.killed === true) === killed).map(([name]) => `canary:${name}`);
  const bugOf = (runner: string): Planted => BUGS[runner.slice("canary:".length)] ?? NOTHING;
  const mutationOf = (runner: string): Planted => MUTATIONS[runner.slice("mutant:".length)] ?? NOTHING;
  const mutants = Object.keys(MUTATIONS).map((name) => `mutant:${name}`);
  return [
    ...(await realTrials("canary/calm.json", names(false), "1", bugOf, told)),
    ...(await realTrials("canary/kill.json", names(true), "1", bugOf, told)),
    ...(await realTrials("canary/calm.json", mutants, "1", mutationOf, told)),
  ];
}

/** Runs of runtimes that keep what they vow: one that survives being killed, in turns with one that vows nothing of that and is left alone. */
export async function cleanRuns(count: number, told: (sentence: string) => void): Promise<Tried[]> {
  const runs: Tried[] = [];
  for (let run = 1; run <= count; run++) {
    const [scenario, runner] = run % 2 === 1 ? ["canary/kill.json", "durable"] : ["canary/calm.json", "async"];
    runs.push(...(await realTrials(scenario ?? "", [runner ?? ""], String(run), () => NOTHING, told)));
  }
  return runs;
}

/** What came of clean simulated histories. */
export interface Clean {
  readonly histories: number;
  readonly sessions: number;
  readonly events: number;
  readonly seconds: number;
  readonly alarms: readonly string[];
  /** In how many each checker had enough to say "true". */
  readonly decided: Readonly<Record<string, number>>;
}

export function cleanHistories(count: number): Clean {
  const began = process.cpuUsage();
  const decided: Record<string, number> = {};
  const alarms: string[] = [];
  let [sessions, events] = [0, 0];
  for (let seed = 1; seed <= count; seed++) {
    const trial = cleanTrial(seed);
    sessions += trial.sessions;
    events += trial.events;
    alarms.push(...trial.alarms);
    for (const checker of trial.decided) decided[checker] = (decided[checker] ?? 0) + 1;
  }
  const { user, system } = process.cpuUsage(began);
  return { histories: count, sessions, events, seconds: (user + system) / 1e6, alarms, decided };
}
