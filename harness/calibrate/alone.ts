/** A calibration by itself, without a campaign around it. */
import type { CalibrationRun } from "../calibration.ts";
import { pinProcess, planCores } from "../processes/cores.ts";
import { sweep } from "../processes/remains.ts";
import { Watchdog } from "../processes/watchdog.ts";
import { calibrate } from "./calibrate.ts";

/**
 * Calibrates this machine with cores kept apart where that is possible. Leaves nothing running, and this process pinned.
 * @throws Stopped when the signal said so
 */
export async function calibrateAlone(full: boolean, signal: AbortSignal): Promise<CalibrationRun> {
  await sweep();
  const cores = planCores();
  if (cores !== null) pinProcess(cores.harness);
  const watchdog = await Watchdog.start();
  try {
    return await calibrate({ cores, watchdog, signal }, { full, beforeTrial: null });
  } finally {
    await watchdog.stop();
  }
}
