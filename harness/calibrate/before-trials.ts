/** The calibration of a campaign: right before its trials, and again before those that are left when it is resumed. */
import type { BenchWatcher } from "../bench.ts";
import { type CalibrationRun, calibrationSentence } from "../calibration.ts";
import type { Campaign } from "../recordings.ts";
import { calibrate } from "./calibrate.ts";
import type { CalibrationSite } from "./measure.ts";

/** Keeps a calibration beside those before it, and tells what it found. */
export function keepCalibration(
  run: CalibrationRun,
  campaign: Pick<Campaign, "calibrations" | "write">,
  watch: Pick<BenchWatcher, "note">,
): void {
  campaign.write("calibration.json", [...campaign.calibrations, run]);
  watch.note(calibrationSentence(run));
}

/**
 * Runs the short form. One that fails is told and stops nothing: the report says so first.
 * @throws Stopped when the signal said so
 */
export async function calibrateBefore(
  beforeTrial: string,
  campaign: Campaign,
  site: CalibrationSite,
  watch: Pick<BenchWatcher, "note">,
): Promise<void> {
  watch.note("Calibrating: the driver against servers with known answers, about 10 s.");
  keepCalibration(await calibrate(site, { full: false, beforeTrial }), campaign, watch);
}
