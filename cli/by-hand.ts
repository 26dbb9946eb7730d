/**
 * A World for one person instead of a trial: no plan, no faults, the everyday script for whatever session asks.
 * Starts it in its own process under the watchdog and ends it for sure; what is done with it is left to `world` and `chat`.
 */
import { join } from "node:path";
import { monotonicMs } from "../harness/clock.ts";
import { HISTORY_FILES } from "../harness/history.ts";
import { entryPoint } from "../harness/processes/entry.ts";
import { ForkedProcess } from "../harness/processes/fork.ts";
import { Watchdog } from "../harness/processes/watchdog.ts";
import { constant, fnv1a32 } from "../harness/random.ts";
import type { Cohort } from "../harness/scenario.ts";
import type { FromWorld, ToWorld } from "../harness/world/protocol.ts";
import { chat } from "../scenarios/scripts/chat.ts";

const LISTENING_WITHIN_MS = 10_000;

/** One cohort for every session that turns up. */
const BY_HAND: Cohort = {
  sessions: 1,
  turns: 10_000,
  thinkMs: constant(0),
  script: chat,
  client: { timeoutMs: 60_000, deadlineMs: 60_000, retry: "never" },
};

export interface WorldByHand {
  readonly port: number;
  readonly seed: number;
  readonly watchdog: Watchdog;
  /** Temporary; gone after `stop`. */
  readonly folder: string;
  /** What the World sees is appended here. */
  readonly historyFile: string;
  stop(): Promise<void>;
}

/**
 * Starts a World.
 * @param port 0 takes any
 * @param memoryMb MEMORY_MB of the runtime that will ask, of which scripts take shares
 */
export async function startWorld(port: number, seed: string, memoryMb: number): Promise<WorldByHand> {
  const watchdog = await Watchdog.start();
  try {
    const folder = watchdog.createDirectory().path;
    const historyFile = join(folder, HISTORY_FILES.world);
    const world = ForkedProcess.start<ToWorld, FromWorld>({
      name: "World",
      module: entryPoint(import.meta.url, "../harness/world/main"),
      logFile: join(folder, "world.log"),
    });
    watchdog.watchGroup(world.pid);
    world.send({
      type: "settings",
      seed: fnv1a32(seed),
      scenario: { cohorts: { hand: BY_HAND } },
      sessions: {},
      defaultCohort: "hand",
      memoryMb,
      zeroMs: monotonicMs(),
      historyFile,
      histogramFile: null,
      port,
    });
    const listening = await world.next("listening", LISTENING_WITHIN_MS);
    const stop = async (): Promise<void> => {
      await world.stop();
      await watchdog.stop();
    };
    return { port: listening.port, seed: fnv1a32(seed), watchdog, folder, historyFile, stop };
  } catch (error) {
    await watchdog.stop();
    throw error;
  }
}
