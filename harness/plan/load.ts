/** The load of a trial by arithmetic on its plan, and whether this machine can carry it. */
import type { MachineLimits } from "../processes/limits.ts";
import { meanOf } from "../random.ts";
import type { Cohort, Scenario } from "../scenario.ts";
import type { PlannedLoad } from "../trial.ts";
import { floorMs, resolveTurn } from "../world/script.ts";

/** Above this the World cannot keep its pace on the core it shares with the driver; measured by benches/world.ts. */
export const MAX_FRAMES_PER_SECOND = 40_000;
/** Left for everything else that holds sockets: logs, database connections, idle keep-alive. */
const SOCKET_RESERVE = 1_000;
/** Turns pile up while a runtime is dead or stalled: sockets are planned for this many times the mean in flight. */
const BURST = 4;
/** Memory that World, driver and judging need beside the runtime's. */
const HARNESS_MB = 1_024;
const SAMPLE_TURNS = 200;

/** Means over turns of a cohort. */
interface MeanTurn {
  floor: number;
  completions: number;
  tokens: number;
  streamMs: number;
}

function sampledTurns(cohort: Cohort, memoryMb: number): MeanTurn {
  const sum: MeanTurn = { floor: 0, completions: 0, tokens: 0, streamMs: 0 };
  for (let i = 0; i < SAMPLE_TURNS; i++) {
    const turn = resolveTurn({ seed: 1, cohort, memoryMb, session: `sample${i}`, turn: 2, kind: "ordinary" });
    sum.floor += floorMs(turn) / SAMPLE_TURNS;
    sum.completions += turn.steps.length / SAMPLE_TURNS;
    for (const step of turn.steps) {
      sum.tokens += step.tokens / SAMPLE_TURNS;
      sum.streamMs += ((step.tokens - 1) * step.gapMs) / SAMPLE_TURNS;
    }
  }
  return sum;
}

/** Each cohort's mean turn, and how many of them a second it takes once all cohorts are there. */
function cohortTurns(scenario: Scenario, memoryMb: number) {
  const cohorts = Object.values(scenario.cohorts);
  // Cohorts of step faults come one after the other.
  const inTurn = cohorts.filter(({ startsIn }) => startsIn === "step").length;
  return cohorts.map((cohort) => {
    const turn = sampledTurns(cohort, memoryMb);
    const presence = cohort.startsIn === "step" ? 1 / inTurn : 1;
    return { cohort, turn, rate: (presence * cohort.sessions * 1000) / (turn.floor + meanOf(cohort.thinkMs)) };
  });
}

/** Completions that a faultless run buys per second, once all cohorts are there. */
export function completionsPerSecond(scenario: Scenario, memoryMb: number): number {
  return cohortTurns(scenario, memoryMb).reduce((sum, { turn, rate }) => sum + rate * turn.completions, 0);
}

/** Mean load of a scenario once all its cohorts are there. */
export function loadOf(scenario: Scenario, memoryMb: number, proofsPerSecond: number): PlannedLoad {
  let [live, turnsPerSecond, inFlight, streaming, framesPerSecond, seconds] = [0, 0, 0, 0, 0, 0];
  for (const { cohort, turn, rate } of cohortTurns(scenario, memoryMb)) {
    live += cohort.sessions;
    turnsPerSecond += rate;
    inFlight += (rate * turn.floor) / 1000;
    streaming += (rate * turn.streamMs) / 1000;
    framesPerSecond += rate * turn.tokens;
    seconds += (rate * turn.floor * ((cohort.duplicates?.share ?? 0) + (cohort.twoClients?.share ?? 0))) / 1000;
  }
  const { warmupMs, calmMs, faultMs, quietMs } = scenario.phases;
  const startUpMs = 3_000;
  const durationMs = startUpMs + warmupMs + calmMs + faultMs + quietMs + (live * 1000) / proofsPerSecond + 2_000;
  return {
    liveSessions: live,
    inFlight: Math.round(inFlight),
    streaming: Math.round(streaming),
    turnsPerSecond: Math.round(turnsPerSecond * 10) / 10,
    framesPerSecond: Math.round(framesPerSecond),
    // Per pending turn the runtime holds the client's connection and one to the World, and that of a second client.
    sockets: Math.round(Math.min(live, inFlight * BURST) * 2 + seconds * BURST),
    memoryMb,
    durationMs: Math.round(durationMs),
  };
}

/** Sentences that say why this machine cannot carry a load; empty when it can. */
export function refusals(load: PlannedLoad, limits: MachineLimits): string[] {
  const sockets = Math.min(limits.openFilesHard, limits.ephemeralPorts) - SOCKET_RESERVE;
  const problems: string[] = [];
  if (load.sockets > sockets)
    problems.push(
      `The load needs up to ${load.sockets} sockets, this machine allows ${sockets} (open files ${limits.openFilesHard}, ephemeral ports ${limits.ephemeralPorts}, less ${SOCKET_RESERVE}).`,
    );
  if (load.framesPerSecond > MAX_FRAMES_PER_SECOND)
    problems.push(
      `The load streams ${load.framesPerSecond} frames/s, one World carries ${MAX_FRAMES_PER_SECOND}: fewer sessions or longer think times.`,
    );
  const memoryMb = Math.floor(limits.memoryBytes / 2 ** 20);
  if (load.memoryMb + HARNESS_MB > memoryMb)
    problems.push(
      `The runtime's ${load.memoryMb} MB and ${HARNESS_MB} MB for the harness exceed the machine's ${memoryMb} MB of memory.`,
    );
  return problems;
}
