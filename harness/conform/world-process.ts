/** The World of a rig as a process: one cohort per session, so that every check plays its own script. */
import { join } from "node:path";
import { monotonicMs } from "../clock.ts";
import { TrialError } from "../errors.ts";
import { HISTORY_FILES } from "../history.ts";
import { entryPoint } from "../processes/entry.ts";
import { ForkedProcess } from "../processes/fork.ts";
import type { Watchdog } from "../processes/watchdog.ts";
import { constant, fnv1a32 } from "../random.ts";
import type { Cohort, SessionScript } from "../scenario.ts";
import type { FromWorld, ToWorld } from "../world/protocol.ts";

/** Always the same: nothing that is tested here may depend on chance. */
export const SEED = fnv1a32("conform");
/** MEMORY_MB of the runtime. */
export const MEMORY_MB = 512;
const LISTENING_WITHIN_MS = 20_000;

export interface RigWorld {
  readonly port: number;
  /** What the World sees is appended here. */
  readonly historyFile: string;
  end(): Promise<void>;
}

/** Client and think time are the driver's business, and there is no driver here. */
function cohortOf(script: SessionScript): Cohort {
  return {
    sessions: 1,
    turns: 1,
    thinkMs: constant(0),
    script,
    client: { timeoutMs: 1, deadlineMs: 1, retry: "never" },
  };
}

/**
 * Starts the World; resolves when it listens.
 * @param scripts by session; sessions that are not named play the first one
 * @param failed told when the World ends before it is ended
 * @throws TrialError when it does not start
 */
export async function startRigWorld(
  folder: string,
  scripts: Readonly<Record<string, SessionScript>>,
  watchdog: Watchdog,
  failed: (error: TrialError) => void,
): Promise<RigWorld> {
  const names = Object.keys(scripts);
  const world = ForkedProcess.start<ToWorld, FromWorld>({
    name: "World",
    module: entryPoint(import.meta.url, "../world/main"),
    logFile: join(folder, "world.log"),
  });
  watchdog.watchGroup(world.pid);
  let ending = false;
  const end = async (): Promise<void> => {
    ending = true;
    await world.stop();
    watchdog.forgetGroup(world.pid);
  };
  void world.exited.then(() => {
    if (!ending) failed(new TrialError("The World process ended in the middle of the test."));
  });
  const historyFile = join(folder, HISTORY_FILES.world);
  world.send({
    type: "settings",
    seed: SEED,
    scenario: { cohorts: Object.fromEntries(Object.entries(scripts).map(([name, of]) => [name, cohortOf(of)])) },
    sessions: Object.fromEntries(names.map((name) => [name, name])),
    defaultCohort: names[0] ?? "",
    memoryMb: MEMORY_MB,
    zeroMs: monotonicMs(),
    historyFile,
    histogramFile: null,
    port: 0,
  });
  try {
    const { port } = await world.next("listening", LISTENING_WITHIN_MS);
    return { port, historyFile, end };
  } catch (error) {
    await end();
    throw error;
  }
}
