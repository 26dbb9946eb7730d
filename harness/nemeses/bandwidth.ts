/** bandwidth: one path lets at most `bytesPerSecond` through in each direction, all its connections together. */
import { TrialError } from "../errors.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import { disturb, FOR_MS, inMs, needsItsPath, PATH, pathOf, undisturbed } from "./path-fault.ts";
import { settingsOf } from "./settings.ts";

/** What the probe sends takes so long at the limit, if it has the path for itself. */
const PROBE_MS = 400;
const PROBE_BYTES = { least: 100, most: 2 ** 20 };
const WITHIN_MS = 3_000;
/** The last piece of the way back comes a timer's width early or late. */
const TOLERANCE = 1.1;

const SETTINGS = {
  path: PATH,
  bytesPerSecond: { about: "bytes a second and direction", default: 10_000, least: 100, most: 10_000_000 },
  forMs: FOR_MS,
} as const;

export const bandwidth = {
  about: "one path lets only so many bytes a second through in each direction",
  provedBy: "what a probe gets through the proxy is measured, and is at most that",
  settings: SETTINGS,
  needs: needsItsPath,
  async inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const { bytesPerSecond, forMs } = settingsOf(SETTINGS, fault);
    const wanted = Math.round((bytesPerSecond * PROBE_MS) / 1000);
    const bytes = Math.min(PROBE_BYTES.most, Math.max(PROBE_BYTES.least, wanted));
    const path = await undisturbed(target, pathOf(fault), bytes);
    return disturb(path, { bytesPerSecond }, forMs, async () => {
      const seen = await path.proxy.probe({ bytes, withinMs: WITHIN_MS });
      const tookMs = seen.how === "answered" ? seen.ms : WITHIN_MS;
      const most = ((bytesPerSecond * tookMs) / 1000) * TOLERANCE;
      if (seen.how === "reset" || seen.bytes > most)
        throw new TrialError(
          `${seen.bytes} bytes came through the path "${path.name}" in ${inMs(tookMs)} (${seen.how}); at most ${Math.round(most)} were to.`,
        );
      return `${seen.bytes} of ${bytes} bytes came through the proxy on the path "${path.name}" in ${inMs(tookMs)}; all of them took ${inMs(path.usualMs)} before.`;
    });
  },
} satisfies Nemesis;
